import Reports
import Simulations

/// What voltages are measured against: always said by the user, never built in.
enum LithiumOptions {
  static let energy = Option<Double?>(
    "li-energy", unit: "eV/atom",
    help: "energy of metallic lithium by the calculation that made the labels (total energy, bcc)")
  static let source = Option<String?>(
    "li-source", placeholder: "TEXT", help: "where that number comes from; printed with every voltage")
  static let differences = Option(
    flag: "difference-only", help: "no comparable energy of lithium is known: report differences of voltages only")

  static let all: [any OptionDeclaration] = [energy, source, differences]
}

extension ParsedArguments {
  /// - Throws: `InputError` (usage) where there is neither a reference with its source nor `--difference-only`.
  func voltageReference() throws -> VoltageReport.Reference {
    let (energy, source) = (self[LithiumOptions.energy], self[LithiumOptions.source])
    guard let energy else {
      if source != nil { throw usageError("--li-source without --li-energy", remedy: "give both") }
      guard self[LithiumOptions.differences] else {
        throw usageError(
          "a voltage needs the energy of metallic lithium by the same calculation, which Halite cannot know",
          remedy: "give --li-energy and --li-source, or --difference-only")
      }
      return .differencesOnly(nil)
    }
    guard let source, !source.allSatisfy(\.isWhitespace) else {
      throw usageError(
        "--li-energy \(energy) needs its source", remedy: "give --li-source, as 'bcc Li, PBE, Li_sv, 520 eV'")
    }
    let lithium = LithiumReference(energy: energy, source: source)
    return self[LithiumOptions.differences] ? .differencesOnly(lithium) : .lithium(lithium)
  }
}
