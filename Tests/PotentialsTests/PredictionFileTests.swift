import Foundation
import Potentials
import Structures
import Testing

@Suite struct PredictionFileTests {
  private let file = PredictionFile(parts: [
    .init(
      name: "train", ids: ["aa", "bb"],
      predictions: [
        Prediction(
          energy: -1.0 / 3, forces: [[0.1, 0.2, 1e-300], [-0.0, 5, 6]],
          virial: Matrix3(rows: [1, 2, 3, 4, 5, 6, 7, 8, 0.1]), siteEnergies: []),
        Prediction(energy: 7, forces: [[1, 2, 3]], virial: .zero, siteEnergies: []),
      ]), .init(name: "test", ids: [], predictions: []),
  ])

  private func withPath(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "predictions-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test func comesBackBitForBit() throws {
    try withPath { path in
      try file.write(to: path)
      let read = try PredictionFile(path)
      #expect(read.parts.map(\.name) == ["train", "test"] && read.parts[0].ids == ["aa", "bb"])
      for (a, b) in zip(read.parts[0].predictions, file.parts[0].predictions) {
        #expect(a.energy.bitPattern == b.energy.bitPattern && a.virial == b.virial)
        #expect(a.forces.count == b.forces.count)
        for (f, g) in zip(a.forces, b.forces) {
          for k in 0..<3 { #expect(f[k].bitPattern == g[k].bitPattern) }
        }
      }
      #expect(read.parts[1].predictions.isEmpty)
    }
  }

  @Test func whatIsCutShortOrAnotherFileIsRefused() throws {
    try withPath { path in
      try file.write(to: path)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      try bytes.dropLast(9).write(to: URL(fileURLWithPath: path))
      #expect(throws: InputError.self) { try PredictionFile(path) }
      try Data("nothing".utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: InputError.self) { try PredictionFile(path) }
    }
  }
}
