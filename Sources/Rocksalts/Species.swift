import Structures

/// What a site may hold: an element or nothing.
public enum Species: Hashable, Sendable, Comparable, CustomStringConvertible {
  case element(ChemicalElement)
  case vacancy

  /// "Li", or "Va" (also "Vac", "vacancy") for an empty site; nil for anything else.
  public init?(_ symbol: some StringProtocol) {
    if ["Va", "Vac", "vacancy"].contains(String(symbol)) {
      self = .vacancy
    } else if let element = ChemicalElement(symbol) {
      self = .element(element)
    } else {
      return nil
    }
  }

  public var element: ChemicalElement? {
    if case .element(let element) = self { element } else { nil }
  }

  public var description: String { element?.symbol ?? "Va" }

  public static func < (a: Species, b: Species) -> Bool {
    (a.element?.atomicNumber ?? 999) < (b.element?.atomicNumber ?? 999)
  }

  /// Reads "Li9Mn5Va4" or "Li1.2Mn0.4Ti0.4O2": species with their amounts, 1 where none is written.
  ///
  /// - Throws: `InputError` (usage) that names the part which is no species.
  public static func amounts(formula: String) throws -> [SpeciesAmount] {
    var rest = formula[...]
    var result: [SpeciesAmount] = []
    while let first = rest.first {
      let letters = rest.dropFirst().prefix { $0.isLetter && $0.isLowercase }
      let name = String(first) + letters
      rest = rest.dropFirst(name.count)
      guard let species = Species(name) else {
        throw InputError(
          "`\(name)` in the composition `\(formula)` is no element",
          remedy: "write it as Li9Mn5Va4, Va for empty sites",
          isUsage: true)
      }
      let digits = rest.prefix { $0.isNumber || $0 == "." }
      rest = rest.dropFirst(digits.count)
      guard let amount = digits.isEmpty ? 1 : Double(digits), amount.isFinite, amount > 0 else {
        throw InputError(
          "`\(digits)` behind \(name) in the composition `\(formula)` is no amount above 0", isUsage: true)
      }
      guard !result.contains(where: { $0.species == species }) else {
        throw InputError("\(name) stands twice in the composition `\(formula)`", isUsage: true)
      }
      result.append(SpeciesAmount(species, amount))
    }
    guard !result.isEmpty else { throw InputError("the composition is empty", isUsage: true) }
    return result
  }
}

/// A species and how much of it: a fraction, a number, or a part of a formula.
public struct SpeciesAmount: Hashable, Sendable {
  public var species: Species
  public var amount: Double

  public init(_ species: Species, _ amount: Double) {
    self.species = species
    self.amount = amount
  }
}
