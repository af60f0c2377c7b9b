import Structures
import Testing

@testable import Potentials

/// A chain of atoms; how many is all that counts.
private func frame(_ count: Int) throws -> Structure {
  let element = try #require(ChemicalElement("Li"))
  return Structure(
    lattice: nil, elements: Array(repeating: element, count: count),
    positions: (0..<count).map { [3 * Double($0), 0, 0] })
}

@Suite struct FrameMapTests {
  /// Small frames go side by side where they are enough for all threads, others have all threads.
  @Test func framesShareThreadsByTheirSize() throws {
    let counts = [128, 129, 1024, 1025]
    let frames = try counts.map(frame)
    func threads(_ frames: [Structure], of all: Int) throws -> [Int] {
      try mapFrames(frames, names: [], threads: all) { $1 }
    }
    #expect(try threads(frames, of: 2) == [1, 1, 1, 2])
    #expect(try threads(frames, of: 8) == [1, 8, 8, 8])
    #expect(try threads([], of: 2) == [])
    for threads in [1, 2, 8] {
      #expect(try mapFrames(frames, names: [], threads: threads) { frame, _ in frame.count } == counts)
    }
  }

  /// An error says in which frame, be it small or large.
  @Test(arguments: [0, 3]) func errorsNameTheirFrame(_ wrong: Int) throws {
    let counts = [3, 129, 5, 1025]
    let frames = try counts.map(frame)
    let error = #expect(throws: InputError.self) {
      try mapFrames(frames, names: counts.map { "frame of \($0)" }, threads: 2) { frame, _ in
        if frame.count == counts[wrong] { throw InputError("two atoms are too close") }
      }
    }
    #expect(error?.description.contains("frame of \(counts[wrong])") == true)
  }
}
