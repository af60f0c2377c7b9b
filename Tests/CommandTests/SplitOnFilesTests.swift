import Formats
import Foundation
import Settings
import Structures
import TestSupport
import Testing

@testable import halite

private let sample = "data/xtb-drx-64/drx-1.extxyz"
private let lmnto = "data/lmnto-cooper2020"

@Suite(.enabled(if: SharedData.holds(sample), "../shared is not there"))
struct SplitOnFilesTests {
  /// XSF holds no stress; where its comment with the id is lost too, frames are found by what they look like.
  @Test func aSplitIsObeyedByFilesThatLostTheIds() throws {
    let set = Dataset(Array(try readFrames(SharedData.path(sample)).frames.prefix(60)))
    let split = try DataSplit(set, trainingFraction: 0.8, seed: 1, threads: 2)
    try Program.withFolder { folder in
      let path = folder.appendingPathComponent("set.xsf.d").path
      try writeFrames(set.frames, to: path)
      let copies = Dataset(
        try readFrames(path).frames.map { LabeledStructure(structure: $0.structure, labels: $0.labels) })
      #expect(Set(set.map(\.id)).intersection(copies.map(\.id)).count == 0)
      let (training, test) = try split.parts(of: copies, threads: 2)
      #expect(training.count == 48 && test.count == 12)
      let expected = try split.parts(of: set)
      #expect(test.map(\.labels.energy) == expected.test.map(\.labels.energy))
    }
  }

  /// aenet's XSF and the extxyz made of them hold the same numbers, so that even the exact ids agree.
  @Test(.enabled(if: SharedData.holds(lmnto), "../shared is not there"))
  func originalsAndTheirCopiesHaveTheSameIds() throws {
    let originals = try readFrames(SharedData.path(lmnto + "/xsf")).frames
    let copies = try readFrames(SharedData.path(lmnto + "/lmnto.extxyz")).frames
    let unknown = Set(originals.map(\.id)).subtracting(copies.map(\.id)).count
    #expect(originals.count == 100 && unknown == 0)
  }
}

@Test func aSplitWrittenMemberByMemberIsTheTextOfTheWhole() throws {
  let structure = Structure(lattice: nil, elements: [], positions: [])
  let frames = (0..<7).map { LabeledStructure(structure: structure, labels: Labels(energy: Double($0) - 0.25)) }
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("split-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  for fraction in [0.5, 1] {
    let split = try DataSplit(Dataset(frames), trainingFraction: fraction, seed: 2)
    let path = folder.path + "/split\(fraction).json"
    try writeSplit(split, to: path)
    #expect(try String(decoding: AtomicFile.read(path), as: UTF8.self) == jsonText(split))
    #expect(try readSplit(path) == split)
  }
}
