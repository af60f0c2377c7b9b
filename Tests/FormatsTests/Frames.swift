import Foundation
import Structures

@testable import Formats

/// Reads text as a format would read a file named `name`.
func read(
  _ text: String, as format: any StructureFormat.Type = ExtendedXYZ.self, file: String = "a.txt",
  options: ReadOptions = ReadOptions()
) throws -> FrameFile {
  try Array(text.utf8).withUnsafeBytes { try format.read(bytes: $0, file: file, options: options) }
}

/// The text of the error that reading ends with, "" where it succeeds.
func failure(
  _ text: String, as format: any StructureFormat.Type = ExtendedXYZ.self, options: ReadOptions = ReadOptions()
) -> String {
  message { _ = try read(text, as: format, options: options) }
}

/// The text of the `InputError` that a block throws, "" where it throws none.
func message(_ block: () throws -> Void) -> String {
  do {
    try block()
    return ""
  } catch let error as InputError {
    return error.description
  } catch {
    return "not an InputError: \(error)"
  }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// An empty folder that is removed behind the block.
func withTemporaryFolder<R>(_ block: (String) throws -> R) throws -> R {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("formats-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try block(url.path)
}

func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }

/// Frames with all kinds of labels, numbers of all sizes, and awkward keys.
func randomFrame(_ random: inout RandomSource) -> LabeledStructure {
  func number() -> Double { (random.uniform() - 0.5) * [1e-7, 1, 20, 1e9][random.below(4)] }
  func vectors(_ count: Int) -> [SIMD3<Double>] { (0..<count).map { _ in [number(), number(), number()] } }
  let count = 1 + random.below(5)
  let elements = (0..<count).map { _ in ChemicalElement.all[random.below(100)] }
  let cell = Lattice(
    a: [4 + random.uniform(), number() * 1e-9, 0], b: [0, 5 + random.uniform(), 0], c: [0.1, 0.2, 6])
  let kind = random.below(4)
  let lattice = kind == 0 ? nil : cell
  var structure = Structure(
    lattice: lattice, periodic: kind == 1 ? Periodicity(true, true, false) : .all, elements: elements,
    positions: vectors(count))
  switch random.below(3) {
  case 0: structure.moments = .collinear((0..<count).map { _ in number() })
  case 1: structure.moments = .vectors(vectors(count))
  default: break
  }
  var labels = Labels()
  if random.below(2) == 0 { labels.energy = number() }
  if random.below(2) == 0 { labels.energyWithoutSmearing = number() }
  if random.below(2) == 0 { labels.energyWithoutEntropy = number() }
  if random.below(2) == 0 { labels.forces = vectors(count) }
  if random.below(2) == 0 { labels.magneticForces = vectors(count) }
  if random.below(2) == 0 {
    let rows = vectors(3)
    labels.virial = Matrix3(rows[0], rows[1], rows[2])
  }
  let info = [
    InfoItem(key: "source", value: "a \"b\" \\c\nd"), InfoItem(key: "host", value: "h-1"),
    InfoItem(key: "array", value: "[1, 2, [3]]"), InfoItem(key: "odd key=", value: ""),
    InfoItem(key: "µ", value: "½ {"), InfoItem(key: "equal", value: "a=b"),
  ]
  let column = AtomColumn(name: "tags", kind: .integer, width: 2, values: (0..<2 * count).map(String.init))
  return LabeledStructure(
    structure: structure, labels: labels, configType: random.below(2) == 0 ? "IsolatedAtom" : nil, info: info,
    columns: [column])
}
