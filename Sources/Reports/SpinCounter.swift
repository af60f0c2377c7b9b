import Foundation
import Structures

/// Makes a `SpinDiagnosis` of a data set of any size, in two passes: the first counts the states of the sites and finds frames that may be
/// of one structure by a few of their numbers, the second compares these.
public struct SpinCounter: Sendable {
  private let tolerance: Double
  private let momentTolerance: Double
  private var frames = 0
  private var framesWithMoments = 0
  private var states: [ChemicalElement: [String: Int]] = [:]
  private var doubtful: [ChemicalElement: [String: Int]] = [:]
  private var balanced: [ChemicalElement: Int] = [:]
  private var sketches: [Int: GeometrySketches] = [:]
  private var twins: [Kind: [SpinTwins]] = [:]
  /// Frames with moments and an energy by settings; frames without settings are of one group.
  private var scales: [String: Int] = [:]

  /// Frames whose energies can be compared: of one formula and one set of settings.
  private struct Kind: Hashable {
    var formula: String
    var scale: String
  }

  /// - Parameters:
  ///   - tolerance: Å: atoms of one structure are no further apart.
  ///   - momentTolerance: μB: moments of two states differ by more on some atom.
  public init(tolerance: Double, momentTolerance: Double) {
    self.tolerance = tolerance
    self.momentTolerance = momentTolerance
  }

  /// The first pass, frame by frame.
  public mutating func add(_ frame: LabeledStructure) {
    defer { frames += 1 }
    guard let sizes = frame.momentSizes else { return }
    framesWithMoments += 1
    count(frame.structure.elements, sizes)
    guard frame.labels.energy != nil else { return }
    scales[Self.scale(of: frame), default: 0] += 1
    let kind = GeometrySketches.kind(frame.structure)
    sketches[kind, default: GeometrySketches(tolerance: tolerance)].add(frame.structure, place: frames)
  }

  private mutating func count(_ elements: [ChemicalElement], _ moments: [Double]) {
    let found = zip(elements, moments).map { element, moment in
      (22...29).contains(element.atomicNumber) ? SpinWindow.states(of: element, moment: moment) : nil
    }
    let isDoubtful = found.contains { ($0?.count ?? 1) != 1 }
    let decided = isDoubtful ? ChargeDecision.states(elements, found) ?? found : found
    for (element, (before, after)) in zip(elements, zip(found, decided)) {
      guard let before, let after else { continue }
      if after.count == 1 {
        states[element, default: [:]][after[0], default: 0] += 1
        if before.count > 1 { balanced[element, default: 0] += 1 }
      } else {
        let doubt = after.isEmpty ? "in no window" : after.joined(separator: " or ")
        doubtful[element, default: [:]][doubt, default: 0] += 1
      }
    }
  }

  /// Places of the frames that may be of one structure with another one: those to be handed over in the second pass.
  public var candidates: Set<Int> { Set(sketches.values.flatMap(\.candidates)) }

  /// The second pass: frames of `candidates`, in their order.
  public mutating func addTwin(_ frame: LabeledStructure) {
    let kind = Kind(formula: frame.structure.formula, scale: Self.scale(of: frame))
    let place = twins[kind]?.firstIndex { $0.structure.isSame(as: frame.structure, within: tolerance) }
    if let place {
      twins[kind]?[place].add(frame)
    } else {
      twins[kind, default: []].append(SpinTwins(frame))
    }
  }

  private static func scale(of frame: LabeledStructure) -> String {
    SettingsFingerprint(of: frame)?.energyScale ?? ""
  }

