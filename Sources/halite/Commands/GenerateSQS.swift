import Formats
import Foundation
import Rocksalts
import Structures

/// `halite generate sqs FORMULA --sites N -o FILE`: a special quasirandom structure.
enum GenerateSQSCommand: Command {
  static let name = "generate sqs"
  static let summary = "a special quasirandom structure: a small cell with the correlations of a random mixture"
  static let discussion = """
    halite generate sqs Li1.2Mn0.4Ti0.4O2 --sites 40 -o sqs.vasp
    halite generate sqs Li1.25Mn0.75O1.75F0.25 --sites 32 --time 60 -o sqs.extxyz
    halite generate sqs AuPd --parent fcc --sites 8 -o sqs.vasp
    halite generate sqs --parent NaFeO2.vasp --mix Fe=NiMnCo --supercell 3x3x1 -o sqs.vasp

    On the parent rocksalt N, O, F, S, Cl and their like take the anion sites, everything else (and Va, an empty site) the
    cation sites; both sublattices are mixed at once. Another parent is fcc, bcc, sc or a file with --mix.

    The objective is the sum over all shells of |correlation − random one|, minus the distance (in nearest-neighbour
    distances) up to which all pairs match exactly; 0 deviation is perfect. It is printed shell by shell. The best
    structure so far is in the output file at any time. The search ends at --steps, --time, --target, or when nothing is
    left to improve; the same seed and steps give the same structure on any number of threads.
    """
  private static let formula = Positional("FORMULA", .optional, help: "what is mixed: Li1.2Mn0.4Ti0.4O2")
  private static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "file to write, of any format that is written")
  private static let parent = Option<String>(
    "parent", placeholder: "NAME|FILE", default: "rocksalt",
    help: "rocksalt, fcc, bcc, sc, or a file with one structure")
  private static let mix = Option<[String]>(
    repeated: "mix", placeholder: "El=FORMULA", help: "for a parent file: what shares the sites of an element")
  private static let edge = Option<Double>(
    "lattice-parameter", unit: "Å", default: 4.2, help: "edge of the cube of a named parent")
  private static let sites = Option<Int?>(
    "sites", help: "parent cells in the supercell, whose shape is searched: cation sites of a rocksalt")
  private static let supercell = Option<String?>(
    "supercell", placeholder: "AxBxC",
    help: "this supercell instead: of cubes for a named parent, else of the parent's cells")
  private static let aspect = Option<Double>(
    "max-aspect", default: 2.5, help: "longest over shortest vector of a searched shape, at most")
  private static let pairs = Option<Double?>(
    "pair-cutoff", unit: "Å", help: "pairs up to here; 2.27 nearest-neighbour distances where it is not given")
  private static let triplets = Option<Double?>(
    "triplet-cutoff", unit: "Å", help: "triplets up to here, 0 for none; 1.5 such distances where it is not given")
  private static let pairWeight = Option<Double>("pair-weight", default: 1, help: "weight of the pairs' deviations")
  private static let tripletWeight = Option<Double>(
    "triplet-weight", default: 1, help: "weight of the triplets' deviations")
  private static let lengthWeight = Option<Double>(
    "length-weight", default: 1, help: "worth of a nearest-neighbour distance of matched pairs")
  private static let steps = Option<Int>("steps", default: 4_000_000, help: "exchanges to try")
  private static let time = Option<Double?>(
    "time", unit: "s", help: "stop after this; the result then depends on the machine")
  private static let target = Option<Double?>("target", help: "stop at an objective of at most this")
  private static let seed = Option<UInt64>("seed", default: 1, help: "seed of all random choices")

  static let positionals = [formula]
  static let options: [any OptionDeclaration] = [
    output, parent, mix, edge, sites, supercell, aspect, pairs, triplets, pairWeight, tripletWeight, lengthWeight,
    steps,
    time, target, seed, threadsOption,
  ]

  private struct Result: Encodable {
    var output: String
    var formula: String
    var atoms: Int
    var objective: Double
    var deviation: Double
    var matched_distance: Double
    var stop: QuasirandomStop
    var steps: Int
    var shapes: Int
    var seed: UInt64
    var seconds: Double
    var supercell: [[Int]]
    var shells: [ShellCorrelations]
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let start = ProcessInfo.processInfo.systemUptime
    let path = arguments[output]
    guard !path.lowercased().hasSuffix(".d"), !path.lowercased().hasSuffix(".d/") else {
      throw usageError("option --output: expected a file, found the folder `\(path)`")
    }
    let isNamed = StandardMix(rawValue: arguments[parent]) != nil
    try DataFiles.requireWritable([path], inputs: isNamed ? [] : [arguments[parent]])
    let crystal = try crystal(arguments)
    let search = try QuasirandomSearch(
      crystal, supercells: supercells(arguments, isNamed: isNamed), settings: settings(arguments, crystal))
    Interruption.install()
    var best = Double.infinity
    let found = try search.run { result in
      best = result.objective
      try write(result, arguments)
    } progress: { steps in
      console.progress(
        "exchanges", min(steps, arguments[self.steps]), of: arguments[self.steps],
        detail: "objective " + decimal(best, 4))
      return !Interruption.requested
    }
    console.endProgress()
    let seconds = ProcessInfo.processInfo.systemUptime - start
    let result = Result(
      output: path, formula: found.structure.formula, atoms: found.structure.count, objective: found.objective,
      deviation: found.deviation, matched_distance: found.matchedDistance, stop: found.stop, steps: found.steps,
      shapes: found.shapes, seed: arguments[seed], seconds: seconds, supercell: found.supercell,
      shells: found.shells)
    try console.result(result, text: text(result), json: arguments.json)
  }

  private static func crystal(_ arguments: ParsedArguments) throws -> MixedCrystal {
    let text = arguments[formula].first
    guard let named = StandardMix(rawValue: arguments[parent]) else { return try fileCrystal(arguments) }
    guard arguments[mix].isEmpty else {
      throw usageError(
        "--mix belongs to a parent file", remedy: "give the formula: halite generate sqs Li1.2Mn0.8O2")
    }
    guard let text else { throw usageError("FORMULA is missing: what is mixed, as Li1.2Mn0.4Ti0.4O2") }
    let edge = arguments[self.edge]
    guard edge > 0 else { throw usageError("option --lattice-parameter: expected a number above 0, found \(edge)") }
    return try named.crystal(SpeciesAmount.parts(ofFormula: text), edge: edge)
  }

  private static func fileCrystal(_ arguments: ParsedArguments) throws -> MixedCrystal {
    let path = arguments[parent]
    if access(path, F_OK) != 0, !path.contains(where: { "./".contains($0) }) {
      let names = StandardMix.allCases.map(\.rawValue)
      throw usageError(
        "option --parent: `\(path)` is neither a parent (\(names.joined(separator: ", "))) nor a file",
        remedy: nearestName(to: path, among: names).map { "did you mean `\($0)`?" })
    }
    if let text = arguments[formula].first {
      throw usageError("`\(text)`: a parent file takes no formula", remedy: "say what is mixed: --mix Mn=\(text)")
    }
    let frames = try readFrames(path).frames
    guard frames.count == 1 else {
      throw InputError("a parent is one structure, found \(frames.count)", file: path)
    }
    var mixtures: [ChemicalElement: [SpeciesAmount]] = [:]
    for text in arguments[mix] {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let element = ChemicalElement(parts[0]) else {
        throw usageError("option --mix: expected as Mn=Ni0.5Mn0.5, found `\(text)`")
      }
      mixtures[element] = try SpeciesAmount.parts(ofFormula: parts[1])
    }
    do {
      return try MixedCrystal.structure(frames[0].structure, mixtures: mixtures)
    } catch let error as InputError {
      throw error.located(in: path)
    }
  }

  private static func supercells(_ arguments: ParsedArguments, isNamed: Bool) throws -> QuasirandomSupercells {
    guard let text = arguments[supercell] else {
      guard let count = arguments[sites] else {
        throw usageError("the size is missing", remedy: "give --sites 32 or --supercell 2x2x2")
      }
      guard count > 0 else { throw usageError("option --sites: expected 1 or more, found \(count)") }
      return .searched(index: count, aspect: arguments[aspect])
    }
    guard arguments[sites] == nil else { throw usageError("--sites and --supercell exclude each other") }
    let numbers = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 3, let a = numbers[0], let b = numbers[1], let c = numbers[2], min(a, b, c) > 0,
      max(a, b, c) <= 1000
    else {
      throw usageError("option --supercell: expected as 2x2x2, found `\(text)`")
    }
    let cube = isNamed ? StandardMix(rawValue: arguments[parent])?.cube ?? .identity : .identity
    return .given(cube * IntegerMatrix(rows: [a, 0, 0, 0, b, 0, 0, 0, c]))
  }

  private static func settings(_ arguments: ParsedArguments, _ crystal: MixedCrystal) throws -> QuasirandomSettings
  {
    let nearest = crystal.nearestMixedDistance ?? arguments[edge]
    var settings = QuasirandomSettings(
      pairCutoff: arguments[pairs] ?? 2.27 * nearest, tripletCutoff: arguments[triplets] ?? 1.5 * nearest)
    settings.pairWeight = arguments[pairWeight]
    settings.tripletWeight = arguments[tripletWeight]
    settings.lengthWeight = arguments[lengthWeight]
    settings.seed = arguments[seed]
    settings.steps = arguments[steps]
    settings.seconds = arguments[time]
    settings.target = arguments[target]
    settings.threads = try arguments.threads()
    // A time limit alone ends the search; a number of steps counts only where it was given, too.
    if arguments[time] != nil, !arguments.isGiven(steps) { settings.steps = .max }
    return settings
  }

  private static func write(_ result: QuasirandomResult, _ arguments: ParsedArguments) throws {
    let recipe = arguments[formula].first ?? arguments[mix].joined(separator: " ")
    var frame = LabeledStructure(structure: result.structure, labels: Labels(), configType: "sqs")
    frame.info = [
      InfoItem(key: "recipe", value: "generate sqs \(recipe) --parent \(arguments[parent])"),
      InfoItem(key: "seed", value: "\(arguments[seed])"), InfoItem(key: "steps", value: "\(result.steps)"),
      InfoItem(key: "objective", value: "\(result.objective)"),
      InfoItem(key: "deviation", value: "\(result.deviation)"),
    ]
    try writeFrames([frame], to: arguments[output])
  }

  private static func text(_ result: Result) -> String {
    let head = ["shell", "sites", "distances (Å)", "clusters", "largest |ΔΠ|", "Σ |ΔΠ|"]
    let rows = result.shells.enumerated().map { number, shell in
      let differences = zip(shell.values, shell.targets).map { abs($0 - $1) }
      return [
        "\(number + 1)", shell.sublattices.joined(separator: " "),
        shell.distances.map { decimal($0, 3) }.joined(separator: " "), "\(shell.multiplicity)",
        decimal(differences.max() ?? 0, 5), decimal(shell.deviation, 5),
      ]
    }
    return """
      \(alignedColumns([head] + rows, left: 3))
      objective \(decimal(result.objective, 5)) = deviation \(decimal(result.deviation, 5)) − reward of pairs matched up to \(decimal(result.matched_distance, 3)) nearest-neighbour distances
      \(result.formula) after \(counted(result.steps, "step")) in \(counted(result.shapes, "shape")), \(decimal(result.seconds, 1)) s, stopped by: \(result.stop.rawValue)
      written: \(result.output)
      """
  }
}

/// The parents that have a name.
private enum StandardMix: String, CaseIterable {
  case rocksalt, fcc, bcc, sc

  func crystal(_ parts: [SpeciesAmount], edge: Double) throws -> MixedCrystal {
    switch self {
    case .rocksalt: try .rocksalt(parts, edge: edge)
    case .fcc: .cubic(.fcc, parts, edge: edge)
    case .bcc: .cubic(.bcc, parts, edge: edge)
    case .sc: .cubic(.sc, parts, edge: edge)
    }
  }

  /// The cube in units of the primitive vectors, as columns.
  var cube: IntegerMatrix {
    switch self {
    case .rocksalt, .fcc: IntegerMatrix(rows: [-1, 1, 1, 1, -1, 1, 1, 1, -1])
    case .bcc: IntegerMatrix(rows: [0, 1, 1, 1, 0, 1, 1, 1, 0])
    case .sc: .identity
    }
  }
}

/// A number with so many places, "-0.00" as "0.00".
func decimal(_ value: Double, _ places: Int) -> String {
  guard value.isFinite else { return "–" }
  let text = String(format: "%.\(places)f", value)
  return text.allSatisfy { "-0.".contains($0) } ? String(text.drop { $0 == "-" }) : text
}
