import Foundation
import Formats
import Structures
import TestSupport
import Testing

/// What other programs read in our files.
@Suite(.enabled(if: Peers.arePresent, "\(Peers.absence)")) struct PeerComparisonTests {
  private func sample() throws -> [LabeledStructure] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("sample.extxyz.gz")
    try Data(SampleData.disorderedRocksalts()).write(to: file)
    return Array(try readFrames(file.path).frames.prefix(3))
  }

  /// Numbers that a script prints for a file, one a line.
  private func numbers(_ script: String, name: String, of bytes: [UInt8]) throws -> [Double] {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + name)
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let lines = try Peers.ask(script, arguments: [file.path]).split(separator: "\n")
    return try lines.map { try #require(Double($0), "\($0)") }
  }

  @Test func aseReadsExtendedXYZ() throws {
    let frames = try sample()
    let script = """
      import sys, ase.io
      for atoms in ase.io.read(sys.argv[1], index=":", format="extxyz"):
          values = [len(atoms), atoms.info["REF_energy"], *atoms.info["REF_stress"].ravel(), *atoms.cell.array.ravel()]
          values += [*atoms.numbers, *atoms.positions.ravel(), *atoms.arrays["REF_forces"].ravel()]
          print(*map(float, values), sep="\\n")
      """
    let expected = try frames.flatMap { frame -> [Double] in
      let structure = frame.structure
      let (volume, lattice) = (try #require(structure.volume), try #require(structure.lattice))
      let stress = try #require(frame.labels.stress(volume: volume))
      let forces = try #require(frame.labels.forces)
      let head = [Double(structure.count), try #require(frame.labels.energy)]
      let vectors = [stress.x, stress.y, stress.z, lattice.a, lattice.b, lattice.c]
      return head + flat(vectors) + structure.elements.map { Double($0.atomicNumber) } + flat(structure.positions)
        + flat(forces)
    }
    let found = try numbers(script, name: ".extxyz", of: ExtendedXYZ.write(frames))
    #expect(found.count == expected.count)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-13 * max(1, abs($1)) })
  }

  @Test func aseReadsPOSCAR() throws {
    let frame = try #require(try sample().first)
    let script = """
      import sys, ase.io
      atoms = ase.io.read(sys.argv[1], format="vasp")
      print(*map(float, [*atoms.cell.array.ravel(), *sorted(atoms.numbers), *sorted(atoms.positions.ravel())]), sep="\\n")
      """
    let structure = frame.structure
    let lattice = try #require(structure.lattice)
    let numbers = structure.elements.map { Double($0.atomicNumber) }.sorted()
    let expected = flat([lattice.a, lattice.b, lattice.c]) + numbers + flat(structure.positions).sorted()
    let found = try self.numbers(script, name: ".vasp", of: POSCAR.write([frame]))
    #expect(found.count == expected.count)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-10 })
  }

  private func flat(_ vectors: [SIMD3<Double>]) -> [Double] { vectors.flatMap { [$0.x, $0.y, $0.z] } }
}
