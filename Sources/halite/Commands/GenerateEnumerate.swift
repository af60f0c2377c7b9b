import Formats
import Foundation
import Rocksalts
import Structures

/// `halite generate enumerate --species Li,Mn --sites 2-10 -o FILE`: all distinct orderings.
enum GenerateEnumerateCommand: Command {
  static let name = "generate enumerate"
  static let summary = "all symmetry-distinct orderings of a lattice, proved complete"
  static let discussion = """
    halite generate enumerate --species Li,Mn --sites 2-12 --balanced -o orderings.extxyz
    halite generate enumerate --species Li,Ti,Mn --sites 12 --composition Li6Ti3Mn3 --balanced -o set.extxyz
    halite generate enumerate --parent fcc --species Li,Mn --sites 2-10 --count --json

    Two orderings are the same if a symmetry of the parent maps one on the other. Those with a smaller period are left
    out (the smaller cell has them), and those without one of the species. --count prints how many are listed, and
    Burnside's number, in which both are kept. Every part is compared with Burnside's lemma when it is done.

    A long enumeration into extxyz that was interrupted goes on with the same call.
    """
  private static let sites = Option<NumberRange>(
    needed: "sites",
    help: "sizes: cells of the parent's smallest cell; of rocksalt, fcc, bcc, sc that is cation sites")
  private static let output = Option<String?>(
    "output", short: "o", placeholder: "FILE", help: "file or folder to write")
  private static let format = Option<String?>("to", placeholder: "FORMAT", help: "format of the file")
  private static let count = Option(flag: "count", help: "only count")
  private static let exchanged = Option(
    flag: "remove-exchanged", help: "one of all that an exchange of species turns into each other")
  private static let aspect = Option<Double?>(
    "max-aspect", help: "longest over shortest vector of a supercell, at most; Burnside's number is of these alone")
  private static let most = Option<Int?>("max", help: "stop with an error before more structures than this")

  static let options: [any OptionDeclaration] =
    [sites, output] + ParentOptions.all + CompositionOptions.all
    + [exchanged, aspect, most, count, format, threadsOption]

  struct Result: Encodable {
    var counts: [String: LargeCount]
    var burnside: [String: LargeCount]
    /// Every listed ordering was made and counted.
    var enumerated: Bool
    var structures: LargeCount
    var output: String?
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    try CompositionOptions.requirePossible(aspect: arguments[aspect])
    let parent = try ChosenParent(arguments)
    let enumeration = try Enumeration(
      parent: parent.lattice, limits: try CompositionOptions.limits(arguments, parent),
      removesExchanged: arguments[exchanged], largestAspect: arguments[aspect])
    let threads = try arguments.threads()
    if arguments[count] {
      return try runCount(
        arguments, EnumerationCount(enumeration, arguments[sites].numbers, threads: threads), console)
    }
    guard let path = arguments[output] else {
      throw usageError("there is no file to write", remedy: "name it with -o FILE, or ask for --count")
    }
    try DataFiles.requireWritable([path], format: arguments[format], inputs: [])
    let run = EnumerationRun(
      enumeration: enumeration, parent: parent, sizes: arguments[sites].numbers, most: arguments[most],
      recipe: recipe(arguments, parent), threads: threads)
    try run.requireScales()
    let stream = try FrameStream(
      path: path, format: arguments[format], call: run.recipe + parent.identity)
    let counts: [String: Int]
    do {
      counts = try run.write(to: stream, console: console)
    } catch {
      stream.abandon()
      throw error
    }
    let total = counts.values.reduce(0, +)
    let result = Result(
      counts: counts.mapValues { LargeCount(value: UInt128($0)) }, burnside: [:], enumerated: true,
      structures: LargeCount(value: UInt128(total)), output: path)
    try console.result(
      result, text: "\(counted(total, "structure")), complete by Burnside's lemma: \(path)", json: arguments.json)
  }

  private static func runCount(_ arguments: ParsedArguments, _ counting: EnumerationCount, _ console: Console)
    throws
  {
    var result = Result(counts: [:], burnside: [:], enumerated: true, structures: LargeCount(value: 0), output: nil)
    var text = "sites  listed  Burnside (superperiodic and incomplete ones kept)\n"
    for row in try counting.rows(console: console) {
      result.counts[String(row.size)] = LargeCount(value: row.listed)
      result.burnside[String(row.size)] = LargeCount(value: row.burnside)
      result.structures.value += row.listed
      result.enumerated = result.enumerated && row.isEnumerated
      text += "\(row.size)  \(row.listed)  \(row.burnside)\n"
    }
    if !result.enumerated { text += "not all of them were made: the larger numbers are Burnside's alone\n" }
    try console.result(result, text: text, json: arguments.json)
  }

  /// The call by what matters.
  private static func recipe(_ arguments: ParsedArguments, _ parent: ChosenParent) -> String {
    var words = ["enumerate", parent.recipe(arguments), "sites " + arguments[sites].argument]
    words += CompositionOptions.recipe(arguments)
    if let aspect = arguments[aspect] { words.append("max-aspect \(aspect.argument)") }
    if arguments[exchanged] { words.append(exchanged.name) }
    return words.joined(separator: " ")
  }
}
