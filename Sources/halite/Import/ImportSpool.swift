import Formats
import Foundation
import Reports
import Structures

/// A frame as an import keeps it: its text, ready to be written, and what the last judgement needs.
struct SpooledFrame: Sendable {
  var text: [UInt8]
  var record: FrameRecord

  /// - Parameter comparesAll: frames that are not ok can be found again, too.
  /// - Throws: `InputError` where the frame cannot be written or its geometry cannot be searched.
  init(_ frame: LabeledStructure, comparesAll: Bool = false) throws {
    text = try ExtendedXYZ.write([frame])
    record = try FrameRecord(frame, comparesAll: comparesAll)
  }
}

/// What the last judgement of an import needs to know of a frame.
struct FrameRecord: Sendable {
  var verdict: FrameVerdict
  var id: FrameID
  var atoms: Int
  var settings: SettingsFingerprint?
  var isIsolatedAtom: Bool
  /// nil where the geometry is not fit to be compared.
  var key: DuplicateKey?
  /// Why the numbers may be wrong although the frame looks well.
  var doubt: String?
  var pressure: StressSense.Point?
  /// nil where the frame is not ok.
  var energy: EnergyRow?
  /// Place in the spool.
  var start = 0
  var length = 0

  var signature: FrameSignature? { key?.signature }

  init(_ frame: LabeledStructure, comparesAll: Bool) throws {
    verdict = frame.verdict ?? .ok
    id = FrameID(frame.id)
    atoms = frame.structure.count
    settings = SettingsFingerprint(of: frame)
    isIsolatedAtom = frame.isIsolatedAtom
    key = verdict == .ok || comparesAll ? try DuplicateKey(frame) : nil
    pressure = verdict == .ok ? StressSense.Point(frame) : nil
    energy = verdict == .ok ? EnergyRow(frame) : nil
  }
}

/// The frames of an import on their way: one after the other in a file, so that memory holds only their records.
final class ImportSpool {
  private(set) var records: [FrameRecord] = []
  private let path: String
  private let handle: FileHandle
  private var size = 0
  private var formulas = Interned<String>()
  private var settings = Interned<SettingsFingerprint>()
  private var compositions = Interned<[ChemicalElement: Int]>()

  /// - Parameter output: the spool lies beside it, hidden.
  init(beside output: String) throws {
    let name = lastComponent(output)
    path = output.dropLast(name.count) + ".\(name).\(getpid()).spool"
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forUpdatingAtPath: path)
    else {
      throw InputError("cannot write beside it", file: output, remedy: "choose another folder")
    }
    self.handle = handle
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func append(_ frame: SpooledFrame) throws {
    var record = frame.record
    record.start = size
    record.length = frame.text.count
    do {
      try handle.write(contentsOf: Data(frame.text))
    } catch {
      throw InputError(
        "cannot write: the disk is full or gone", file: path, remedy: "free space or choose another disk")
    }
    size += frame.text.count
    // Most frames share formula and settings with others: one copy is enough.
    if let formula = record.signature?.formula { record.key?.signature.formula = formulas(formula) }
    if let run = record.key?.run { record.key?.run = formulas(run) }
    if let formula = record.pressure?.formula { record.pressure?.formula = formulas(formula) }
    if let composition = record.energy?.composition { record.energy?.composition = compositions(composition) }
    record.settings = record.settings.map { settings($0) }
    records.append(record)
  }

  /// Marks the frames from a place on as doubtful.
  func doubt(from place: Int, _ reason: String) {
    for place in place..<records.count { records[place].doubt = reason }
  }

  /// The verdicts that the frames came with: nothing in their text changes.
  var asTheyWere: [(verdict: FrameVerdict, reason: String)] { records.map { ($0.verdict, "") } }

  /// Writes the frames at chosen places, each with its verdict and reason, beside the place and renames.
  /// - Returns: how many were written; no file is made for none.
  @discardableResult
  func write(
    to output: String, _ verdicts: [(verdict: FrameVerdict, reason: String)], where isChosen: (Int) -> Bool
  ) throws -> Int {
    let places = records.indices.filter(isChosen)
    guard !places.isEmpty else { return 0 }
    let name = lastComponent(output)
    let part = output.dropLast(name.count) + ".\(name).\(getpid()).part"
    defer { unlink(String(part)) }
    guard FileManager.default.createFile(atPath: String(part), contents: nil),
      let target = FileHandle(forWritingAtPath: String(part))
    else {
      throw InputError("cannot write", file: output, remedy: "choose another folder")
    }
    do {
      var buffer = Data()
      for place in places {
        let record = records[place]
        try handle.seek(toOffset: UInt64(record.start))
        guard let text = try handle.read(upToCount: record.length), text.count == record.length else {
          throw InputError("cannot read back", file: path)
        }
        let isAsBefore = record.verdict == verdicts[place].verdict && verdicts[place].reason.isEmpty
        buffer += isAsBefore ? text : rejudged(text, verdicts[place])
        if buffer.count > 1 << 22 {
          try target.write(contentsOf: buffer)
          buffer.removeAll(keepingCapacity: true)
        }
      }
      try target.write(contentsOf: buffer)
      try target.close()
      try handle.seekToEnd()
    } catch let error as InputError {
      throw error
    } catch {
      throw InputError(
        "cannot write: the disk is full or gone", file: output, remedy: "free space or choose another disk")
    }
    guard rename(String(part), output) == 0 else {
      throw InputError("cannot write: \(String(cString: strerror(errno)))", file: output)
    }
    return places.count
  }

  /// The text of a frame with another verdict in its comment line, or with what is remarkable of a frame that is ok.
  private func rejudged(_ text: Data, _ judgement: (verdict: FrameVerdict, reason: String)) -> Data {
    let mark = Data(" \(FrameVerdict.key)=ok ".utf8)
    guard let range = text.range(of: mark) else { return text }
    let reason = judgement.reason.filter { $0 != "\"" && $0 != "\\" && !$0.isNewline }
    var result = text
    let key = judgement.verdict == .ok ? FrameVerdict.outlierKey : FrameVerdict.reasonKey
    result.replaceSubrange(
      range, with: Data(" \(FrameVerdict.key)=\(judgement.verdict.rawValue) \(key)=\"\(reason)\" ".utf8))
    return result
  }
}
