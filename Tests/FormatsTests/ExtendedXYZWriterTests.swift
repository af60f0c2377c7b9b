import Structures
import Testing

@testable import Formats

/// The same but for where it was read from.
private func stripped(_ frame: LabeledStructure) -> LabeledStructure {
  var frame = frame
  frame.provenance = Provenance()
  return frame
}

@Test func everyFrameComesBackToTheLastBit() throws {
  var random = RandomSource(seed: 11)
  let frames = (0..<500).map { _ in randomFrame(&random) }
  let back = try read(text(try ExtendedXYZ.write(frames)))
  #expect(back.frames.map(stripped) == frames)
  let again = try ExtendedXYZ.write(back.frames.map(stripped))
  #expect(again == (try ExtendedXYZ.write(frames)))
}

@Test func theTextIsThatOfTheConventions() throws {
  let structure = Structure(
    lattice: Lattice(a: [2, 0, 0], b: [0, 2, 0], c: [0, 0, 2]), elements: [try #require(ChemicalElement("Ni"))],
    positions: [[0, 0.5, 1e-5]], moments: .collinear([1.25]))
  var labels = Labels(energy: -1.5, forces: [[1, 2, 3]], virial: Matrix3([8, 0, 0], [0, 16, 0], [0, 0, 24]))
  labels.energyWithoutSmearing = -1.25
  let frame = LabeledStructure(
    id: String(repeating: "ab", count: 32), structure: structure, labels: labels,
    provenance: Provenance(file: "OUTCAR", index: 3), configType: "tmo2")
  let expected = """
    1
    Lattice="2.0 0.0 0.0 0.0 2.0 0.0 0.0 0.0 2.0" Properties=species:S:1:pos:R:3:REF_forces:R:3:REF_magmoms:R:1 \
    REF_energy=-1.5 energy_sigma0=-1.25 REF_stress="-1.0 -0.0 -0.0 -0.0 -2.0 -0.0 -0.0 -0.0 -3.0" config_type=tmo2 \
    source=OUTCAR#3 id=\(String(repeating: "ab", count: 32)) pbc="T T T"
    Ni 0.0 0.5 1e-05 1.0 2.0 3.0 1.25

    """
  #expect(text(try ExtendedXYZ.write([frame])) == expected)
}

/// Numbers that were written before are kept as text; neither their number nor their length may matter.
@Test func repeatedNumbersComeBackToTheLastBit() throws {
  var random = RandomSource(seed: 4)
  var numbers = (0..<3000).map { _ in Double(bitPattern: random.next()) }.filter(\.isFinite)
  numbers += [-2.2250738585072014e-308, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0, -0.0]
  let positions = (numbers + numbers.reversed()).map { SIMD3($0, -$0, 1) }
  let structure = Structure(
    lattice: nil, elements: positions.map { _ in ChemicalElement("O")! }, positions: positions)
  let back = try read(text(try ExtendedXYZ.write([LabeledStructure(structure: structure, labels: Labels())])))
  #expect(back.frames[0].structure.positions.map { $0.x.bitPattern } == positions.map { $0.x.bitPattern })
  #expect(back.frames[0].structure.positions.map { $0.y.bitPattern } == positions.map { $0.y.bitPattern })
}

@Test func framesOnSharedSitesAreThoseOfTheOtherWriter() throws {
  var random = RandomSource(seed: 9)
  let elements = ["Li", "Mn", "O"].map { ChemicalElement($0)! }
  let positions = (0..<20).map { _ in SIMD3(random.uniform(), -random.uniform(), 1e-12 * random.uniform()) }
  let sites = SharedSites(
    lattice: Lattice(a: [5, 0, 0], b: [0.1, 6, 0], c: [0, 1 / 3.0, 7]), positions: positions)
  let recipe = "enumerate \"all\" of it"
  let writer = SharedSitesWriter(
    sites, configType: "made up", info: [("a", "1 2"), ("n", nil), ("recipe", recipe), ("last", nil)])
  var bytes: [UInt8] = []
  var frames: [LabeledStructure] = []
  for n in 0..<30 {
    let places = Array(random.permutation(of: 20).prefix(1 + n / 2))
    let atoms = places.map { _ in elements[random.below(3)] }
    writer.append(atoms, at: places, values: [String(n), "x y"], to: &bytes)
    let info = [("a", "1 2"), ("n", String(n)), ("recipe", recipe), ("last", "x y")]
    frames.append(
      LabeledStructure(
        structure: Structure(lattice: sites.lattice, elements: atoms, positions: places.map { positions[$0] }),
        labels: Labels(), configType: "made up", info: info.map { InfoItem(key: $0.0, value: $0.1) }))
  }
  #expect(text(bytes) == text(try ExtendedXYZ.write(frames)))
}

@Test func theFirstSourceStays() throws {
  let first = try read("1\nProperties=species:S:1:pos:R:3 a=b\nLi 0 0 0\n", file: "first.xyz")
  let second = try read(text(try ExtendedXYZ.write(first.frames)), file: "second.xyz")
  let third = try read(text(try ExtendedXYZ.write(second.frames)), file: "third.xyz")
  #expect(third.frames[0].value(ofKey: "source") == "first.xyz#0")
  #expect(third.frames[0].id == first.frames[0].id)
}

@Test func numbersThatAreNotFiniteAreNotWritten() throws {
  var frame = try read("1\n\nLi 0 0 0\n", file: "a.xyz").frames[0]
  frame.labels.forces = [[0, .nan, 0]]
  let said = message { _ = try ExtendedXYZ.write([frame]) }
  #expect(said == "the forces of a.xyz frame 0 hold a number that is not finite")
}

@Test func columnsThatWouldFallApartAreNotWritten() throws {
  var frame = try read("1\n\nLi 0 0 0\n", file: "a.xyz").frames[0]
  frame.columns = [AtomColumn(name: "tag", kind: .string, width: 1, values: ["a b"])]
  let said = message { _ = try ExtendedXYZ.write([frame]) }
  #expect(said == "the column \"tag\" of a.xyz frame 0 holds blanks, which extxyz rows cannot")
}
