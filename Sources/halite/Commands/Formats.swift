import Formats

/// `halite formats`: what can be read and written.
enum FormatsCommand: Command {
  static let name = "formats"
  static let summary = "the file formats that can be read and written, and what they carry"

  static func run(_ arguments: ParsedArguments, console: Console) throws {
  }
}
