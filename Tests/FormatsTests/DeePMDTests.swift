import Foundation
import Structures
import TestSupport
import Testing

@testable import Formats

private func scan(_ contents: [String: [UInt8]], as format: any FolderFormat.Type, species: String = "") throws
  -> FrameFile
{
  var options = ReadOptions()
  options.species = speciesList(species) ?? []
  var frames: [LabeledStructure] = []
  let tally = try format.scan(folder: FolderFiles(path: "sys", contents: contents), options: options) {
    frames.append($0)
  }
  return FrameFile(frames: frames, tally: tally)
}

private func system(_ changes: [String: String?]) -> [String: [UInt8]] {
  var files: [String: String] = [
    "type.raw": "0 1\n", "type_map.raw": "Li O\n", "coord.raw": "0 0 0 1 1 1\n0 0 0 1 1 2\n",
    "box.raw": "4 0 0 0 4 0 0 0 4\n4 0 0 0 4 0 0 0 5\n", "energy.raw": "-1\n-2\n",
  ]
  for (name, text) in changes { files[name] = text }
  return files.mapValues { Array($0.utf8) }
}

@Test func rawSystemsAreRead() throws {
  let file = try scan(
    system([
      "force.raw": "1 2 3 4 5 6\n0 0 0 0 0 0\n", "virial.raw": "1 2 3 4 5 6 7 8 9\n0 0 0 0 0 0 0 0 0\n",
      "spin.raw": "0 0 1 0 0 -1\n0 0 0 0 0 2\n",
      "fparam.raw": "1\n2\n",
    ]), as: DeePMDText.self)
  #expect(file.frames.map(\.labels.energy) == [-1, -2])
  #expect(file.frames[0].structure.formula == "LiO" && file.frames[1].structure.lattice?.c == [0, 0, 5])
  #expect(file.frames[0].labels.forces == [[1, 2, 3], [4, 5, 6]])
  #expect(file.frames[0].labels.virial?.rows == [1, 2, 3, 4, 5, 6, 7, 8, 9])
  #expect(file.frames[0].structure.moments == .collinear([1, -1]))
  #expect(file.notes.contains("not read: fparam.raw (1 file)"))
  #expect(file.notes.contains("energy read from key energy.raw (2 frames)"))
  let cluster = try scan(system(["nopbc": "", "box.raw": nil as String?]), as: DeePMDText.self)
  #expect(cluster.frames.allSatisfy { $0.structure.lattice == nil })
  #expect(
    try scan(system(["type_map.raw": nil as String?]), as: DeePMDText.self, species: "Na,F").frames[0].structure
      .formula == "FNa")
}

@Test(
  arguments: [
    (
      ["type_map.raw": nil],
      "sys: no type_map.raw: nothing says the elements of the atom types; name them in order, as --species Li,Mn,O"
    ),
    (["type_map.raw": "Li Tii\n"], "sys/type_map.raw:1: unknown species \"Tii\"; did you mean Ti?"),
    (
      ["type_map.raw": "Ni Ni_spin\n"],
      "sys/type_map.raw:1: unknown species \"Ni_spin\"; virtual atoms are not read; use a set with spin.npy"
    ),
    (["type.raw": "0 x\n"], "sys/type.raw:1: found \"x\", expected an atom type (0, 1, …)"),
    (
      ["type.raw": "0 2\n"],
      "sys/type.raw: atom type 2 (counted from 0), but only 2 species are named: Li,O; name all in order in type_map.raw or by --species"
    ),
    (["coord.raw": "0 0 0 1 1\n"], "sys/coord.raw:1: 5 numbers a frame, expected 6; does type.raw belong to it?"),
    (["coord.raw": "0 0 0 1 1 nan\n"], "sys/coord.raw:1: a number is \"nan\", not a finite number"),
    (["box.raw": nil], "sys: no box.raw beside sys/coord.raw; a free cluster has a file nopbc"),
    (
      ["box.raw": "0 0 0 0 0 0 0 0 0\n"],
      "sys/box.raw: the cell of frame 0 has no volume; a free cluster has a file nopbc"
    ),
    (["energy.raw": "-1\n"], "sys/energy.raw: 1 frames, but sys/coord.raw has more"),
    (["energy.raw": "-1\n-2\n-3\n"], "sys/energy.raw: more frames than sys/coord.raw, which has 2"),
  ] as [([String: String?], String)])
func brokenSystemsAreRefused(_ changes: [String: String?], _ expected: String) {
  #expect(message { _ = try scan(system(changes), as: DeePMDText.self) } == expected)
}

