import Glibc
import Structures

/// What must be known of frames before the first of them is written.
public struct WriteSurvey: Sendable {
  public private(set) var count = 0
  public private(set) var elements: Set<ChemicalElement> = []

  public init() {}

  public mutating func add(_ frame: LabeledStructure) {
    count += 1
    elements.formUnion(frame.structure.elements)
  }
}

/// Writes frames to a file or folder one after the other, so that a set larger than memory can be written.
///
/// For `NAME.xsf.d` and the like one file a frame goes to a new folder; formats that are folders themselves (DeePMD) go to a new folder
/// of any name. All is written beside its place and renamed by `finish`, so that it is there whole or not at all; a name that ends in
/// `.gz` is compressed.
public final class FrameWriter {
  public let path: String
  public let format: any StructureFormat.Type
  private let sink: any FrameSink
  private var losses = LossCount()
  private var remarks = NoteTally()
  public private(set) var count = 0

  /// - Parameters:
  ///   - format: its name; nil goes by the path.
  ///   - survey: of all frames that will come; can be empty where `needsSurvey` says so.
  /// - Throws: `InputError` where the place cannot be written, or where the format cannot hold that many frames.
  public init(
    _ path: String, format name: String? = nil, options: WriteOptions = WriteOptions(), survey: WriteSurvey
  ) throws {
    self.path = path
    format = try formatToWrite(path, named: name)
    var options = options
    // The types of all frames are of one table.
    if options.species.isEmpty { options.species = survey.elements.sorted() }
    do {
      sink = try Self.sink(path, format, options, survey)
    } catch let error as InputError {
      throw error.located(in: path)
    }
  }

  /// True where a format numbers its types, counts its frames or holds only one: what is to come must be known.
  public static func needsSurvey(_ path: String, format name: String? = nil, options: WriteOptions) throws -> Bool {
    let format = try formatToWrite(path, named: name)
    return isFolder(path) || !(format == ExtendedXYZ.self || format == ASEDatabase.self)
  }

  private static func isFolder(_ path: String) -> Bool {
    (path.hasSuffix("/") ? String(path.dropLast()) : path).lowercased().hasSuffix(".d")
  }

  private static func sink(
    _ path: String, _ format: any StructureFormat.Type, _ options: WriteOptions, _ survey: WriteSurvey
  ) throws -> any FrameSink {
    let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
    if let format = format as? any FolderFormat.Type {
      return DeePMDSink(try AtomicFolder(folder), try format.filler(species: options.species))
    }
    if isFolder(path) { return MemberSink(try AtomicFolder(folder), format, options, count: survey.count) }
    guard survey.count <= 1 || format.metadata.holdsManyFrames else {
      throw InputError(
        "a \(format.metadata.name) file holds one frame, not \(survey.count)",
        remedy: "write to a folder, NAME\(format.metadata.suffixes[0]).d")
    }
    if format == ASEDatabase.self { return try ASESink(path) }
    return try TextSink(path, format, options)
  }

  /// - Throws: `InputError` where the format cannot hold the frame, or the disk is full.
  public func append(_ frame: LabeledStructure) throws {
    do {
      try sink.append(frame)
    } catch let error as InputError {
      throw error.located(in: path)
    }
    count += 1
    losses.add(frame)
    if let remark = format.remark(writing: frame) { remarks.add(remark) }
  }

  /// Puts the file into its place.
  /// - Returns: what the frames hold and the format cannot ("poscar does not hold energy (284 frames)"), one by one, and what it holds
  ///   in another way.
  /// - Throws: `InputError` where there was no frame, or the place cannot be written.
  @discardableResult
  public func finish() throws -> (losses: [String], remarks: [String]) {
    guard count > 0 else { throw InputError("no frames to write", file: path) }
    do {
      try sink.finish()
    } catch let error as InputError {
      throw error.located(in: path)
    }
    return (losses.sentences(format.metadata), remarks.sentences)
  }
}

/// Where frames go.
protocol FrameSink {
  func append(_ frame: LabeledStructure) throws
  func finish() throws
}

/// A file of which each frame is a piece.
private final class TextSink: FrameSink {
  private let file: AtomicFileWriter
  private let format: any StructureFormat.Type
  private var options: WriteOptions
  private let compressor: Gzip.Compressor?

  init(_ path: String, _ format: any StructureFormat.Type, _ options: WriteOptions) throws {
    file = try AtomicFileWriter(path)
    self.format = format
    self.options = options
    compressor = path.lowercased().hasSuffix(".gz") ? try Gzip.Compressor() : nil
  }

  func append(_ frame: LabeledStructure) throws {
    let text = try format.write([frame], options: options)
    options.framesBefore += 1
    if let compressor { try compressor.add(text, to: file) } else { try file.append(text) }
  }

