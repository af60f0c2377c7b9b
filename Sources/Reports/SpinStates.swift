import Foundation
import Structures

/// Oxidation and spin states of 3d metals from the moments that VASP integrates within its PAW spheres.
///
/// A window is what a state's moment falls into in oxides. The windows are drawn around the moments of 92 binary and ternary oxides of
/// known oxidation state (SCAN and r2SCAN, with and without U; doi:10.1021/acs.jctc.3c00030); states that do not occur there (Co3+
/// intermediate and high spin, Mn3+ low spin, Cr2+, Fe3+ low spin) are n unpaired electrons times 0.85 to 1. A moment in no window, or in
/// windows of two states, is ambiguous: Fe4+ in a covalent oxide has the moment of Fe2+, and Cu+ and Cu3+ have none.
public struct SpinWindow: Codable, Sendable, Equatable {
  public var element: String
  /// "3+", "3+ low spin".
  public var state: String
  /// |m|, μB.
  public var low: Double
  public var high: Double

  public static let all: [SpinWindow] = [
    ("Ti", "4+", 0, 0.3), ("Ti", "3+", 0.6, 1.2),
    ("V", "5+", 0, 0.3), ("V", "4+", 0.8, 1.35), ("V", "3+", 1.5, 2.1), ("V", "2+", 2.2, 2.9),
    ("Cr", "6+", 0, 0.3), ("Cr", "4+", 1.7, 2.55), ("Cr", "3+", 2.6, 3.2), ("Cr", "2+", 3.3, 3.9),
    ("Mn", "4+", 2.5, 3.2), ("Mn", "3+", 3.4, 4.15), ("Mn", "2+", 4.2, 4.9), ("Mn", "3+ low spin", 1.6, 2.1),
    ("Fe", "3+", 3.95, 4.5), ("Fe", "2+", 3.3, 3.9), ("Fe", "4+", 3.2, 3.9), ("Fe", "3+ low spin", 0.8, 1.2),
    ("Fe", "2+ low spin", 0, 0.3),
    ("Co", "3+ low spin", 0, 0.3), ("Co", "4+ low spin", 0.6, 1.3), ("Co", "3+ intermediate spin", 1.6, 2.2),
    ("Co", "2+", 2.4, 2.85), ("Co", "3+", 2.9, 3.4),
    ("Ni", "4+", 0, 0.3), ("Ni", "3+ low spin", 0.75, 1.25), ("Ni", "2+", 1.4, 1.95),
    ("Cu", "1+", 0, 0.25), ("Cu", "3+", 0, 0.25), ("Cu", "2+", 0.4, 0.9),
  ].map { SpinWindow(element: $0.0, state: $0.1, low: $0.2, high: $0.3) }

  /// The states that a moment may belong to.
  public static func states(of element: ChemicalElement, moment: Double) -> [String] {
    all.filter { $0.element == element.symbol && $0.low <= abs(moment) && abs(moment) <= $0.high }.map(\.state)
  }
}

/// The spin states of a data set: what the moments of its 3d metals say, and structures that occur in more than one state.
public struct SpinDiagnosis: Codable, Sendable {
  /// Sites of one element by state.
  public struct Element: Codable, Sendable, Equatable {
    public var element: String
    public var sites: Int
    public var states: [Amount]
    public var ambiguous: Int
    /// Ambiguous sites by what they may be: "2+ or 4+", "in no window".
    public var ambiguities: [Amount]
  }

  /// One state of a structure.
  public struct State: Codable, Sendable, Equatable {
    public var frame: String
    public var id: String
    /// Above the lowest state of the structure, meV/atom.
    public var energy: Double
    /// Sum of the moments of the atoms, μB.
    public var moment: Double
    /// "Mn 3.8 3.8 −3.8 3.8": of the transition metals.
    public var moments: String
  }

  /// A structure that occurs with more than one set of moments.
  public struct Structure: Codable, Sendable, Equatable {
    public var formula: String
    /// From the lowest energy up.
    public var states: [State]
  }

  public var frames: Int
  public var framesWithMoments: Int
  public var elements: [Element]
  public var structures: [Structure]
  public var windows: [SpinWindow]
  /// Å: atoms of one structure in two states are no further apart.
  public var tolerance: Double
  /// μB: moments of two states differ by more on some atom.
  public var momentTolerance: Double

  private enum CodingKeys: String, CodingKey {
    case frames, elements, structures, windows, tolerance
    case framesWithMoments = "frames_with_moments"
    case momentTolerance = "moment_tolerance"
  }

  /// - Parameters:
  ///   - tolerance: Å.
  ///   - momentTolerance: μB.
  public init(_ dataset: Dataset, tolerance: Double = 0.05, momentTolerance: Double = 0.3) {
    self.tolerance = tolerance
    self.momentTolerance = momentTolerance
    frames = dataset.count
    windows = SpinWindow.all
    let known = dataset.filter { $0.sizes != nil }
    framesWithMoments = known.count
    elements = Self.count(known)
    structures = SpinTwins(known, tolerance: tolerance, momentTolerance: momentTolerance).structures
  }

