import Rocksalts
import Structures

/// The options that say which compositions of a parent are wanted.
enum CompositionOptions {
  static let composition = Option<String?>(
    "composition", placeholder: "FORMULA", help: "only this ratio, as Li9Mn5Ti4 (fixed anions may be left out)")
  static let fraction = Option<[String]>(
    repeated: "fraction", placeholder: "El=A-B",
    help: "range of an element's part of the ordered sites, as Li=0.5-0.6")
  static let incomplete = Option(flag: "incomplete", help: "also what lacks a species")
  static let balanced = Option(
    flag: "balanced", help: "only compositions that are neutral with whole oxidation states")

  /// - Throws: `InputError` (usage) for an aspect ratio that no cell has.
  static func requirePossible(aspect: Double?) throws {
    guard let aspect, aspect < 1 else { return }
    throw usageError("option --max-aspect: expected 1 or above, found \(aspect.argument)")
  }

  static let all: [any OptionDeclaration] = [composition, fraction, incomplete, balanced]

  /// - Throws: `InputError` (usage) for what is no composition of the parent.
  static func limits(_ arguments: ParsedArguments, _ parent: ChosenParent) throws -> CompositionLimits {
    let lattice = parent.lattice
    var limits = CompositionLimits(allowsIncomplete: arguments[incomplete])
    if let formula = arguments[composition] { limits.ratio = try ratio(formula, lattice) }
    for text in arguments[fraction] {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let species = Species(parts[0]), let range = FractionRange(argument: parts[1]) else {
        throw usageError("option --fraction: expected El=A-B as Li=0.5-0.6, found `\(text)`")
      }
      guard range.range.lowerBound <= 1 else {
        throw usageError("option --fraction: expected parts of the sites from 0 to 1, found `\(text)`")
      }
      guard let index = lattice.species.firstIndex(of: species) else {
        throw usageError("option --fraction: \(species) is not among \(list(lattice.species))")
      }
      limits.fractions[index] = range.range
    }
    if arguments[balanced] { limits.condition = neutral(lattice) }
    return limits
  }

  /// The choice in the words of a recipe.
  static func recipe(_ arguments: ParsedArguments) -> [String] {
    var words: [String] = []
    if let formula = arguments[composition] { words.append("composition " + formula) }
    words += arguments[fraction].map { "fraction " + $0 }
    for flag in [incomplete, balanced] where arguments[flag] { words.append(flag.name) }
    return words
  }

  /// Amounts of the ordered species; elements that are everywhere the same may be named if their share is right.
  private static func ratio(_ formula: String, _ lattice: ParentLattice) throws -> [Double] {
    var amounts = [Double](repeating: 0, count: lattice.species.count)
    var fixed: [(element: ChemicalElement, amount: Double)] = []
    for part in try Species.amounts(formula: formula) {
      let (species, amount) = (part.species, part.amount)
      if let index = lattice.species.firstIndex(of: species) {
        amounts[index] = amount
      } else if let element = species.element, lattice.spectators.contains(where: { $0.element == element }) {
        fixed.append((element, amount))
      } else {
        throw usageError(
          "option --composition: \(species) in \(formula) is not among \(list(lattice.species))",
          remedy: "name it with --species")
      }
    }
    let sum = amounts.reduce(0, +)
    guard sum > 0 else {
      throw usageError("option --composition: \(formula) names none of \(list(lattice.species))")
    }
    for (element, amount) in fixed {
      let share = Double(lattice.spectators.count { $0.element == element }) / Double(lattice.orderedSites.count)
      guard abs(amount - share * sum) < 1e-6 * sum else {
        throw usageError(
          "option --composition: \(formula) has \(amount.argument) \(element), the lattice \((share * sum).argument)"
        )
      }
    }
    return amounts
  }

  private static func neutral(_ lattice: ParentLattice) -> @Sendable ([Int]) -> Bool {
    let species = lattice.species
    let sites = lattice.orderedSites.count
    let fixed = lattice.spectators.map(\.element)
    return { totals in
      let cells = Double(totals.reduce(0, +)) / Double(sites)
      let own = zip(species, totals).compactMap { s, n in n > 0 ? s.element.map { ($0, Double(n)) } : nil }
      let states = try? ChargeBalance.assignments(own + fixed.map { ($0, cells) }, tolerance: 1e-9)
      return states?.contains { Set($0.map(\.element)).count == $0.count } ?? false
    }
  }

  private static func list(_ species: [Species]) -> String { species.map(\.description).joined(separator: ", ") }
}
