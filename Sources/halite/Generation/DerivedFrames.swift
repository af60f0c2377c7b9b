import Formats
import Structures

/// What commands share that make structures from structures.
enum DerivedFrames {
  static let positional = Positional("FILES", .many, help: "host structures; files or folders of any format")
  static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "file or folder to write")
  static let format = Option<String?>("to", placeholder: "FORMAT", help: "format of the file written")
  static let seed = Option<UInt64>("seed", default: 1, help: "seed of all random choices")

  static let skip = Option(flag: "skip", help: "leave out hosts of which nothing can be made, and say why")

  struct Result: Encodable {
    var hosts: Int
    var left_out: Int
    var structures: Int
    var output: String
    var seed: UInt64
  }

  /// Reads the hosts, makes frames from each, and writes them.
  /// - Parameter make: (host, a number of its own for random choices).
  /// - Throws: `InputError` that names the host.
  static func run(
    _ arguments: ParsedArguments, console: Console, _ make: (LabeledStructure, Int) throws -> [LabeledStructure]
  ) throws {
    let paths = arguments[positional]
    try DataFiles.requireWritable([arguments[output]], format: arguments[format], inputs: paths)
    let hosts = try DataFiles.read(paths, console: console)
    var frames: [LabeledStructure] = []
    var leftOut = 0
    for (number, host) in hosts.enumerated() {
      console.progress("making", number, of: hosts.count)
      do {
        // By the host, not by its place among others: its random choices do not depend on what stands before it.
        frames += try make(host, Int(host.id.prefix(8), radix: 16) ?? 0)
      } catch var error as InputError {
        guard arguments.isGiven(skip) else {
          if error.file == nil { error.message = host.name + ": " + error.message }
          throw error
        }
        leftOut += 1
        console.warn("\(host.name): left out: \(error.message)")
      }
    }
    console.endProgress()
    guard !frames.isEmpty else { throw InputError("of no host could a structure be made") }
    try DataFiles.write(Dataset(frames), to: arguments[output], format: arguments[format], console: console)
    let result = Result(
      hosts: hosts.count, left_out: leftOut, structures: frames.count, output: arguments[output],
      seed: arguments[seed])
    try console.result(
      result,
      text: "\(counted(frames.count, "structure")) from \(counted(hosts.count, "host")): \(arguments[output])",
      json: arguments.json)
  }
}
