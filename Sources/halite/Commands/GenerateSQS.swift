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
    left to improve; the same seed and steps give the same structure on any number of threads. A search that was
    interrupted, or ended by --time, goes on with the same call: OUT.search.json holds how far it came.
    """
  private static let formula = Positional("FORMULA", .optional, help: "what is mixed: Li1.2Mn0.4Ti0.4O2")
  private static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "file to write, of any format that is written")
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
    output, ParentOptions.parent, ParentOptions.mix, ParentOptions.edge, sites, supercell, aspect, pairs, triplets,
    pairWeight, tripletWeight, lengthWeight,
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
    /// What the objective would be if every correlation were that of the random mixture.
    var perfect_objective: Double
    var stop: QuasirandomStop
    var steps: Int
    var shapes: Int
    var seed: UInt64
    var seconds: Double
    /// The file from which the same call goes on, where it would.
    var goes_on_from: String?
    var supercell: [[Int]]
    var shells: [ShellCorrelations]
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let start = ProcessInfo.processInfo.systemUptime
    let path = arguments[output]
    guard !path.lowercased().hasSuffix(".d"), !path.lowercased().hasSuffix(".d/") else {
      throw usageError("option --output: expected a file, found the folder `\(path)`")
    }
    let named = StandardParent(rawValue: arguments[ParentOptions.parent])
    try DataFiles.requireWritable([path], inputs: named == nil ? [arguments[ParentOptions.parent]] : [])
    let crystal = try crystal(arguments, named)
    let settings = try settings(arguments, crystal)
    let search = try QuasirandomSearch(
      crystal, supercells: supercells(arguments, named), settings: settings)
    let saved = try SavedSearch(output: path, call: call(arguments, crystal, settings))
    if let resumed = saved.resumed {
      console.note("goes on after \(counted(resumed.steps, "step")): \(saved.path)")
    }
    Interruption.install()
    var best = Double.infinity
    let found = try search.run(from: saved.resumed) { result in
      best = result.objective
      try write(result, arguments)
    } afterRound: { round in
      try saved.take(round)
      console.progress(
        "exchanges", min(round.steps, settings.steps), of: settings.steps, detail: "objective " + decimal(best, 4))
      return !Interruption.requested
    }
    console.endProgress()
    let goesOn = try saved.finish(found.stop)
    let result = Result(
      output: path, formula: found.structure.formula, atoms: found.structure.count, objective: found.objective,
      deviation: found.deviation, matched_distance: found.matchedDistance, perfect_objective: search.floor,
      stop: found.stop, steps: found.steps, shapes: found.shapes, seed: arguments[seed],
      seconds: ProcessInfo.processInfo.systemUptime - start, goes_on_from: goesOn ? saved.path : nil,
      supercell: found.supercell, shells: found.shells)
    try console.result(result, text: text(result, settings), json: arguments.json)
  }

  private static func crystal(_ arguments: ParsedArguments, _ named: StandardParent?) throws -> MixedCrystal {
    let text = arguments[formula].first
    guard let named else {
      try ParentFile.requireFile(arguments)
      if let text {
        throw usageError(
          "`\(text)`: a parent file takes no formula", remedy: "say what is mixed: --mix Mn=\(text)")
      }
      if arguments[ParentOptions.edge] != nil { throw usageError("--lattice-parameter is for named parents") }
      return try ParentFile(arguments).mixedCrystal()
    }
    guard arguments[ParentOptions.mix].isEmpty else {
      throw usageError(
        "--mix belongs to a parent file", remedy: "give the formula: halite generate sqs Li1.2Mn0.8O2")
    }
    guard let text else { throw usageError("FORMULA is missing: what is mixed, as Li1.2Mn0.4Ti0.4O2") }
    let parts = try Species.amounts(formula: text)
    let given = try ParentOptions.edge(arguments)
    // What is wrong with the mixture comes before what its radii lack.
    try MixedCrystal(named, parts, edge: 1).requireMixed()
    let amounts = parts.compactMap { part in part.species.element.map { ($0, part.amount) } }
    return try MixedCrystal(named, parts, edge: given ?? ParentOptions.edge(of: named, amounts))
  }

  /// What decides the course of the search; with `steps`, `time` and `target` it may end anywhere.
  private static func call(
    _ arguments: ParsedArguments, _ crystal: MixedCrystal, _ settings: QuasirandomSettings
  ) -> String {
    var words = [subject(arguments)]
    words.append(
      "--pair-cutoff \(settings.pairCutoff.argument) --triplet-cutoff \(settings.tripletCutoff.argument)")
    words.append(
      "--pair-weight \(settings.pairWeight.argument) --triplet-weight \(settings.tripletWeight.argument) "
        + "--length-weight \(settings.lengthWeight.argument) --seed \(settings.seed)")
    let volume = crystal.lattice.volume
    return words.joined(separator: " ") + " (\(crystal.positions.count) sites in \(volume.argument) Å³)"
  }

  private static func supercells(_ arguments: ParsedArguments, _ named: StandardParent?) throws
    -> QuasirandomSupercells
  {
    guard let text = arguments[supercell] else {
      guard let count = arguments[sites] else {
        throw usageError("the size is missing", remedy: "give --sites 32 or --supercell 2x2x2")
      }
      guard count > 0 else { throw usageError("option --sites: expected 1 or more, found \(count)") }
      try CompositionOptions.requirePossible(aspect: arguments[aspect])
      return .searched(index: count, aspect: arguments[aspect])
    }
    guard arguments[sites] == nil else { throw usageError("--sites and --supercell exclude each other") }
    let numbers = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 3, let a = numbers[0], let b = numbers[1], let c = numbers[2], min(a, b, c) > 0,
      max(a, b, c) <= 1000
    else {
      throw usageError("option --supercell: expected as 2x2x2, found `\(text)`")
    }
    return .given((named?.cube ?? .identity) * IntegerMatrix(rows: [a, 0, 0, 0, b, 0, 0, 0, c]))
  }

  private static func settings(_ arguments: ParsedArguments, _ crystal: MixedCrystal) throws -> QuasirandomSettings
  {
    let nearest = crystal.nearestMixedDistance ?? 1
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

  /// What is mixed, and how large the cell is.
  private static func subject(_ arguments: ParsedArguments) -> String {
    let mixed = arguments[formula].first ?? arguments[ParentOptions.mix].joined(separator: " ")
    let size =
      arguments[supercell].map { "--supercell " + $0 }
      ?? "--sites \(arguments[sites] ?? 0) --max-aspect \(arguments[aspect].argument)"
    return "\(mixed) --parent \(arguments[ParentOptions.parent]) \(size)"
  }

  /// The call without what only says when to stop.
  private static func recipe(_ arguments: ParsedArguments) -> String {
    let given = [ParentOptions.edge, pairs, triplets].compactMap { option in
      arguments[option].map { " --\(option.name) \($0.argument)" }
    }
    let weights = [pairWeight, tripletWeight, lengthWeight].filter { arguments.isGiven($0) }.map { option in
      " --\(option.name) \(arguments[option].argument)"
    }
    return "generate sqs " + subject(arguments) + (given + weights).joined()
  }

  private static func write(_ result: QuasirandomResult, _ arguments: ParsedArguments) throws {
    var frame = LabeledStructure(structure: result.structure, labels: Labels(), configType: "sqs")
    frame.info = [
      InfoItem(key: "recipe", value: recipe(arguments)),
      InfoItem(key: "seed", value: "\(arguments[seed])"), InfoItem(key: "steps", value: "\(result.steps)"),
      InfoItem(key: "objective", value: "\(result.objective)"),
      InfoItem(key: "deviation", value: "\(result.deviation)"),
    ]
    try writeFrames([frame], to: arguments[output])
  }

  private static func rules(_ result: Result, _ settings: QuasirandomSettings) -> String {
    [
      settings.steps == .max ? "any number of exchanges" : counted(settings.steps, "exchange"),
      settings.seconds.map { "\($0.argument) s" } ?? "no --time",
      settings.target.map { "objective \($0.argument)" } ?? "no --target",
      "perfect at objective " + decimal(result.perfect_objective, 5),
    ].joined(separator: ", ")
  }

  private static func text(_ result: Result, _ settings: QuasirandomSettings) -> String {
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
      \(result.formula) after \(counted(result.steps, "step")) in \(counted(result.shapes, "shape")), \(decimal(result.seconds, 1)) s, stopped by: \(result.stop.rawValue) (rules: \(rules(result, settings)))
      written: \(result.output)\(result.goes_on_from == nil ? "" : "; the same call goes on")
      """
  }
}

/// A number with so many places, "-0.00" as "0.00".
func decimal(_ value: Double, _ places: Int) -> String {
  guard value.isFinite else { return "–" }
  let text = String(format: "%.\(places)f", value)
  return text.allSatisfy { "-0.".contains($0) } ? String(text.drop { $0 == "-" }) : text
}
