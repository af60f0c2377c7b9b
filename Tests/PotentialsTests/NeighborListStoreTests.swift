import Structures
import TestSupport
import Testing

@testable import Potentials

private let elements = ["Li", "Mn", "O"].compactMap { ChemicalElement($0) }

private func model() throws -> MTP {
  var settings = MTP.defaults
  (settings.level, settings.radialSize, settings.rMin, settings.rMax) = (8, 4, 1.6, 4)
  return try MTP(elements: elements, hyperparameters: settings, seed: 2)
}

@Suite struct NeighborListStoreTests {
  @Test func joinedListsAreTheListOfAll() throws {
    let model = try model()
    let frames = (1...3).map { RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], seed: $0) }
    let joined = NeighborList(joining: try frames.map { try model.neighborList(of: [$0]) })
    let whole = try model.neighborList(of: frames)
    #expect(joined.types == whole.types && joined.centers == whole.centers && joined.frames == whole.frames)
    #expect(joined.indices == whole.indices && joined.vectors == whole.vectors && joined.offsets == whole.offsets)
    let none = NeighborList(joining: [])
    #expect(none.types.isEmpty && none.offsets == [0])
  }

  @Test func listsAreKeptAsLongAsTheyFit() throws {
    let model = try model()
    let frames = (1...3).map { RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], seed: $0) }
    let bytes = 40 * (try model.neighborList(of: [frames[0]])).indices.count
    for (limit, expected) in [(1 << 30, 3), (0, 6), (3 * bytes / 2, 5)] {
      let store = NeighborListStore(limit: limit)
      var made = 0
      for frame in frames + frames {
        let list = try store.list(of: frame) {
          made += 1
          return try model.neighborList(of: [frame])
        }
        #expect(list.vectors == (try model.neighborList(of: [frame])).vectors)
      }
      #expect(made == expected)
    }
  }

  /// Whether lists are kept changes no bit of loss and gradient.
  @Test func lossIsTheSame() throws {
    let model = try model()
    let data = Dataset(
      (1...6).map {
        LabeledStructure(
          structure: RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], seed: $0),
          labels: Labels(energy: 1, forces: [SIMD3<Double>](repeating: .zero, count: 8), virial: .zero))
      })
    let weights = LossWeights(energy: 1, forces: 1, virial: 1)
    func gradient(_ limit: Int) throws -> [Double] {
      let blocks = FrameBlocks<MTP>(data, weights: weights, threads: 2, lists: NeighborListStore(limit: limit))
      _ = try blocks.sums(model, over: data.frames, needsGradient: true)
      return try blocks.sums(model, over: data.frames, needsGradient: true).gradient
    }
    #expect(try gradient(0) == gradient(1 << 30))
  }
}
