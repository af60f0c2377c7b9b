import Formats
import Foundation
import Settings
import Structures

/// Frames that are written while they are made: into `OUT.part`, which becomes OUT at the end.
///
/// Of extxyz nothing is held in memory, and beside the part lies `OUT.part.json`, from which the same call goes on. Other
/// formats are collected and written at the end.
final class FrameStream {
  /// How far a call has come.
  struct Progress: Codable {
    /// All that the result depends on, for people to read.
    var call: String
    /// Parts that are done, and frames of the next one.
    var parts: Int
    var frames: Int
    var bytes: Int
    var counts: [String: Int]
  }

  /// A block of frames ready to be written.
  enum Block: Sendable {
    case bytes([UInt8])
    case frames([LabeledStructure])
  }

  /// False where the file can hold one frame only.
  let holdsManyFrames: Bool
  private let path: String
  private let format: String?
  /// True where blocks are bytes of extxyz, false where they are frames.
  let streams: Bool
  private var kept: [LabeledStructure] = []
  private var file: FileHandle?
  private var written = 0
  private var lastSaved = ProcessInfo.processInfo.systemUptime
  private(set) var resumed: Progress?
  private let call: String
  /// What the call does, for messages.
  private let what: String

  private var partPath: String { path + ".part" }
  private var progressPath: String { path + ".part.json" }

  /// - Parameter call: everything that the result depends on.
  /// - Throws: `InputError` where the place cannot be written, the format is none, or another call is unfinished.
  init(path: String, format: String?, call: String, what: String = "enumeration") throws {
    self.what = what
    self.path = path
    self.format = format
    self.call = HaliteVersion.current + ": " + call
    let kind = try formatToWrite(path, named: format)
    let isFolder = path.lowercased().hasSuffix(".d") || path.lowercased().hasSuffix(".d/")
    holdsManyFrames = kind.metadata.holdsManyFrames || isFolder
    streams = kind == ExtendedXYZ.self && !path.lowercased().hasSuffix(".gz") && !path.lowercased().hasSuffix(".d")
    if streams { try open() }
  }

  private func open() throws {
    let manager = FileManager.default
    if let size = (try? manager.attributesOfItem(atPath: partPath))?[.size] as? Int,
      let progress = try? readJSON(Progress.self, path: progressPath), size >= progress.bytes
    {
      guard progress.call == call else {
        throw InputError(
          "another \(what) is unfinished here: \(progress.call)", file: partPath,
          remedy: "go on with that call, delete this file, or write to another one than \(path)")
      }
      resumed = progress
    } else {
      unlink(progressPath)  // of a part that is gone: it says nothing of the new one
      guard manager.createFile(atPath: partPath, contents: nil) else {
        throw InputError("cannot write: \(String(cString: strerror(errno)))", file: partPath)
      }
    }
    guard let handle = FileHandle(forWritingAtPath: partPath) else {
      throw InputError("cannot write", file: partPath)
    }
    written = resumed?.bytes ?? 0
    try handle.truncate(atOffset: UInt64(written))
    try handle.seekToEnd()
    file = handle
  }

  func append(_ block: Block) throws {
    switch block {
    case .frames(let frames): kept += frames
    case .bytes(let bytes):
      do { try file?.write(contentsOf: bytes) } catch {
        throw InputError("cannot write: \(error.localizedDescription)", file: partPath, remedy: "free space")
      }
      written += bytes.count
    }
  }

  /// Notes how far the work has come, at most once a second unless it must be.
  func checkpoint(parts: Int, frames: Int, counts: [String: Int], isFinal: Bool = false) throws {
    let now = ProcessInfo.processInfo.systemUptime
    guard streams, isFinal || now - lastSaved > 1 else { return }
    lastSaved = now
    let progress = Progress(call: call, parts: parts, frames: frames, bytes: written, counts: counts)
    try AtomicFile.write(jsonText(progress).utf8, to: progressPath)
  }

  /// Leaves nothing behind from which no call could go on.
  func abandon() {
    guard streams, written == 0 || !FileManager.default.fileExists(atPath: progressPath) else { return }
    try? file?.close()
    unlink(partPath)
    unlink(progressPath)
  }

  /// Puts the file into its place.
  /// - Throws: `InputError` where there is no frame at all, or the place cannot be written.
  func finish(console: Console) throws {
    guard streams else {
      guard !kept.isEmpty else { throw nothing }
      try DataFiles.write(Dataset(kept), to: path, format: format, console: console)
      return
    }
    try file?.close()
    defer { unlink(progressPath) }
    guard written > 0 else {
      unlink(partPath)
      throw nothing
    }
    guard rename(partPath, path) == 0 else {
      throw InputError("cannot write: \(String(cString: strerror(errno)))", file: path)
    }
  }

  private var nothing: InputError {
    InputError("there is no structure of these sizes and compositions", remedy: "widen --sites or --composition")
  }
}
