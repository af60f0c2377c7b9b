import Structures
import Synchronization

/// Neighbour lists of frames that are passed over again and again, kept as long as they fit; the others are made anew
/// each time. A list is the same bits either way.
final class NeighborListStore: Sendable {
  private struct State {
    var lists: [Structure: NeighborList] = [:]
    var bytes = 0
  }

  /// Bytes of all lists.
  let limit: Int
  private let state = Mutex(State())

  static let standardLimit = 512 << 20

  init(limit: Int = standardLimit) { self.limit = limit }

  /// The list of one frame.
  func list(of frame: Structure, make: () throws -> NeighborList) rethrows -> NeighborList {
    if let kept = state.withLock({ $0.lists[frame] }) { return kept }
    var list = try make()
    // What search has set aside for more pairs is not kept.
    list.indices = Array(list.indices[...])
    list.vectors = Array(list.vectors[...])
    let bytes = list.bytes
    state.withLock { state in
      guard state.bytes + bytes <= limit, state.lists[frame] == nil else { return }
      state.lists[frame] = list
      state.bytes += bytes
    }
    return list
  }

  /// What the lists of atoms will take, for forecasts.
  /// - Parameter cutoff: Å.
  static func bytes(atoms: Int, cutoff: Double) -> Int {
    // A tenth of an atom in each Å³.
    let pairs = 0.1 * 4.19 * cutoff * cutoff * cutoff
    return min(standardLimit, Int(Double(atoms) * (40 * pairs + 100)))
  }
}

extension NeighborList {
  fileprivate var bytes: Int { 40 * indices.count + 8 * (types.count + offsets.count) + 200 }

  /// The list of frames one after the other, from the lists of each.
  init(joining lists: [NeighborList]) {
    guard var whole = lists.first else {
      self.init(types: [], centers: 0..<0, frames: [], indices: [], vectors: [], offsets: [0])
      return
    }
    for list in lists.dropFirst() {
      let (sites, pairs) = (whole.types.count, whole.indices.count)
      whole.types += list.types
      whole.centers = whole.centers.lowerBound..<sites + list.centers.upperBound
      whole.frames += list.frames.map { $0.lowerBound + sites..<$0.upperBound + sites }
      whole.indices += list.indices.lazy.map { $0 + sites }
      whole.vectors += list.vectors
      whole.owners += list.owners.lazy.map { $0 + sites }
      whole.ownerVectors += list.ownerVectors
      whole.offsets += list.offsets.dropFirst().lazy.map { $0 + pairs }
    }
    self = whole
  }
}
