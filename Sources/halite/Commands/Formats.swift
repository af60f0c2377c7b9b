import Formats

/// `halite formats`: what can be read and written.
enum FormatsCommand: Command {
  static let name = "formats"
  static let summary = "the file formats that can be read and written, and what they carry"
  static let discussion = """
    The format follows from a file's name; .gz behind it means compressed. A folder of files of one format is read as
    one set; a name ending in the suffix and .d (`set.xsf.d`) writes such a folder. Formats with numbered atom types
    (cfg, deepmd, lammps) need --species where the file does not name them.
    """

  private struct Row: Encodable {
    var name: String
    var suffixes: [String]
    var file_names: [String]
    var description: String
    var carries: [String]
    var many_frames: Bool
    var folder: Bool
    var reads: Bool
    var writes: Bool

    init(_ type: any StructureFormat.Type) {
      let format = type.metadata
      name = format.name
      suffixes = format.suffixes
      file_names = format.fileNames
      description = format.description
      carries = FormatMetadata.Content.allCases.filter(format.carries.contains).map(\.rawValue)
      many_frames = format.holdsManyFrames
      folder = type is any FolderFormat.Type
      reads = format.canRead
      writes = format.canWrite
    }

    var text: String {
      let access = [reads ? "read" : nil, writes ? "written" : nil].compactMap { $0 }.joined(separator: " and ")
      let frames = folder ? "a folder of many frames" : many_frames ? "many frames a file" : "one frame a file"
      let held = carries.isEmpty ? "structures only" : carries.joined(separator: ", ")
      return """
        \(name): \(description)
          names    \((suffixes + file_names).joined(separator: " "))
          \(access), \(frames)
          carries  \(held)
        """
    }
  }

  private struct Result: Encodable { var formats: [Row] }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let rows = Formats.all.map { Row($0) }
    try console.result(
      Result(formats: rows), text: rows.map(\.text).joined(separator: "\n"), json: arguments.json)
  }
}
