import Formats
import Foundation
import Potentials
import Structures

/// A reader under test: bytes in, a value or an `InputError` out. Anything else is a finding.
typealias Reader = @Sendable ([UInt8]) throws -> Void

/// The readers by name: every structure file format, the potential file, and aenet's files.
private func reader(named name: String) -> Reader? {
  if let reader = potentialReaders[name] { return reader }
  guard let format = Formats.all.first(where: { readerName($0) == name }) else { return nil }
  return { bytes in try read(bytes, as: format) }
}

/// The name of a format as a file's name: deepmd-npy.
private func readerName(_ format: any StructureFormat.Type) -> String {
  String(format.metadata.name.map { $0 == "/" ? "-" : $0 })
}

/// Files by name, from an input in which each begins behind a line `%%%% NAME`.
private func files(_ bytes: [UInt8]) -> [String: [UInt8]] {
  let mark = Array("%%%% ".utf8)
  var contents: [String: [UInt8]] = [:]
  var rest = bytes[...]
  var name: String?
  var start = rest.startIndex
  while let place = rest.firstRange(of: mark) {
    if let name { contents[name] = Array(bytes[start..<place.lowerBound]) }
    let line = bytes[place.upperBound...].prefix { $0 != 10 }
    name = String(decoding: line, as: UTF8.self)
    start = min(line.endIndex + 1, bytes.endIndex)
    rest = bytes[start...]
  }
  if let name { contents[name] = Array(bytes[start...]) }
  return contents
}

private func frames(_ bytes: [UInt8], as format: any StructureFormat.Type, repair: Bool) throws
  -> [LabeledStructure]
{
  if let format = format as? any FolderFormat.Type {
    var frames: [LabeledStructure] = []
    _ = try format.scan(
      folder: FolderFiles(path: "input", contents: files(bytes)), options: ReadOptions(repair: repair)
    ) { frames.append($0) }
    return frames
  }
  var options = ReadOptions(repair: repair)
  options.salvages = bytes.count % 4 > 1
  return try bytes.withUnsafeBytes { try format.read(bytes: $0, file: "input", options: options).frames }
}

/// What could be read can be written, and what was written reads back as the same frames.
private func read(_ bytes: [UInt8], as format: any StructureFormat.Type) throws {
  var found = try frames(bytes, as: format, repair: bytes.count % 2 == 1)
  if !format.metadata.holdsManyFrames { found = Array(found.prefix(1)) }
  guard !found.isEmpty, format.metadata.canWrite else { return }
  if let format = format as? any FolderFormat.Type {
    _ = try? format.files(of: found, options: WriteOptions())
    return
  }
  guard let written = try? format.write(found) else { return }
  do {
    let again = try frames(written, as: format, repair: false)
    precondition(again.map(\.structure.elements) == found.map(\.structure.elements), "other frames after writing")
  } catch {
    fatalError("what was written does not read back: \(error)")
  }
}

private let potentialReaders: [String: Reader] = [
  "potential": readPotential, "aenet": readNetworkFile, "aenet-setup": readSetup, "mtp": readMLIP,
  "snap": readSNAP, "gap": readGAP,
]

/// A network file alone, and the potential that it makes.
private func readNetworkFile(_ bytes: [UInt8]) throws {
  let file = try AENETNetworkFile(bytes: bytes)
  do {
    let again = try AENETNetworkFile(bytes: file.binary)
    precondition(again.binary == file.binary, "another network file after writing and reading")
    _ = try AENETNetworkFile(bytes: file.ascii)
  } catch {
    fatalError("what was written does not read back: \(error)")
  }
  let potential = try AENETFolder.assemble([(path: "input", bytes: bytes)]).potential
  _ = try PotentialFile.read(bytes: Array(PotentialFile.encode(potential)))
}

/// A setup file, or one of the three input files: the first byte says which.
private func readSetup(_ bytes: [UInt8]) throws {
  guard let first = bytes.first else { return }
  let text = Array(bytes.dropFirst())
  if first % 4 == 3 {
    _ = try AENETSetupFile(bytes: text, file: "input")
  } else {
    _ = try AENETInput(bytes: text, file: "input", kind: AENETInput.Kind.allCases[Int(first % 4)])
  }
}

/// What could be read can be written, and reads back.
private func readMLIP(_ bytes: [UInt8]) throws {
  encodeAndRead(try MLIPPotentialFile.read(bytes: bytes, file: "input").potential)
}

/// The two files of a SNAP potential: what could be read can be written, and reads back.
private func readSNAP(_ bytes: [UInt8]) throws {
  let files = files(bytes)
  let names = (coefficients: "a.snapcoeff", parameters: "a.snapparam")
  func text(_ name: String) -> String { String(decoding: files[name] ?? [], as: UTF8.self) }
  let potential = try SNAPFiles.read(
    coefficients: text(names.coefficients), parameters: text(names.parameters), files: names)
  encodeAndRead(potential)
}

/// gap.xml with its sparse points.
private func readGAP(_ bytes: [UInt8]) throws {
  let files = files(bytes)
  let potential = try GAPFile.read("gap.xml") { path in
    guard let bytes = files[path] else { throw InputError("is not there", file: path) }
    return bytes
  }.potential
  encodeAndRead(potential)
}

private func encodeAndRead(_ potential: FittedPotential) {
  do {
    let again = try PotentialFile.read(bytes: Array(PotentialFile.encode(potential)))
    precondition(again.elements == potential.elements, "another potential after writing and reading")
  } catch {
    fatalError("what was written does not read back: \(error)")
  }
}

private func readPotential(_ bytes: [UInt8]) throws {
  let potential = try PotentialFile.read(bytes: withFittingLength(bytes))
  let again = try PotentialFile.read(bytes: Array(PotentialFile.encode(potential)))
  precondition(again.elements == potential.elements, "another potential after writing and reading")
}

/// A potential file whose first eight bytes agree with the end of its header: nearly every
/// change to a header makes that number wrong, and the reader would never see more than it.
private func withFittingLength(_ bytes: [UInt8]) -> [UInt8] {
  let brace = UInt8(ascii: "}")
  guard bytes.count > 10, bytes[0] % 8 == 0,  // others go as they are
    let end = (9..<bytes.count).last(where: { bytes[$0] == brace && bytes[$0 - 1] == brace })
  else { return bytes }
  return withUnsafeBytes(of: UInt64(end - 7).littleEndian, Array.init) + bytes[8...]
}

/// libFuzzer calls this with every input; `selected` is set once before.
nonisolated(unsafe) private var selected: Reader = { _ in }

private func run(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  do {
    try selected(Array(UnsafeBufferPointer(start: start, count: count)))
  } catch is InputError {
    // the one way in which a reader may refuse its input
  } catch {
    fatalError("a reader threw something other than InputError: \(error)")
  }
  return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

@main struct Fuzzing {
  static func main() {
    let name = ProcessInfo.processInfo.environment["HALITE_READER"] ?? ""
    if let folder = ProcessInfo.processInfo.environment["HALITE_POTENTIAL_SEEDS"] {
      do { return try name == "aenet" ? writeNetworkSeeds(to: folder) : writePotentialSeeds(to: folder) } catch {
        fatalError("no seeds: \(error)")
      }
    }
    guard let reader = reader(named: name) else {
      let known = Formats.all.map(readerName) + potentialReaders.keys.sorted()
      FileHandle.standardError.write(Data("HALITE_READER is one of \(known)\n".utf8))
      exit(2)
    }
    selected = reader
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(runFuzzer(&count, &arguments, run))
  }
}
