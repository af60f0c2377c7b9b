import Testing

@testable import Structures

/// LiCoO2-like rocksalt of 16 atoms; all nearest distances are the same.
private func frame(
  _ cations: [String], energy: Double? = -100, shift: Double = 0, step: Int? = nil, relaxed: Bool = false,
  source: String = "run/OUTCAR#0", reversed: Bool = false
) -> LabeledStructure {
  var sites: [(String, SIMD3<Double>)] = []
  let places: [SIMD3<Double>] = [
    [0, 0, 0], [2, 2, 0], [2, 0, 2], [0, 2, 2], [4, 0, 0], [6, 2, 0], [6, 0, 2], [4, 2, 2],
  ]
  for (symbol, place) in zip(cations, places) { sites.append((symbol, place)) }
  for place in places { sites.append(("O", place + [2, 0, 0])) }
  sites[0].1 += [shift, 0, 0]
  if reversed { sites.reverse() }
  var frame = LabeledStructure(
    structure: Structure(
      lattice: Lattice(a: [8, 0, 0], b: [0, 4, 0], c: [0, 0, 4]),
      elements: sites.compactMap { ChemicalElement($0.0) },
      positions: sites.map(\.1)), labels: Labels(energy: energy))
  frame.set("ionic_step", step.map { "\($0)" })
  frame.set("relaxed", relaxed ? "T" : nil)
  frame.set("source", source)
  return frame
}

private let layered = ["Li", "Li", "Co", "Co", "Li", "Li", "Co", "Co"]

private func originals(_ frames: [LabeledStructure]) throws -> [Int?] {
  DuplicateFinder(try frames.map { try DuplicateKey($0) }).marks.map { $0?.original }
}

@Suite struct DuplicateFinderTests {
  @Test func theSameFrameIsFoundWhateverTheOrderOfItsAtoms() throws {
    #expect(try originals([frame(layered), frame(layered), frame(layered, reversed: true)]) == [nil, 0, 0])
    #expect(try originals([frame(layered), frame(layered, energy: -100.0000005, reversed: true)]) == [nil, 0])
    #expect(try originals([frame(layered), frame(layered, energy: -100.00001, reversed: true)]) == [nil, nil])
  }

  /// One Li and one Co change places: volume, energy and every nearest distance stay.
  @Test func elementsThatChangePlacesAreAnotherFrame() throws {
    var swapped = layered
    swapped.swapAt(0, 2)
    swapped.swapAt(4, 7)
    let frames = [frame(layered), frame(swapped)]
    let keys = try frames.map { try DuplicateKey($0) }
    #expect(
      keys[0].signature.matches(keys[1].signature, atoms: 16), "sorted distances alone do not tell them apart")
    #expect(try originals(frames) == [nil, nil])
  }

  @Test func anEnergyIsNotTheSameAsNone() throws {
    #expect(try originals([frame(layered), frame(layered, energy: nil)]) == [nil, nil])
    #expect(try originals([frame(layered, energy: nil), frame(layered, energy: nil, reversed: true)]) == [nil, 0])
  }

  /// The end point of a relaxation is what users need.
  @Test func ofOneRunTheLastStepStays() throws {
    let run = [1, 2, 3].map { frame(layered, shift: 1e-5 * Double($0), step: $0, relaxed: $0 == 3) }
    #expect(try originals(run) == [2, 2, nil])
    #expect(try originals(run.reversed()) == [nil, 0, 0])
    let pair = [
      frame(layered, step: 1, source: "a/vasprun.xml.gz#0"),
      frame(layered, shift: 1e-5, step: 2, source: "a/OUTCAR#1"),
    ]
    #expect(try originals(pair) == [1, nil])
    let others = [
      frame(layered, step: 1, source: "a/OUTCAR#0"), frame(layered, shift: 1e-5, step: 2, source: "b/OUTCAR#0"),
    ]
    #expect(try originals(others) == [nil, 0])
  }
}