  public var diagnosis: SpinDiagnosis {
    let elements = Set(states.keys).union(doubtful.keys).sorted().map { element in
      let sure = Amount.ranked(states[element] ?? [:])
      let unsure = Amount.ranked(doubtful[element] ?? [:])
      let ambiguous = unsure.reduce(0) { $0 + $1.count }
      return SpinDiagnosis.Element(
        element: element.symbol, sites: sure.reduce(ambiguous) { $0 + $1.count }, states: sure,
        balanced: balanced[element] ?? 0, ambiguous: ambiguous, ambiguities: unsure)
    }
    let order = twins.sorted { ($0.key.formula, $0.key.scale) < ($1.key.formula, $1.key.scale) }
    let structures = order.flatMap { kind, clusters in
      clusters.compactMap { cluster in
        let states = cluster.states(momentTolerance: momentTolerance)
        return states.count > 1
          ? SpinDiagnosis.Structure(
            formula: kind.formula, settings: kind.scale.isEmpty ? nil : kind.scale, states: states) : nil
      }
    }
    return SpinDiagnosis(
      frames: frames, framesWithMoments: framesWithMoments, elements: elements, structures: structures,
      settings: Amount.ranked(scales).map { Amount($0.name.isEmpty ? "unknown" : $0.name, $0.count) },
      tolerances: (tolerance, momentTolerance))
  }
}

extension LabeledStructure {
  /// Moments along their axis, or their lengths where they have directions, μB.
  fileprivate var momentSizes: [Double]? {
    switch structure.moments {
    case .collinear(let values): values
    case .vectors(let values): values.map(length)
    case nil: nil
    }
  }
}

extension Structure {
  /// Same atoms in the same order, cells and positions within a tolerance, Å.
  fileprivate func isSame(as other: Structure, within tolerance: Double) -> Bool {
    guard elements == other.elements, periodic == other.periodic else { return false }
    guard let cell = lattice, let second = other.lattice else {
      return lattice == nil && other.lattice == nil && positions == other.positions
    }
    for (v, w) in [(cell.a, second.a), (cell.b, second.b), (cell.c, second.c)] where length(v - w) > tolerance {
      return false
    }
    for (p, q) in zip(positions, other.positions) {
      var difference = second.fractional(q) - cell.fractional(p)
      difference -= difference.rounded(.toNearestOrEven)
      if length(cell.cartesian(difference)) > tolerance { return false }
    }
    return true
  }
}

/// A few numbers of each of many structures of the same atoms: those of two structures that are the same agree.
private struct GeometrySketches: Sendable {
  /// Å: what rounding to 24 bits may add.
  private static let slack = 1e-3
  /// Atoms of which coordinates are taken.
  private static let samples = 10
  /// Fractional coordinates, how far they may be apart, lattice vectors (Å).
  private static let stride = 3 * samples + 3 + 9

  private let limit: Float
  private var places: [Int32] = []
  private var numbers: [Float] = []

  /// - Parameter tolerance: Å.
  init(tolerance: Double) { limit = Float(tolerance + Self.slack) }

  /// Equal for equal elements in equal order, and for free clusters of equal positions.
  static func kind(_ structure: Structure) -> Int {
    var hasher = Hasher()
    hasher.combine(structure.elements)
    if structure.lattice == nil { for position in structure.positions { hasher.combine(position) } }
    return hasher.finalize()
  }

  mutating func add(_ structure: Structure, place: Int) {
    places.append(Int32(clamping: place))
    var row = [Float](repeating: 0, count: Self.stride)
    if let lattice = structure.lattice {
      let count = min(Self.samples, structure.count)
      for sample in 0..<count {
        let position = lattice.fractional(structure.positions[sample * structure.count / count])
        let inside = position - position.rounded(.down)
        for k in 0..<3 { row[3 * sample + k] = Float(inside[k]) }
      }
      // A shift by r changes a fractional coordinate by at most r over the distance of the lattice planes. Cells of two
      // frames that are the same may differ by the tolerance, hence the fifth on top.
      for (k, height) in lattice.heights.enumerated() { row[3 * Self.samples + k] = Float(1.2 / height) * limit }
      for (k, vector) in [lattice.a, lattice.b, lattice.c].enumerated() {
        for axis in 0..<3 { row[3 * Self.samples + 3 + 3 * k + axis] = Float(vector[axis]) }
      }
    }
    numbers += row
  }

