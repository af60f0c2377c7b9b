import Structures

/// Structures of one host that differ in their lithium: what voltages are taken between.
public struct PartnerGroup: Hashable, Sendable {
  /// How the structures were found to belong together.
  public enum Evidence: String, Hashable, Sendable, Codable {
    /// The same value of a key, or the id of the host.
    case key
    /// The same cell and the same metals and anions at the same places.
    case arrangement
    /// Given in pairs.
    case given
  }

  /// Places among the frames.
  public var members: [Int]
  public var evidence: Evidence

  public init(members: [Int], evidence: Evidence) {
    self.members = members
    self.evidence = evidence
  }
}

/// Finds the partners among frames.
///
/// Frames belong together where their keys say so: `host` names the id of the structure that they were made from
/// (`halite generate delithiate`), or any common word; `relaxed_from` and `planned_id` are ids of what a relaxation or a
/// campaign began with. The others are compared: the same cell within 15 % of each vector and the same elements but for
/// lithium within `tolerance` of the same fractional places, whatever their order.
public struct PartnerSearch: Sendable {
  /// The key whose equal values make a group, beside ids.
  public var key = "host"
  /// Å: how far an atom of the host may have moved.
  public var tolerance = 1.0

  /// Frames that are made from a host but are another one: their `host` key says nothing of the arrangement.
  private static let otherArrangements: Set = ["antisite", "rattled"]

  public init() {}

  /// Groups with at least two lithium contents, in the order of their first frames, and the frames that are in none.
  public func groups(_ frames: [LabeledStructure]) -> (groups: [PartnerGroup], alone: [Int]) {
    var found = byKeys(frames).filter { hasContents($0, frames) }
      .map { PartnerGroup(members: $0, evidence: .key) }
    let taken = Set(found.flatMap(\.members))
    let rest = frames.indices.filter { !taken.contains($0) }
    found += byArrangement(rest, frames).filter { hasContents($0, frames) }
      .map { PartnerGroup(members: $0, evidence: .arrangement) }
    let all = Set(found.flatMap(\.members))
    return (found.sorted { $0.members[0] < $1.members[0] }, frames.indices.filter { !all.contains($0) })
  }

  private func hasContents(_ members: [Int], _ frames: [LabeledStructure]) -> Bool {
    Set(members.map { lithium(frames[$0].structure) }).count > 1
  }

  private func lithium(_ structure: Structure) -> Int {
    structure.elements.count { $0 == LithiationState.lithium }
  }

  private func byKeys(_ frames: [LabeledStructure]) -> [[Int]] {
    var owners: [String: Int] = [:]
    var parents = Array(frames.indices)
    func root(_ k: Int) -> Int {
      var k = k
      while parents[k] != k { k = parents[k] }
      return k
    }
    for (index, frame) in frames.enumerated() {
      for word in words(of: frame) {
        guard let owner = owners[word] else {
          owners[word] = index
          continue
        }
        let (a, b) = (root(owner), root(index))
        parents[max(a, b)] = min(a, b)
      }
    }
    return Dictionary(grouping: frames.indices, by: root).values.map { $0.sorted() }
      .sorted { $0[0] < $1[0] }
  }

  private func words(of frame: LabeledStructure) -> [String] {
    var words = [frame.id]
    for name in ["relaxed_from", "planned_id"] {
      if let id = frame.value(ofKey: name) { words.append(id) }
    }
    guard !Self.otherArrangements.contains(frame.configType ?? "") else { return words }
    return words + (frame.value(ofKey: key).map { [$0] } ?? [])
  }

  private func byArrangement(_ rest: [Int], _ frames: [LabeledStructure]) -> [[Int]] {
    let arrangements = rest.compactMap { k in HostArrangement(frames[k].structure).map { (index: k, host: $0) } }
    let buckets = Dictionary(grouping: arrangements, by: \.host.counts)
    var groups: [[Int]] = []
    for bucket in buckets.values {
      var open: [(first: HostArrangement, members: [Int])] = []
      // Frames of one content have no partners among each other.
      let contents = Set(bucket.map { lithium(frames[$0.index].structure) })
      guard contents.count > 1 else { continue }
      for item in bucket {
        let place = open.firstIndex { $0.first.isSame(as: item.host, tolerance: tolerance) }
        if let place { open[place].members.append(item.index) } else { open.append((item.host, [item.index])) }
      }
      groups += open.map(\.members)
    }
    return groups.map { $0.sorted() }.sorted { $0[0] < $1[0] }
  }
}

/// The places of everything but lithium in a periodic cell.
struct HostArrangement {
  let counts: [ChemicalElement: Int]
  private let lattice: Lattice
  private let elements: [ChemicalElement]
  private let places: [SIMD3<Double>]

  /// nil where the structure does not repeat in three directions or holds nothing but lithium.
  init?(_ structure: Structure) {
    guard let lattice = structure.lattice, structure.periodic == .all, lattice.isRegular else { return nil }
    let host = structure.elements.indices.filter { structure.elements[$0] != LithiationState.lithium }
    guard !host.isEmpty else { return nil }
    self.lattice = lattice
    elements = host.map { structure.elements[$0] }
    places = host.map { lattice.fractional(structure.positions[$0]) }
    counts = elements.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  func isSame(as other: HostArrangement, tolerance: Double) -> Bool {
    guard counts == other.counts else { return false }
    for (a, b) in [(lattice.a, other.lattice.a), (lattice.b, other.lattice.b), (lattice.c, other.lattice.c)]
    where length(a - b) > 0.15 * length(a) { return false }
    var isFree = [Bool](repeating: true, count: places.count)
    for (atom, place) in places.enumerated() {
      // Most files keep the order of the host's atoms.
      let near = [atom] + places.indices.filter { $0 != atom }
      let partner = near.first {
        isFree[$0] && other.elements[$0] == elements[atom] && distance(place, other.places[$0]) < tolerance
      }
      guard let partner else { return false }
      isFree[partner] = false
    }
    return true
  }

  private func distance(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
    let difference = a - b
    return length(lattice.cartesian(difference - difference.rounded(.toNearestOrEven)))
  }
}
