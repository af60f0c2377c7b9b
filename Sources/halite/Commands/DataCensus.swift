import Reports
import Structures

/// `halite data census FILES`: what the data hold.
enum DataCensusCommand: Command {
  static let name = "data census"
  static let summary = "what files hold: labels, compositions, energies, forces, distances, duplicates"
  static let positionals = [DataFiles.positional]
  static let options: [any OptionDeclaration] = ReadingOptions.all + [threadsOption]

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let paths = arguments[DataFiles.positional]
    let dataset = try DataFiles.read(paths, options: arguments.readOptions, console: console)
    let census = try census(of: dataset, files: paths, threads: arguments.threads())
    try console.result(census, text: census.text, json: arguments.json)
  }
}
