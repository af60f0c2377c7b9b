import Foundation
import Structures

/// Oxidation and spin states of 3d metals from the moments that VASP integrates within its PAW spheres.
///
/// A window is what a state's moment falls into in oxides. The windows are drawn around the moments of 92 binary and ternary oxides of
/// known oxidation state (SCAN and r2SCAN, with and without U; doi:10.1021/acs.jctc.3c00030); states that do not occur there (Co3+
/// intermediate and high spin, Mn3+ low spin, Cr2+, Fe3+ low spin) are n unpaired electrons times 0.85 to 1. Of two states with one moment
/// (Fe4+ in a covalent oxide has that of Fe2+, Cu+ and Cu3+ have none) the charges of the frame decide, where they can; else the site is
/// ambiguous, and so is one whose moment is in no window.
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
    ("Mn", "5+", 1.6, 2.1), ("Mn", "6+", 0.8, 1.2), ("Mn", "7+", 0, 0.3),
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
    /// Sites of `states` whose moment fits two states, of which only one makes the frame neutral.
    public var balanced: Int
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
    /// Settings of its frames ("functional R2SCAN, …"); nil where they carry none.
    public var settings: String?
    /// From the lowest energy up.
    public var states: [State]
  }

  public var frames: Int
  public var framesWithMoments: Int
  public var elements: [Element]
  public var structures: [Structure]
  /// Frames with moments and an energy by settings ("unknown" without): energies are compared only within each.
  public var settings: [Amount]
  public var windows: [SpinWindow]
  /// Å: atoms of one structure in two states are no further apart.
  public var tolerance: Double
  /// μB: moments of two states differ by more on some atom.
  public var momentTolerance: Double

  private enum CodingKeys: String, CodingKey {
    case frames, elements, structures, settings, windows, tolerance
    case framesWithMoments = "frames_with_moments"
    case momentTolerance = "moment_tolerance"
  }

  /// - Parameters:
  ///   - tolerance: Å.
  ///   - momentTolerance: μB.
  public init(_ dataset: Dataset, tolerance: Double = 0.05, momentTolerance: Double = 0.3) {
    var counter = SpinCounter(tolerance: tolerance, momentTolerance: momentTolerance)
    for frame in dataset { counter.add(frame) }
    let twins = counter.candidates
    for (place, frame) in dataset.enumerated() where twins.contains(place) { counter.addTwin(frame) }
    self = counter.diagnosis
  }

  init(
    frames: Int, framesWithMoments: Int, elements: [Element], structures: [Structure], settings: [Amount],
    tolerances: (Double, Double)
  ) {
    self.frames = frames
    self.framesWithMoments = framesWithMoments
    self.elements = elements
    self.structures = structures
    self.settings = settings
    windows = SpinWindow.all
    (tolerance, momentTolerance) = tolerances
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
      let decided = elements.filter { $0.balanced > 0 }.map { "\($0.element) \($0.balanced)" }
      if !decided.isEmpty {
        lines.append(
          "sites whose moment fits two states, decided by the charge of the frame: "
            + decided.joined(separator: ", "))
      }
      let used = windows.filter { window in elements.contains { $0.element == window.element } }
      lines.append(
        "windows of |m| in μB: "
          + used.map { "\($0.element) \($0.state) \($0.low)–\($0.high)" }.joined(separator: ", "))
    }
    lines.append(
      "\(structures.count) structure\(structures.count == 1 ? "" : "s") in more than one spin state (within \(tolerance) Å, moments apart by more than \(momentTolerance) μB)"
    )
    if settings.count > 1 {
      lines.append(
        "energies are compared only among frames of equal settings, of which there are \(settings.count): "
          + settings.prefix(4).map { "\($0.name) (\($0.count) frames)" }.joined(separator: "; "))
    }
    for structure in structures {
      lines.append(structure.formula + (settings.count > 1 ? structure.settings.map { "  (\($0))" } ?? "" : ""))
      for state in structure.states {
        lines.append(
          String(format: "  %+8.2f meV/atom  %7.2f μB  ", state.energy, state.moment) + state.frame + "  "
            + state.moments)
      }
    }
    return lines.joined(separator: "\n")
  }
}
