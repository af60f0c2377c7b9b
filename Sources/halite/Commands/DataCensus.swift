import Formats
import Reports
import Structures

/// `halite data census FILES`: what the data hold.
enum DataCensusCommand: Command {
  static let name = "data census"
  static let summary = "what files hold: labels, compositions, classes, energies, forces, distances, duplicates"
  static let discussion = """
    Lithiation: LiTMO2 has one Li for each transition metal, TMO2 none, Li-excess more, partly lithiated fewer. Cations are ordered where
    every transition metal has the same number of transition metals within 3.6 Å, and every Li, too.
    """
  private static let svg = Option<String?>(
    "svg", placeholder: "FILE", help: "pie charts of lithiation, number and presence of transition metals, as SVG")
  static let positionals = [DataFiles.positional]
  static let options: [any OptionDeclaration] = [svg] + ReadingOptions.all + [threadsOption]

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let paths = arguments[DataFiles.positional]
    if let picture = arguments[svg] {
      guard picture.lowercased().hasSuffix(".svg") else {
        throw usageError("\(picture) is no name of an SVG file", remedy: "end it in .svg")
      }
      try requireWritable([picture], inputs: paths)
    }
    var counter = CensusCounter()
    var lookalikes = LookalikeCount()
    let threads = try arguments.threads()
    try FrameFiles(paths, options: arguments.readOptions, console: console).forEachBatch { batch in
      try counter.add(batch, threads: threads)
      for frame in batch { lookalikes.add(frame) }
    }
    let census = try census(of: counter, files: paths, lookalikes)
    if let picture = arguments[svg] {
      try AtomicFile.write(Array(census.classes.svg.utf8), to: picture)
      console.note("pie charts: \(picture)")
    }
    try console.result(census, text: census.text, json: arguments.json)
  }
}
