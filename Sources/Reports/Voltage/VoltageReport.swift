import Foundation
import Simulations
import Structures

/// Voltages of hosts as a user gets them: table, page, CSV, JSON and drawing.
public struct VoltageReport: Sendable {
  /// What the voltages are measured against.
  public enum Reference: Sendable, Equatable {
    /// Metallic lithium.
    case lithium(LithiumReference)
    /// A number that is not comparable with the energies, or none (nil: 0 eV): only differences mean anything.
    case differencesOnly(LithiumReference?)

    /// eV/atom, as it enters the equation.
    public var energy: Double {
      switch self {
      case .lithium(let lithium): lithium.energy
      case .differencesOnly(let lithium): lithium?.energy ?? 0
      }
    }

    public var isAbsolute: Bool { if case .lithium = self { true } else { false } }

    /// The line that stands with every voltage.
    public var text: String {
      switch self {
      case .lithium(let lithium):
        "Li reference: \(lithium.energy) eV/atom (\(lithium.source))"
      case .differencesOnly(let lithium?):
        "differences only: voltages are shifted by a stated \(lithium.energy) eV/atom (\(lithium.source)), "
          + "which is not comparable with these energies"
      case .differencesOnly(nil):
        "differences only: no Li reference; the numbers are −ΔE/ΔN in eV for each Li, voltages but for a constant"
      }
    }

    /// The same as a sentence.
    var sentence: String { text.prefix(1).uppercased() + text.dropFirst() + "." }
  }

  /// What was asked.
  public struct Run: Sendable {
    /// "snap", "committee of 4 snap"; nil for labels alone.
    public var potential: String?
    public var potentialFile: String?
    /// "as given", "relaxed by the potential: …".
    public var geometry: String
    public var command: String
    public var dataHash: String

    public init(
      potential: String?, potentialFile: String?, geometry: String, command: String, dataHash: String
    ) {
      self.potential = potential
      self.potentialFile = potentialFile
      self.geometry = geometry
      self.command = command
      self.dataHash = dataHash
    }
  }

  public var run: Run
  public var reference: Reference
  public var series: [VoltageSeries]
  /// Structures without a partner.
  public var alone: Int
  /// What a reader must know beside the numbers.
  public var notes: [String]

  public init(
    _ run: Run, reference: Reference, series: [VoltageSeries], alone: Int = 0, notes: [String] = []
  ) {
    self.run = run
    self.reference = reference
    self.series = series
    self.alone = alone
    self.notes = notes
  }

  /// V, or what has the size of one.
  var unit: String { reference.isAbsolute ? "V" : "eV/Li" }

  /// One row a host, from its highest to its lowest content.
  var whole: [VoltageRow] { series.map(\.whole) }

  /// Hosts of which more than two contents are there: a row for each pair of neighbours.
  var steps: [VoltageRow] { series.filter { $0.steps.count > 1 }.flatMap(\.steps) }

  /// "Li reference …", the tables and their statistics, for a terminal.
  public var text: String {
    var text = reference.text + "\n" + "geometry: \(run.geometry)\n\n" + wholeTable.text
    if !steps.isEmpty { text += "\nBetween neighbouring contents, \(unit)\n" + stepTable.text }
    if let profiles = profileTable { text += "\nOn the hull of energies, \(unit)\n" + profiles.text }
    for line in statisticsLines { text += "\n" + line }
    return text + (statisticsLines.isEmpty ? "" : "\n")
  }

  /// Statistics in sentences.
  public var statisticsLines: [String] {
    statistics.map { $0.name + ": " + sentence($0.value) } + (partnerErrors.map { [partnerLine($0)] } ?? [])
  }

  /// Writes `voltage.html`, `voltage.json`, `voltage.csv`, `profile.csv` and, where there are labels, `parity.svg`.
  /// - Throws: `InputError` where the folder cannot be written.
  public func write(to folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw InputError("cannot make the folder", file: folder, remedy: "choose another -o")
    }
    var files = [
      ("voltage.csv", csv), ("profile.csv", profileCSV), ("voltage.json", try json), ("voltage.html", html),
    ]
    if let parity { files.append(("parity.svg", parity.markup().text)) }
    try AtomicFile.write(files.map { (folder + "/" + $0.0, Array($0.1.utf8)) })
  }

  func fixed(_ value: Double?, _ places: Int) -> String { value.map { NumberFormatting.fixed($0, places) } ?? "–" }
}
