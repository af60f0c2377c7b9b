import Testing

@testable import Structures

@Test func idsKeepTheirTextAndOrder() {
  var random = RandomSource(seed: 5)
  let digits = Array("0123456789abcdef")
  var ids = (0..<200).map { _ in String((0..<64).map { _ in digits[random.below(16)] }) }
  ids += ["", "a", "Frame 3", String(repeating: "0", count: 63), String(repeating: "A", count: 64)]
  #expect(ids.map { FrameID($0).text } == ids)
  #expect(ids.sorted() == ids.map { FrameID($0) }.sorted().map(\.text))
  #expect(FrameIdentity.hash(of: ids.map { FrameID($0) }) == FrameIdentity.hash(ofIDs: ids))
}

@Test func namesOfManyFramesAreThoseOfEach() {
  let structure = Structure(lattice: nil, elements: [], positions: [])
  let places = [
    Provenance(file: "a.xyz", index: 3), Provenance(file: "b", index: nil), Provenance(),
    Provenance(file: "a.xyz", index: 0),
  ]
  let frames = places.map { LabeledStructure(structure: structure, labels: Labels(), provenance: $0) }
  var names = FrameNames()
  for frame in frames { names.append(frame) }
  #expect(frames.indices.map { names[$0] } == frames.map(\.name))
}
