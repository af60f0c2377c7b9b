import Formats
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
}

/// The lattice that a command orders, and how large it is.
struct ChosenParent {
  var lattice: ParentLattice
  /// "rocksalt" or the file.
  var name: String
  /// Å for each unit of the lattice; nil: from the ionic radii of each composition.
  private var edge: Double?
  private let kind: StandardParent?

  /// - Throws: `InputError` for unknown species or parents, and where there is nothing to order.
  init(_ arguments: ParsedArguments, defaultSpecies: [Species] = []) throws {
    name = arguments[ParentOptions.parent]
    edge = arguments[ParentOptions.edge]
    if let edge, edge < 1 || edge > 100 {
      throw usageError("option --lattice-parameter: expected 1 to 100 Å, found \(edge.argument)")
    }
    kind = StandardParent(rawValue: name)
    guard let kind else {
      lattice = try Self.parent(ofFile: name, mixes: arguments[ParentOptions.mix])
      if edge != nil || arguments.isGiven(ParentOptions.species) {
        throw usageError("--species and --lattice-parameter are for named parents", remedy: "name sites with --mix")
      }
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

  /// Å for each unit of the lattice, for what the ordered sites hold.
  /// - Throws: `InputError` where radii or charges give none.
  func scale(_ totals: [Int], cells: Int) throws -> Double {
    if let edge { return edge }
    var amounts = zip(lattice.species, totals).compactMap { species, count in
      count > 0 ? species.element.map { ($0, Double(count)) } : nil
    }
    for spectator in lattice.spectators { amounts.append((spectator.element, Double(cells))) }
    if kind == .rocksalt {
      do {
        return try ChargeBalance.rocksaltEdge(amounts)
      } catch var error as InputError {
        error.remedy = "give --lattice-parameter, or --balanced to leave such compositions out"
        throw error
      }
    }
    // Without anions: touching atoms of the mean covalent radius.
    let radii = amounts.map { ($0.0.covalentRadius ?? 1.5) * $0.1 }
    let diameter = 2 * radii.reduce(0, +) / max(1, amounts.reduce(0) { $0 + $1.1 })
    switch kind {
    case .fcc: return diameter * 2.0.squareRoot()
    case .bcc: return diameter * 2 / 3.0.squareRoot()
    default: return diameter
    }
  }

  private static func parent(ofFile path: String, mixes: [String]) throws -> ParentLattice {
    guard !path.contains(where: { $0 == "," }), StandardParent(rawValue: path.lowercased()) == nil else {
      throw unknown(path)
    }
    let file: FrameFile
    do {
      file = try readFrames(path)
    } catch let error as InputError {
      if nearestName(to: path, among: StandardParent.allCases.map(\.rawValue)) != nil { throw unknown(path) }
      throw error
    }
    guard file.frames.count == 1, let structure = file.frames.first?.structure, let lattice = structure.lattice
    else {
      throw InputError(
        "a parent file holds one structure with a lattice, found \(file.frames.count) frames", file: path)
    }
    var allowed: [ChemicalElement: [Species]] = [:]
    for text in mixes {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let element = ChemicalElement(parts[0]) else {
        throw usageError("option --mix: expected El=FORMULA, found `\(text)`")
      }
      guard structure.elements.contains(element) else {
        throw usageError("option --mix: \(path) has no \(element)")
      }
      allowed[element] = try Species.amounts(formula: parts[1]).map(\.species)
    }
    guard !allowed.isEmpty else {
      throw usageError("a parent file needs --mix El=FORMULA", remedy: "as --mix Fe=NiMn")
    }
    return try ParentLattice(
      lattice: lattice,
      sites: zip(structure.positions, structure.elements).map { position, element in
        ParentLattice.Site(lattice.fractional(position), allowed[element] ?? [.element(element)])
      })
  }

  private static func unknown(_ name: String) -> InputError {
    let near = nearestName(to: name, among: StandardParent.allCases.map(\.rawValue))
    return usageError(
      "option --parent: `\(name)` is neither a file nor one of "
        + StandardParent.allCases.map(\.rawValue).joined(separator: ", "),
      remedy: near.map { "did you mean `\($0)`?" })
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
