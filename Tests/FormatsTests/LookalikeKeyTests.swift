import Structures
import Testing

@testable import Formats

private func frames(_ keys: String, columns: String = "", options: ReadOptions = ReadOptions()) throws -> FrameFile
{
  let row = "Li 0 0 0" + (columns.isEmpty ? "" : " 1.5 0 0")
  let text = "1\nLattice=\"3 0 0 0 3 0 0 0 3\" Properties=species:S:1:pos:R:3\(columns) \(keys)\n\(row)\n"
  return try text.utf8.withContiguousStorageIfAvailable {
    try ExtendedXYZ.read(bytes: UnsafeRawBufferPointer($0), file: "a.xyz", options: options)
  } ?? FrameFile(frames: [])
}

@Test(arguments: [
  ("TotEnergy=-1.5", "", "energy", "TotEnergy"), ("ENERGY=-1.5", "", "energy", "ENERGY"),
  ("enrgy=-1.5", "", "energy", "enrgy"), ("a=1", ":Forces:R:3", "forces", "Forces"),
  ("a=1", ":forces_dft:R:3", "forces", "forces_dft"), ("Stress=\"1 2 3 0 0 0\"", "", "stress", "Stress"),
])
func aKeyThatLooksLikeALabelIsFound(keys: String, columns: String, label: String, key: String) throws {
  let found = lookalikeKeys(in: try frames(keys, columns: columns).frames)
  #expect(found == [LookalikeKey(label: label, key: key, frames: 1)])
  #expect(found.first?.remedy == "rename it to REF_\(label), or give --\(label)-key \(key)")
}

@Test(arguments: [
  "energy=-1.5 TotEnergy=-1.5", "energy_per_atom=-1.5", "formation_energy=0.1", "halite_energy=-1.5", "entry=7",
  "TotEnergy=none",
])
func whatIsReadOrMeansSomethingElseIsNot(keys: String) throws {
  #expect(lookalikeKeys(in: try frames(keys).frames).isEmpty)
}

@Test func aChosenKeyIsReadAloneAndNotKept() throws {
  var options = ReadOptions()
  options.keys = KeyChoice(energy: "TotEnergy", forces: "Forces", stress: "my_virial")
  let keys = "energy=-7.0 TotEnergy=-1.5 my_virial=\"1 2 3 0 0 0\""
  let frame = try #require(try frames(keys, columns: ":Forces:R:3", options: options).frames.first)
  #expect(frame.labels.energy == -1.5)
  #expect(frame.labels.forces == [[1.5, 0, 0]])
  #expect(frame.labels.virial == Matrix3(voigt: [1, 2, 3, 0, 0, 0]))
  #expect(frame.provenance.energyKey == "TotEnergy")
  #expect(frame.info == [InfoItem(key: "energy", value: "-7.0")])
  options.keys = KeyChoice(stress: "Sigma")
  let stressed = try frames("Sigma=\"1 2 3 0 0 0\" TotEnergy=-1.5", options: options).frames
  #expect(stressed.first?.labels.virial == Matrix3(voigt: [-27, -54, -81, 0, 0, 0]))
  #expect(stressed.first?.labels.energy == nil)
}