@Test func mixedTypesAreRead() throws {
  let files: [String: [UInt8]] = [
    "type.raw": Array("0\n0\n".utf8), "type_map.raw": Array("Li\nO\n".utf8), "nopbc": [],
    "set.000/coord.npy": NPYArray.file([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3] as [Double], shape: [2, 6]),
    "set.000/force.npy": NPYArray.file([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3] as [Double], shape: [2, 6]),
    "set.000/real_atom_types.npy": NPYArray.file([1, 0, -1, 1] as [Int32], shape: [2, 2]),
  ]
  #expect(DeePMDMixed.isSystem(Array(files.keys)) && DeePMDArrays.isSystem(Array(files.keys)))
  let frames = try scan(files, as: DeePMDMixed.self).frames
  #expect(frames.map { $0.structure.elements.map(\.symbol) } == [["O", "Li"], ["O"]])
  #expect(frames[1].structure.positions == [[3, 3, 3]] && frames[1].labels.forces == [[3, 3, 3]])
}

@Test(arguments: [DeePMDArrays.self, DeePMDText.self, DeePMDMixed.self] as [any FolderFormat.Type])
func whatDeePMDCarriesComesBack(_ format: any FolderFormat.Type) throws {
  var random = RandomSource(seed: 9)
  let frames = (0..<40).map { _ in
    var frame = randomFrame(&random)
    frame.structure.periodic = frame.structure.lattice == nil ? .none : .all
    return frame
  }
  try withTemporaryFolder { folder in
    let path = folder + "/a" + format.metadata.suffixes[0] + ".d"
    let lost = try writeFrames(frames, to: path)
    #expect(lost.contains { $0.contains("config_type") })
    let back = Dictionary(uniqueKeysWithValues: try readFrames(path).frames.map { ($0.id, $0) })
    for frame in frames {
      let found = try #require(back[frame.id])
      #expect(
        found.structure.elements == frame.structure.elements && found.structure.lattice == frame.structure.lattice)
      #expect(found.structure.positions == frame.structure.positions)
      #expect(found.labels.energy == frame.labels.energy && found.labels.forces == frame.labels.forces)
      #expect(
        found.labels.virial == frame.labels.virial && found.labels.magneticForces == frame.labels.magneticForces)
      #expect(vectors(found.structure.moments) == vectors(frame.structure.moments))
    }
    #expect(
      message { try writeFrames(frames, to: path) }
        == "\(path): cannot write: it is there already; remove it or choose another name")
  }
}

private func vectors(_ moments: Moments?) -> [SIMD3<Double>]? {
  switch moments {
  case .collinear(let values): values.map { [0, 0, $0] }
  case .vectors(let values): values
  case nil: nil
  }
}

@Test func numpyHeadersAreReadWithCare() throws {
  let bytes = NPYArray.file([1, 2, 3, 4, 5, 6] as [Double], shape: [2, 3])
  #expect(bytes.count % 16 == 0 && bytes.count == 128 + 48)
  let row = try bytes.withUnsafeBytes { try NPYArray($0, file: "a").row(1) }
  #expect(row == [4, 5, 6])
  func refusal(_ bytes: [UInt8]) -> String {
    message { try bytes.withUnsafeBytes { _ = try NPYArray($0, file: "a.npy") } }
  }
  #expect(
    refusal(Array(bytes.dropLast())) == "a.npy: 6 numbers declared, but 47 bytes follow; the file may be truncated")
  #expect(refusal(Array("PK".utf8)) == "a.npy: not a NumPy array file; expected .npy of version 1 to 3")
  let header = String(decoding: bytes.prefix(128), as: Unicode.ASCII.self).dropFirst(6)
  #expect(header.contains("'shape': (2, 3), }"))
  let other = Array(
    String(decoding: bytes.dropFirst(10).prefix(118), as: UTF8.self).replacingOccurrences(of: "<f8", with: ">f8")
      .utf8)
  #expect(
    refusal(Array(bytes.prefix(10)) + other + bytes.dropFirst(128))
      == "a.npy: NumPy numbers of type >f8; expected little-endian <f8, <f4, <i8 or <i4")
}

extension NPYArray {
  /// A file of doubles.
  static func file(_ numbers: [Double], shape: [Int]) -> [UInt8] {
    numbers.map(\.bitPattern.littleEndian).withUnsafeBytes { header(isInteger: false, shape: shape) + Array($0) }
  }

  /// A file of 32-bit integers.
  static func file(_ numbers: [Int32], shape: [Int]) -> [UInt8] {
    numbers.map(\.littleEndian).withUnsafeBytes { header(isInteger: true, shape: shape) + Array($0) }
  }
}