  /// Places of structures that resemble another one.
  var candidates: [Int] {
    let cell = 3 * Self.samples + 3
    let order = places.indices.sorted {
      (numbers[$0 * Self.stride + cell], places[$0]) < (numbers[$1 * Self.stride + cell], places[$1])
    }
    var isFound = [Bool](repeating: false, count: places.count)
    numbers.withUnsafeBufferPointer { numbers in
      for (k, first) in order.enumerated() {
        let length = numbers[first * Self.stride + cell]
        for other in order[(k + 1)...] {
          if numbers[other * Self.stride + cell] - length > limit { break }
          guard resemble(numbers, first * Self.stride, other * Self.stride) else { continue }
          isFound[first] = true
          isFound[other] = true
        }
      }
    }
    return isFound.indices.filter { isFound[$0] }.map { Int(places[$0]) }
  }

  /// Most pairs differ in the first few numbers.
  @inline(__always)
  private func resemble(_ numbers: UnsafeBufferPointer<Float>, _ a: Int, _ b: Int) -> Bool {
    let limits = 3 * Self.samples
    for k in 0..<limits {
      let difference = abs(numbers[a + k] - numbers[b + k])
      if min(difference, 1 - difference) > numbers[a + limits + k % 3] { return false }
    }
    for k in limits + 3..<Self.stride where abs(numbers[a + k] - numbers[b + k]) > limit { return false }
    return true
  }
}

extension Lattice {
  /// Distances of the planes that b and c, c and a, a and b span, Å.
  fileprivate var heights: [Double] {
    func cross(_ u: SIMD3<Double>, _ v: SIMD3<Double>) -> SIMD3<Double> {
      [u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x]
    }
    return [cross(b, c), cross(c, a), cross(a, b)].map { volume / length($0) }
  }
}

/// Frames of one geometry, each with its energy and moments.
private struct SpinTwins: Sendable {
  private struct Member: Sendable {
    var id: FrameID
    /// eV.
    var energy: Double
    var moments: [Double]
  }

  /// Of the first frame.
  let structure: Structure
  private var members: [Member] = []
  private var names = FrameNames()

  init(_ frame: LabeledStructure) {
    structure = frame.structure
    add(frame)
  }

  mutating func add(_ frame: LabeledStructure) {
    members.append(
      Member(
        id: FrameID(frame.id), energy: frame.labels.energy ?? 0, moments: frame.momentSizes ?? [])
    )
    names.append(frame)
  }

  /// The lowest frame of each state, from the lowest energy up; a state turned over as a whole is the same.
  func states(momentTolerance: Double) -> [SpinDiagnosis.State] {
    let limit = momentTolerance
    var chosen: [Int] = []
    let order = members.indices.sorted {
      (members[$0].energy, members[$0].id) < (members[$1].energy, members[$1].id)
    }
    for place in order {
      let isNew = chosen.allSatisfy { state in
        let pairs = zip(members[state].moments, members[place].moments)
        let equal = pairs.allSatisfy { abs($0 - $1) <= limit }
        let turned = pairs.allSatisfy { abs($0 + $1) <= limit }
        return !equal && !turned
      }
      if isNew { chosen.append(place) }
    }
    let lowest = chosen.map { members[$0].energy }.min() ?? 0
    return chosen.map { describe($0, above: lowest) }
  }

  private func describe(_ place: Int, above lowest: Double) -> SpinDiagnosis.State {
    let member = members[place]
    let parts = structure.transitionMetals.map { metal in
      let values = zip(structure.elements, member.moments).filter { $0.0 == metal }
        .map { String(format: "%.1f", $0.1) }
      return metal.symbol + " " + values.prefix(16).joined(separator: " ") + (values.count > 16 ? " …" : "")
    }
    return SpinDiagnosis.State(
      frame: names[place], id: member.id.text,
      energy: 1000 * (member.energy - lowest) / Double(max(1, structure.count)),
      moment: member.moments.reduce(0, +), moments: parts.joined(separator: ", "))
  }
}