  private static func count(_ frames: [LabeledStructure]) -> [Element] {
    var states: [ChemicalElement: [String: Int]] = [:]
    var doubtful: [ChemicalElement: [String: Int]] = [:]
    for frame in frames {
      for (element, moment) in zip(frame.structure.elements, frame.sizes ?? [])
      where (22...29).contains(element.atomicNumber) {
        let found = SpinWindow.states(of: element, moment: moment)
        if found.count == 1 {
          states[element, default: [:]][found[0], default: 0] += 1
        } else {
          doubtful[element, default: [:]][
            found.isEmpty ? "in no window" : found.joined(separator: " or "), default: 0] += 1
        }
      }
    }
    return Set(states.keys).union(doubtful.keys).sorted().map { element in
      let sure = Amount.ranked(states[element] ?? [:])
      let unsure = Amount.ranked(doubtful[element] ?? [:])
      let ambiguous = unsure.reduce(0) { $0 + $1.count }
      return Element(
        element: element.symbol, sites: sure.reduce(ambiguous) { $0 + $1.count }, states: sure,
        ambiguous: ambiguous,
        ambiguities: unsure)
    }
  }

  public var text: String {
    var lines = ["\(framesWithMoments) of \(frames) frames have moments"]
    if !elements.isEmpty {
      let table = TextTable(
        columns: ["element", "sites", "states", "ambiguous"].map { TextTable.Column(title: $0, isText: true) },
        rows: elements.map { element in
          let states = element.states.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
          let doubts = element.ambiguities.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
          return [
            .init(element.element), .init(String(element.sites)), .init(states),
            .init(doubts.isEmpty ? "none" : "\(element.ambiguous): \(doubts)"),
          ]
        })
      lines.append(table.text)
      let used = windows.filter { window in elements.contains { $0.element == window.element } }
      lines.append(
        "windows of |m| in μB: "
          + used.map { "\($0.element) \($0.state) \($0.low)–\($0.high)" }.joined(separator: ", "))
    }
    lines.append(
      "\(structures.count) structure\(structures.count == 1 ? "" : "s") in more than one spin state (within \(tolerance) Å, moments apart by more than \(momentTolerance) μB)"
    )
    for structure in structures {
      lines.append(structure.formula)
      for state in structure.states {
        lines.append(
          String(format: "  %+8.2f meV/atom  %7.2f μB  ", state.energy, state.moment) + state.frame + "  "
            + state.moments)
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension LabeledStructure {
  /// Moments along their axis, or their lengths where they have directions, μB.
  fileprivate var sizes: [Double]? {
    switch structure.moments {
    case .collinear(let values): values
    case .vectors(let values): values.map(length)
    case nil: nil
    }
  }
}

/// Finds frames of one geometry with different moments and energies.
private struct SpinTwins {
  let tolerance: Double
  let momentTolerance: Double
  private(set) var structures: [SpinDiagnosis.Structure] = []

  init(_ frames: [LabeledStructure], tolerance: Double, momentTolerance: Double) {
    self.tolerance = tolerance
    self.momentTolerance = momentTolerance
    let groups = Dictionary(grouping: frames.filter { $0.labels.energy != nil }, by: \.structure.formula)
    for (formula, group) in groups.sorted(by: { $0.key < $1.key }) {
      for members in clusters(group) {
        let states = distinct(members)
        if states.count > 1 { structures.append(.init(formula: formula, states: describe(states))) }
      }
    }
  }

  /// Frames that are each within the tolerance of the first one of their cluster.
  private func clusters(_ frames: [LabeledStructure]) -> [[LabeledStructure]] {
    var found: [[LabeledStructure]] = []
    for frame in frames {
      if let place = found.firstIndex(where: { isSame($0[0].structure, frame.structure) }) {
        found[place].append(frame)
      } else {
        found.append([frame])
      }
    }
    return found
  }

  private func isSame(_ a: Structure, _ b: Structure) -> Bool {
    guard a.elements == b.elements, a.periodic == b.periodic else { return false }
    guard let cell = a.lattice, let other = b.lattice else {
      return a.lattice == nil && b.lattice == nil && a.positions == b.positions
    }
    for (v, w) in [(cell.a, other.a), (cell.b, other.b), (cell.c, other.c)] where length(v - w) > tolerance {
      return false
    }
    for (p, q) in zip(a.positions, b.positions) {
      var difference = other.fractional(q) - cell.fractional(p)
      difference -= difference.rounded(.toNearestOrEven)
      if length(cell.cartesian(difference)) > tolerance { return false }
    }
    return true
  }

  /// The lowest frame of each state; a state turned over as a whole is the same.
  private func distinct(_ members: [LabeledStructure]) -> [LabeledStructure] {
    var states: [LabeledStructure] = []
    for frame in members.sorted(by: { ($0.labels.energy ?? 0, $0.id) < ($1.labels.energy ?? 0, $1.id) }) {
      let isNew = states.allSatisfy { state in
        guard let a = state.sizes, let b = frame.sizes else { return false }
        let equal = zip(a, b).allSatisfy { abs($0 - $1) <= momentTolerance }
        let turned = zip(a, b).allSatisfy { abs($0 + $1) <= momentTolerance }
        return !equal && !turned
      }
      if isNew { states.append(frame) }
    }
    return states
  }

  private func describe(_ states: [LabeledStructure]) -> [SpinDiagnosis.State] {
    let lowest = states.compactMap(\.labels.energy).min() ?? 0
    return states.map { frame in
      let sizes = frame.sizes ?? []
      var parts: [String] = []
      for metal in frame.structure.transitionMetals {
        let values = zip(frame.structure.elements, sizes).filter { $0.0 == metal }.map {
          String(format: "%.1f", $0.1)
        }
        parts.append(
          metal.symbol + " " + values.prefix(16).joined(separator: " ") + (values.count > 16 ? " …" : ""))
      }
      return .init(
        frame: frame.name, id: frame.id,
        energy: 1000 * ((frame.labels.energy ?? 0) - lowest) / Double(max(1, frame.structure.count)),
        moment: sizes.reduce(0, +), moments: parts.joined(separator: ", "))
    }
  }
}
