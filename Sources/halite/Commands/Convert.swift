import Formats
import Foundation
import Structures

/// `halite convert IN… -o OUT`: from any format that is read to any that is written.
enum ConvertCommand: Command {
  static let name = "convert"
  static let summary = "structure files from one format to another"
  static let discussion = """
    The format follows from the file's name, or from --from and --to (halite formats lists them). Labels, ids, keys and
    columns are carried as far as the target can hold them; what it cannot hold is said.
    """
  private static let input = Positional("FILES", .many, help: "structure files")
  private static let output = Option<String?>(
    "output", short: "o", placeholder: "FILE",
    help: "file or folder to write; without it the last of FILES, which must not exist yet")
  private static let from = Option<String?>("from", placeholder: "FORMAT", help: "format of the files read")
  private static let to = Option<String?>("to", placeholder: "FORMAT", help: "format of the file written")
  private static let repair = Option(
    flag: "repair", help: "mend known damage (XSF rows without a symbol are O), and say so")
  private static let index = Option<FrameSlice?>(
    "index", placeholder: "A:B", help: "frames A to B-1 of all that were read, from 0; negative counts from the end"
  )

  static let positionals = [input]
  static let options: [any OptionDeclaration] = [output, from, to, repair, index] + ReadingOptions.all

  private struct Result: Encodable {
    var files: [String]
    var output: String
    var frames: Int
    var atoms: Int
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let (paths, path) = try inputAndOutput(arguments)
    try DataFiles.requireWritable([path], format: arguments[to], inputs: paths)
    var options = arguments.readOptions
    options.format = arguments[from]
    options.repair = arguments[repair]
    let files = try FrameFiles(paths, options: options, console: console)
    let (frames, atoms) = try convert(files, to: path, arguments)
    try console.result(
      Result(files: paths, output: path, frames: frames, atoms: atoms),
      text: "\(counted(frames, "frame")), \(counted(atoms, "atom")): \(path)", json: arguments.json)
  }

  /// Frame by frame; twice through the files where the format, or `--index`, asks for what is to come.
  private static func convert(
    _ files: FrameFiles, to path: String, _ arguments: ParsedArguments
  ) throws -> (frames: Int, atoms: Int) {
    let options = WriteOptions(species: files.options.species)
    let slice = arguments[index]
    var atoms = 0
    guard try slice != nil || FrameWriter.needsSurvey(path, format: arguments[to], options: options) else {
      let writer = try FrameWriter(path, format: arguments[to], options: options, survey: WriteSurvey())
      try files.forEach { frame in
        atoms += frame.structure.count
        try writer.append(frame)
      }
      try DataFiles.finish(writer, console: files.console)
      return (writer.count, atoms)
    }
    var count = 0
    var whole = WriteSurvey()
    try files.forEach { frame in
      count += 1
      whole.add(frame)
    }
    let range = slice?.range(of: count) ?? 0..<count
    guard !range.isEmpty else {
      throw InputError("--index \(slice?.argument ?? "") selects none of \(counted(count, "frame"))")
    }
    var survey = range.count == count ? whole : WriteSurvey()
    if survey.count == 0 { try files.forEachAgain { if range.contains($0) { survey.add($1) } } }
    let writer = try FrameWriter(path, format: arguments[to], options: options, survey: survey)
    try files.forEachAgain { place, frame in
      guard range.contains(place) else { return }
      atoms += frame.structure.count
      try writer.append(frame)
    }
    try DataFiles.finish(writer, console: files.console)
    return (writer.count, atoms)
  }

  /// `convert IN… -o OUT`, or `convert IN… OUT` where OUT is new: a forgotten -o must not cost an input file.
  private static func inputAndOutput(_ arguments: ParsedArguments) throws -> (input: [String], output: String) {
    let words = arguments[input]
    if let path = arguments[output] { return (words, path) }
    guard words.count > 1, let last = words.last else {
      throw usageError("there is no file to write", remedy: "name it with -o FILE")
    }
    guard !FileManager.default.fileExists(atPath: last) else {
      throw usageError("\(last) exists already", remedy: "name it with -o to replace it")
    }
    return (words.dropLast(), last)
  }
}

/// `a:b` as Python slices: either end may be left out or count from the end; `a` alone is one frame.
struct FrameSlice: ArgumentValue {
  static let expectation = "a frame or a range of frames (`3`, `0:10`, `-5:`)"
  static let placeholder = "A:B"

  var lower: Int?
  var upper: Int?
  var isSingle: Bool

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count) else { return nil }
    isSingle = parts.count == 1
    for (place, part) in parts.enumerated() where !part.isEmpty || isSingle {
      guard let number = Int(part) else { return nil }
      if place == 0 { lower = number } else { upper = number }
    }
  }

  var argument: String {
    let start = lower.map(String.init) ?? ""
    return isSingle ? start : start + ":" + (upper.map(String.init) ?? "")
  }

  func range(of count: Int) -> Range<Int> {
    func place(_ number: Int) -> Int { number < 0 ? max(0, count + number) : min(number, count) }
    if isSingle, let lower {
      let start = lower < 0 ? count + lower : lower
      return (0..<count).contains(start) ? start..<start + 1 : 0..<0
    }
    let start = place(lower ?? 0)
    return start..<max(start, place(upper ?? count))
  }
}
