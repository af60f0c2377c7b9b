import Foundation
import Potentials
import Settings
import Structures

/// `halite data split FILES --train 0.9 --seed S -o split.json`: which frames are for training.
enum DataSplitCommand: Command {
  static let name = "data split"
  static let summary = "divide frames into training and test part, once, for every potential"
  static let discussion = """
    The split file holds ids; every command that takes --split obeys it and refuses other data. The parts do not depend
    on the order of files and frames. --by composition and --by group KEY keep frames of one composition, or with the
    same value of a key, together; a frame without the key is a group of its own, with those whose value is its id.
    Frames of isolated atoms are always for training and do not count.
    """
  static let positionals = [DataFiles.positional]

  private static let fraction = Option<Double>(
    "train", default: 0.9, help: "part of the frames that is for training")
  private static let seed = Option<UInt64>("seed", default: 1, help: "seed of the permutation")
  private static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "split file to write (JSON)")
  private static let rule: Option<SplitRule> = {
    var option = Option<SplitRule>(
      name: "by", placeholder: "frame|composition|group KEY", help: "what stays together", shownDefault: "frame"
    ) { texts in
      guard let text = texts.last else { return .frame }
      if let rule = SplitRule(text) { return rule }
      let near = nearestName(to: text, among: ["frame", "composition", "group"])
      throw usageError(
        "option --by: expected frame, composition or group KEY, found `\(text)`",
        remedy: near.map { "did you mean `\($0)`?" })
    }
    option.wordsAfter = { $0 == "group" ? 1 : 0 }
    return option
  }()

  private static let overwrite = Option(flag: "overwrite", help: "replace FILE where it holds something else")

  static let options: [any OptionDeclaration] =
    [fraction, seed, rule, output, overwrite] + ReadingOptions.all + [threadsOption]

  private struct Result: Encodable {
    var output: String
    var by: String
    var seed: UInt64
    var counts: DataSplit.Counts
    var data_hash: String
    var split_hash: String
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let path = arguments[output]
    guard arguments[fraction] > 0, arguments[fraction] <= 1 else {
      throw usageError(
        "option --train: expected a number above 0 and at most 1, found \(arguments[fraction].argument)")
    }
    let paths = arguments[DataFiles.positional]
    try requireWritable([path], inputs: paths)
    if isFolder(path) { throw InputError("cannot write: there is a folder of that name", file: path) }
    let threads = try arguments.threads()
    var candidates = DataSplit.Candidates(by: arguments[rule])
    try FrameFiles(paths, options: arguments.readOptions, console: console).forEachBatch {
      try candidates.add($0, threads: threads)
    }
    let split = try candidates.split(trainingFraction: arguments[fraction], seed: arguments[seed])
    let copies = candidates.count - split.training.count - split.test.count
    if copies > 0 {
      let found = copies == 1 ? "1 frame is a copy of another" : "\(copies) frames are copies of others"
      console.note(found + "; copies stay together and count once")
    }
    if candidates.countWithoutKey > 0 {
      console.note("\(counted(candidates.countWithoutKey, "frame")) without the key: each is a group of its own")
    }
    if split.test.isEmpty { console.note("all frames are in the training part") }
    if !arguments[overwrite] { try requireSame(split, in: path) }
    try writeSplit(split, to: path)
    let result = Result(
      output: path, by: split.rule.description, seed: split.seed, counts: split.counts, data_hash: split.dataHash,
      split_hash: split.hash)
    let text = "\(counted(split.training.count, "frame")) for training, \(split.test.count) for testing: \(path)"
    try console.result(result, text: text, json: arguments.json)
  }

  /// A split that trainings have obeyed must not be lost by a call with another seed.
  private static func requireSame(_ split: DataSplit, in path: String) throws {
    guard FileIdentity(path) != nil else { return }
    let remedy = "choose another -o or --overwrite"
    guard let other = try? readSplit(path) else {
      throw InputError("is there already and holds no split", file: path, remedy: remedy)
    }
    guard other.hash != split.hash else { return }
    throw InputError(
      "holds another split (seed \(other.seed), train \(other.trainingFraction), by \(other.rule), "
        + "\(other.training.count) + \(other.test.count) frames)", file: path, remedy: remedy)
  }
}

/// Writes a split file, the text that `jsonText` gives, member by member: the tree of a large split would not fit into memory.
/// - Throws: `InputError` where it cannot be written.
func writeSplit(_ split: DataSplit, to path: String) throws {
  let file = try AtomicFileWriter(path)
  try file.append(jsonText(split.head).dropLast("\n}\n".count).utf8)
  for (name, members) in [("train", split.training), ("test", split.test)] {
    try file.append(",\n  \"\(name)\": [".utf8)
    for (place, member) in members.enumerated() {
      let text = try jsonText(member).dropLast().split(separator: "\n").joined(separator: "\n    ")
      try file.append(((place == 0 ? "" : ",") + "\n    " + text).utf8)
    }
    try file.append((members.isEmpty ? "]" : "\n  ]").utf8)
  }
  try file.append("\n}\n".utf8)
  try file.finish()
}

/// Reads a split file.
/// - Throws: `InputError` where it is none, or was edited.
func readSplit(_ path: String) throws -> DataSplit {
  do {
    return try readJSON(DataSplit.self, path: path)
  } catch var error as InputError {
    error.remedy = error.remedy ?? "expected a file written by halite data split"
    throw error
  }
}
