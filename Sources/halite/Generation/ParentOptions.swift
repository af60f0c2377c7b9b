import Rocksalts
import Structures

/// The options that say which lattice is ordered, and with which species.
enum ParentOptions {
  static let parent = Option<String>(
    "parent", placeholder: "NAME|FILE", default: "rocksalt",
    help: "rocksalt (fcc cations with anions), fcc, bcc, sc, hcp, or a file with one structure")
  static let species = Option<[String]>(
    list: "species", placeholder: "El", help: "what the sites of a named parent may hold; Va is an empty site")
  static let anions = Option<[String]>(
    list: "anions", placeholder: "El", default: ["O"],
    help: "what the anion sites of rocksalt hold; several are ordered too")
  static let mix = Option<[String]>(
    repeated: "mix", placeholder: "El=FORMULA",
    help: "for a parent file: what the sites of an element may hold, as Fe=NiMn or Li=LiVa")
  static let edge = Option<Double?>(
    "lattice-parameter", unit: "Å",
    help: "edge of the cube of a named parent (hcp: a); from ionic radii where it is not given")

  static let all: [any OptionDeclaration] = [parent, species, anions, mix, edge]

  /// What --lattice-parameter says, Å; nil where it is not given.
  /// - Throws: `InputError` (usage) for what is no length of a cell.
  static func edge(_ arguments: ParsedArguments) throws -> Double? {
    guard let edge = arguments[edge] else { return nil }
    guard edge >= 1, edge <= 100 else {
      throw usageError("option --lattice-parameter: expected 1 to 100 Å, found \(edge.argument)")
    }
    return edge
  }

  /// The lattice parameter of a composition from radii, Å.
  /// - Throws: `InputError` that names --lattice-parameter as the way out.
  static func edge(
    of kind: StandardParent, _ amounts: [(element: ChemicalElement, amount: Double)], remedy: String? = nil
  ) throws -> Double {
    do {
      return try kind.edge(amounts)
    } catch var error as InputError {
      error.remedy = ["give --lattice-parameter", remedy].compactMap { $0 }.joined(separator: ", ")
      throw error
    }
  }
}

/// The lattice that a command orders, and how large it is.
struct ChosenParent {
  var lattice: ParentLattice
  /// "rocksalt" or the file.
  var name: String
  /// Å for each unit of the lattice; nil: from the radii of each composition.
  private var edge: Double?
  private let kind: StandardParent?
  /// Tells parent files of one name apart; empty for named parents.
  private(set) var identity = ""

  /// - Throws: `InputError` for unknown species or parents, and where there is nothing to order.
  init(_ arguments: ParsedArguments, defaultSpecies: [Species] = []) throws {
    name = arguments[ParentOptions.parent]
    edge = try ParentOptions.edge(arguments)
    kind = StandardParent(rawValue: name)
    guard let kind else {
      let file = try ParentFile(arguments)
      if edge != nil || arguments.isGiven(ParentOptions.species) {
        throw usageError("--species and --lattice-parameter are for named parents", remedy: "name sites with --mix")
      }
      lattice = try file.orderedLattice()
      identity = " (parent \(FrameIdentity.exact(file.structure, Labels()).prefix(12)))"
      edge = 1
      return
    }
    guard arguments[ParentOptions.mix].isEmpty else {
      throw usageError("--mix is for parent files", remedy: "name what \(name) may hold with --species")
    }
    var species = try read(arguments[ParentOptions.species], option: "species")
    if species.isEmpty { species = defaultSpecies }
    guard species.count > 1 else {
      throw usageError("option --species: expected two or more species", remedy: "as --species Li,Mn")
    }
    let anions = try read(arguments[ParentOptions.anions], option: "anions")
    if kind != .rocksalt, arguments.isGiven(ParentOptions.anions) {
      throw usageError("--anions is for the parent rocksalt")
    }
    if let both = species.first(where: { kind == .rocksalt && anions.contains($0) && $0 != .vacancy }) {
      throw usageError("\(both) is among --species and --anions")
    }
    lattice = try kind.parent(species: species, anions: anions)
  }

  /// The parent and its species in the words of a recipe.
  func recipe(_ arguments: ParsedArguments) -> String {
    var words = [name, lattice.species.map(\.description).joined(separator: ",")]
    if kind == .rocksalt { words.append("anions " + arguments[ParentOptions.anions].joined(separator: ",")) }
    words += arguments[ParentOptions.mix].map { "mix " + $0 }
    if let edge = arguments[ParentOptions.edge] { words.append("lattice-parameter \(edge.argument)") }
    return words.joined(separator: " ")
  }

  /// Å for each unit of the lattice, for what the ordered sites hold.
  /// - Throws: `InputError` where radii or charges give none.
  func scale(_ totals: [Int], cells: Int) throws -> Double {
    guard edge == nil, let kind else { return edge ?? 1 }
    var amounts = zip(lattice.species, totals).compactMap { species, count in
      count > 0 ? species.element.map { (element: $0, amount: Double(count)) } : nil
    }
    for spectator in lattice.spectators { amounts.append((spectator.element, Double(cells))) }
    return try ParentOptions.edge(of: kind, amounts, remedy: "or --balanced to leave such compositions out")
  }
}

private func read(_ names: [String], option: String) throws -> [Species] {
  let species = try names.map { name in
    guard let species = Species(name) else {
      throw usageError("option --\(option): `\(name)` is no element", remedy: "Va is an empty site")
    }
    return species
  }
  guard Set(species).count == species.count else { throw usageError("option --\(option) names a species twice") }
  return species
}

/// `4` or `2-10`.
struct NumberRange: ArgumentValue {
  static let expectation = "a number from 1 or a range (`4`, `2-10`)"
  static let placeholder = "N|A-B"

  var lower: Int
  var upper: Int

  init?(argument: String) {
    let parts = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(parts.count), let first = parts.first ?? nil, let last = parts.last ?? nil,
      first >= 1, first <= last
    else { return nil }
    (lower, upper) = (first, last)
  }

  var argument: String { lower == upper ? String(lower) : "\(lower)-\(upper)" }
  var numbers: [Int] { Array(lower...upper) }
}

/// `0.5` or `0-0.3`: numbers from 0.
struct FractionRange: ArgumentValue {
  static let expectation = "a number from 0 or a range (`0.5`, `0-0.3`)"
  static let placeholder = "X|A-B"

  var range: ClosedRange<Double>

  init?(argument: String) {
    let parts = argument.split(separator: "-", omittingEmptySubsequences: false).map { Double($0) }
    guard (1...2).contains(parts.count), let first = parts.first ?? nil, let last = parts.last ?? nil,
      first >= 0, first <= last, last.isFinite
    else { return nil }
    range = first...last
  }

  var argument: String { "\(range.lowerBound.argument)-\(range.upperBound.argument)" }
}
