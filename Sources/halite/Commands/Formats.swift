import Formats

/// `halite formats`: what can be read and written.
enum FormatsCommand: Command {
  static let name = "formats"
  static let summary = "the file formats that can be read and written, and what they carry"
  static let discussion = """
    The format follows from a file's name; .gz or, to read, .bz2 behind it means compressed. A folder of files of one format is read as
    one set; a name ending in the suffix and .d (`set.xsf.d`) writes such a folder.
    """

  private struct Row: Encodable {
    var name: String
    var suffixes: [String]
    var file_names: [String]
    var description: String
    var carries: [String]
    var many_frames: Bool
    var reads: Bool
    var writes: Bool

    init(_ format: FormatMetadata) {
      name = format.name
      suffixes = format.suffixes
      file_names = format.fileNames
      description = format.description
      carries = FormatMetadata.Content.allCases.filter(format.carries.contains).map(\.rawValue)
      many_frames = format.holdsManyFrames
      reads = format.canRead
      writes = format.canWrite
    }

    var text: String {
      let access = [reads ? "read" : nil, writes ? "written" : nil].compactMap { $0 }.joined(separator: " and ")
      let frames = many_frames ? "many frames a file" : "one frame a file"
      return """
        \(name): \(description)
          names    \((suffixes + file_names).joined(separator: " "))
          \(access), \(frames)
          carries  \(carries.joined(separator: ", "))
        """
    }
  }

  private struct Result: Encodable { var formats: [Row] }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let rows = Formats.all.map { Row($0.metadata) }
    try console.result(
      Result(formats: rows), text: rows.map(\.text).joined(separator: "\n"), json: arguments.json)
  }
}
