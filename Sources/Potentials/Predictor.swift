import Optimization
import Structures
import Synchronization

/// Energies, forces and virials of frames from any potential: assembled here, once, for every model.
///
///     F_n = Σ_{pairs from n} ∂E/∂r_p − Σ_{pairs to n} ∂E/∂r_p,  W_ab = −Σ_p r_p,a ∂E/∂r_p,b
///
/// A frame is worked on in blocks of sites, each with its own neighbour list, and partial sums are added in block
/// order: memory does not grow with atoms × neighbours, and the bits do not depend on the number of threads.
public struct Predictor: Sendable {
  public let potential: any Potential
  public let threads: Int
  /// Blocks under way before their sums are added.
  private static let waveSize = 64

  public init(_ potential: any Potential, threads: Int = 1) {
    OpenBLASCore.useOneThread()
    self.potential = potential
    self.threads = threads
  }

  /// Predictions of frames, in their order; small frames side by side where they are enough for all threads, others
  /// block by block.
  /// - Parameter names: for errors, one a frame.
  public func predict(_ frames: [Structure], names: [String] = []) throws -> [Prediction] {
    try mapFrames(frames, names: names, threads: threads) { try predict($0, threads: $1) }
  }

  private func predict(_ frame: Structure, threads: Int) throws -> Prediction {
    let search = try potential.neighborSearch(of: [frame])
    let blocks = (search.sites.count + sitesOfBlock - 1) / sitesOfBlock
    var result = Prediction(
      energy: 0, forces: [SIMD3<Double>](repeating: .zero, count: frame.count), virial: .zero, siteEnergies: [])
    result.siteEnergies.reserveCapacity(frame.count)
    for wave in stride(from: 0, to: blocks, by: Self.waveSize) {
      let count = min(Self.waveSize, blocks - wave)
      let parts = Mutex([Block?](repeating: nil, count: count))
      try parallelLoop(chunks: count, threads: threads, scratch: { SparseForces(sites: search.sites.count) }) {
        k, forces in
        let start = (wave + k) * sitesOfBlock
        let part = try block(search, start..<min(start + sitesOfBlock, search.sites.count), &forces)
        parts.withLock { $0[k] = part }
      }
      for part in parts.withLock({ $0 }).compactMap({ $0 }) {
        result.siteEnergies += part.energies
        result.virial += part.virial
        for (site, force) in part.forces { result.forces[site] += force }
      }
    }
    result.energy = result.siteEnergies.reduce(0, +)
    return result
  }

  private struct Block: Sendable {
    var energies: [Double]
    var virial: Matrix3
    var forces: [(site: Int, force: SIMD3<Double>)]
  }

  private func block(
    _ search: NeighborSearch, _ centers: Range<Int>, _ forces: inout SparseForces
  ) throws -> Block {
    let list = try search.list(of: centers)
    var gradient: PairGradient? = PairGradient(pairs: list.vectors.count)
    let energies = potential.siteEnergies(list, gradient: &gradient)
    let vectors = gradient?.vectors ?? []
    var virial = Matrix3.zero
    for site in centers {
      var own = SIMD3<Double>.zero
      for pair in list.pairs(of: site) {
        let slope = vectors[pair]
        own += slope
        forces.add(-slope, to: list.indices[pair])
        virial += (-1) * Matrix3.outer(list.vectors[pair], slope)
      }
      forces.add(own, to: site)
    }
    return Block(energies: energies, virial: virial, forces: forces.takeEntries())
  }
}

/// Forces on the few sites that one block touches, in the order of the first touch; one for each thread, used again.
private struct SparseForces {
  private var slots: [Int32]
  private var entries: [(site: Int, force: SIMD3<Double>)] = []

  init(sites: Int) { slots = [Int32](repeating: -1, count: sites) }

  mutating func add(_ force: SIMD3<Double>, to site: Int) {
    let slot = slots[site]
    if slot >= 0 {
      entries[Int(slot)].force += force
    } else {
      slots[site] = Int32(entries.count)
      entries.append((site, force))
    }
  }

  /// The sums, leaving none behind.
  mutating func takeEntries() -> [(site: Int, force: SIMD3<Double>)] {
    let taken = entries
    for entry in taken { slots[entry.site] = -1 }
    entries = []
    return taken
  }
}