  func finish() throws {
    try compressor?.finish(to: file)
    try file.finish()
  }
}

/// A folder with a file for each frame.
private final class MemberSink: FrameSink {
  private let folder: AtomicFolder
  private let format: any StructureFormat.Type
  private let options: WriteOptions
  private let width: Int
  private var count = 0

  init(_ folder: AtomicFolder, _ format: any StructureFormat.Type, _ options: WriteOptions, count: Int) {
    self.folder = folder
    self.format = format
    self.options = options
    width = String(count).count
  }

  func append(_ frame: LabeledStructure) throws {
    count += 1
    let number = String(count)
    let padded = String(repeating: "0", count: max(0, width - number.count)) + number
    try folder.append(
      try format.write([frame], options: options), to: "structure" + padded + format.metadata.suffixes[0])
  }

  func finish() throws { try folder.finish() }
}

/// A folder of DeePMD systems.
private final class DeePMDSink: FrameSink {
  /// Bytes that wait in memory for their files.
  private static let waitingSize = 1 << 24
  private let folder: AtomicFolder
  private var filler: DeePMDFiller

  init(_ folder: AtomicFolder, _ filler: DeePMDFiller) {
    self.folder = folder
    self.filler = filler
  }

  func append(_ frame: LabeledStructure) throws {
    try filler.append(frame)
    if filler.waiting > Self.waitingSize { try flush() }
  }

  private func flush() throws {
    for (name, bytes) in filler.take() { try folder.append(bytes, to: name) }
  }

  func finish() throws {
    try flush()
    for (name, bytes) in filler.heads() { try folder.replaceBeginning(of: name, by: bytes) }
    try folder.finish(raising: filler.onlySystem)
  }
}

/// A database on the disk.
private final class ASESink: FrameSink {
  private let path: String
  private let part: AtomicPart
  private let writer: ASEDatabaseWriter

  init(_ path: String) throws {
    self.path = path
    part = try AtomicPart(path)
    var clock = timespec()
    clock_gettime(CLOCK_REALTIME, &clock)
    let now = getenv("SOURCE_DATE_EPOCH").flatMap { Double(String(cString: $0)) } ?? Double(clock.tv_sec)
    // ASE counts years of 365.25 days from 31 December 1999, 23:00 UTC.
    writer = try ASEDatabaseWriter(file: path, path: part.path, time: (now - 946_681_200) / 31_557_600)
  }

  func append(_ frame: LabeledStructure) throws { try writer.append(frame) }

  func finish() throws {
    try writer.finish()
    guard path.lowercased().hasSuffix(".gz") else { return try part.finish() }
    let file = try AtomicFileWriter(path)
    let compressor = try Gzip.Compressor()
    let source = try ByteSource(part.path)
    while true {
      let count = try source.refill(keeping: 0, from: 0)
      if count == 0 { break }
      try compressor.add(Array(UnsafeBufferPointer(start: source.buffer, count: count)), to: file)
    }
    try compressor.finish(to: file)
    try file.finish()
  }
}

extension LossCount {
  private static let mostNames = 20

  /// What is lost, by name.
  private func title(_ content: FormatMetadata.Content) -> String {
    guard let all = names[content], !all.isEmpty else { return content.rawValue }
    let more = all.count > Self.mostNames ? " and \(all.count - Self.mostNames) more" : ""
    return (content == .columns ? "the columns " : "the keys ")
      + all.prefix(Self.mostNames).joined(separator: ", ") + more
  }
}

/// Counts what frames hold and a format may not.
struct LossCount {
  private var counts: [FormatMetadata.Content: Int] = [:]
  /// Keys and columns that Halite does not interpret, in the order in which they came.
  private var names: [FormatMetadata.Content: [String]] = [:]

  mutating func add(_ frame: LabeledStructure) {
    for item in frame.info { add(item.key, to: .uninterpreted) }
    for column in frame.columns { add(column.name, to: .columns) }
    for content in FormatMetadata.Content.allCases where frame.holds(content) { counts[content, default: 0] += 1 }
  }

  private mutating func add(_ name: String, to content: FormatMetadata.Content) {
    if names[content]?.contains(name) ?? false { return }
    names[content, default: []].append(name)
  }

  /// "stress (284 frames)", "the keys functional, hubbard_u (12 frames)".
  func sentences(_ metadata: FormatMetadata) -> [String] {
    FormatMetadata.Content.allCases.compactMap { content in
      guard !metadata.carries.contains(content), let count = counts[content] else { return nil }
      return "\(title(content)) (\(count) frame\(count == 1 ? "" : "s"))"
    }
  }
}
