import Foundation
import Settings
import Simulations
import Structures

/// Hosts ranked by what they promise: voltage, capacity, stability against the set, and how far the model can be trusted.
public struct ScreenReport: Sendable {
  /// What the hosts are ranked by, best first.
  public enum Ranking: String, CaseIterable, Sendable {
    case energyDensity = "energy-density"
    case voltage, capacity
    /// Energy above the hull of the lithiated structure.
    case hull
  }

  /// A host with its voltages and its distances from the hull of the set, eV/atom.
  public struct Entry: Sendable {
    public var series: VoltageSeries
    public var lithiatedAboveHull: Double?
    public var delithiatedAboveHull: Double?

    public init(_ series: VoltageSeries, lithiatedAboveHull: Double?, delithiatedAboveHull: Double?) {
      self.series = series
      self.lithiatedAboveHull = lithiatedAboveHull
      self.delithiatedAboveHull = delithiatedAboveHull
    }

    var row: VoltageRow { series.whole }
  }

  public var run: VoltageReport.Run
  public var reference: VoltageReport.Reference
  public let ranking: Ranking
  /// Best first.
  public let entries: [Entry]
  /// Structures that make the hull.
  public var structures: Int
  public var alone: Int
  public var notes: [String]

  public init(
    _ run: VoltageReport.Run, reference: VoltageReport.Reference, entries: [Entry], by ranking: Ranking,
    structures: Int, alone: Int, notes: [String] = []
  ) {
    self.run = run
    self.reference = reference
    self.ranking = ranking
    self.structures = structures
    self.alone = alone
    self.notes = notes
    self.entries = entries.enumerated().sorted { a, b in
      let (first, second) = (Self.merit(a.element, ranking), Self.merit(b.element, ranking))
      return first == second ? a.offset < b.offset : first > second
    }.map(\.element)
  }

  private static func merit(_ entry: Entry, _ ranking: Ranking) -> Double {
    let value: Double? =
      switch ranking {
      case .energyDensity: entry.row.energyDensity
      case .voltage: entry.row.volts
      case .capacity: entry.row.capacity
      case .hull: entry.lithiatedAboveHull.map { -$0 }
      }
    return value.flatMap { $0.isFinite ? $0 : nil } ?? -.infinity
  }

  private var unit: String { reference.isAbsolute ? "V" : "eV/Li" }

  /// The first hosts for a terminal.
  public func text(first count: Int) -> String {
    reference.text + "\ngeometry: \(run.geometry)\n\n" + table(first: count).text
      + (entries.count > count ? "and \(entries.count - count) more\n" : "")
  }

  func table(first count: Int) -> TextTable {
    let isRelaxed = entries.contains { $0.row.lithiated.relaxation != nil }
    let hasDeviation = entries.contains { $0.row.deviation != nil }
    func fixed(_ value: Double?, _ places: Int) -> TextTable.Cell {
      .init(value.map { NumberFormatting.fixed($0, places) } ?? "–")
    }
    var columns: [(TextTable.Column, (Int, Entry) -> TextTable.Cell)] = [
      (.init(title: "rank"), { place, _ in .init(String(place + 1)) }),
      (.init(title: "lithiated", isText: true), { _, entry in .init(VoltageRow.formula(entry.row.lithiated)) }),
      (.init(title: unit), { _, entry in fixed(entry.row.volts, 3) }),
    ]
    if hasDeviation { columns.append((.init(title: "± \(unit)"), { _, entry in fixed(entry.row.deviation, 3) })) }
    columns.append((.init(title: "mAh/g"), { _, entry in fixed(entry.row.capacity, 1) }))
    if reference.isAbsolute {
      columns.append((.init(title: "Wh/kg"), { _, entry in fixed(entry.row.energyDensity, 0) }))
    }
    columns += [
      (
        .init(title: "lithiated, meV/atom", group: "above the hull of the set"),
        { _, entry in fixed(entry.lithiatedAboveHull.map { 1000 * $0 }, 1) }
      ),
      (
        .init(title: "delithiated, meV/atom", group: "above the hull of the set"),
        { _, entry in fixed(entry.delithiatedAboveHull.map { 1000 * $0 }, 1) }
      ),
    ]
    if isRelaxed {
      columns.append((.init(title: "volume, %"), { _, entry in fixed(entry.row.volumeChange.map { 100 * $0 }, 2) }))
      columns.append((.init(title: "relaxation", isText: true), { _, entry in .init(entry.row.relaxationText) }))
    }
    if hasDeviation {
      columns.append((.init(title: "max. ε, eV/Å"), { _, entry in fixed(entry.largest(\.forceDeviation), 3) }))
    }
    if entries.contains(where: { $0.largest(\.extrapolation) != nil }) {
      columns.append((.init(title: "max. γ"), { _, entry in fixed(entry.largest(\.extrapolation), 2) }))
    }
    let rows = entries.prefix(count).enumerated().map { place, entry in columns.map { $0.1(place, entry) } }
    return TextTable(columns: columns.map(\.0), rows: rows)
  }

  /// A line for each host, best first.
  public var csv: String {
    var table = CSVTable(columns: [
      "rank", "lithiated_formula", "delithiated_formula", "x_lithiated", "x_delithiated",
      reference.isAbsolute ? "voltage_V" : "insertion_energy_eV_per_Li", "committee_deviation_V",
      "capacity_mAh_per_g", "energy_density_Wh_per_kg", "lithiated_above_hull_eV_per_atom",
      "delithiated_above_hull_eV_per_atom", "volume_change_percent", "largest_force_deviation_eV_per_A",
      "largest_extrapolation_grade",
      "lithiated_relaxation", "delithiated_relaxation", "lithiated_id", "delithiated_id", "li_reference_eV",
    ])
    func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    for (place, entry) in entries.enumerated() {
      let row = entry.row
      table.append([
        String(place + 1), VoltageRow.formula(row.lithiated), VoltageRow.formula(row.delithiated),
        number(row.lithiated.content), number(row.delithiated.content), number(row.volts), number(row.deviation),
        number(row.capacity), reference.isAbsolute ? number(row.energyDensity) : "",
        number(entry.lithiatedAboveHull),
        number(entry.delithiatedAboveHull), number(row.volumeChange.map { 100 * $0 }),
        number(entry.largest(\.forceDeviation)), number(entry.largest(\.extrapolation)),
        row.lithiated.relaxation ?? "", row.delithiated.relaxation ?? "", row.lithiated.id, row.delithiated.id,
        number(reference.energy),
      ])
    }
    return table.text
  }

  /// Writes `screen.html`, `screen.csv` and `screen.svg`.
  /// - Throws: `InputError` where the folder cannot be written.
  public func write(to folder: String) throws {
    try AtomicFile.write(
      [("screen.csv", csv), ("screen.svg", plot.markup().text), ("screen.html", ScreenPage(self).page.text)]
        .map { (folder + "/" + $0.0, Array($0.1.utf8)) })
  }
}

extension ScreenReport.Entry {
  /// The larger value of the two structures of the whole range.
  func largest(_ value: (PartnerStructure) -> Double?) -> Double? {
    [row.lithiated, row.delithiated].compactMap(value).max()
  }
}

extension ScreenReport {
  /// What `halite screen --json` prints. V (eV for each Li where only differences mean anything), mAh/g, Wh/kg, eV/atom.
  public struct File: Encodable, Sendable {
    struct Host: Encodable, Sendable {
      var lithiated: String
      var delithiated: String
      var lithiated_id: String
      var delithiated_id: String
      var volts: Double?
      var deviation: Double?
      var capacity: Double
      var energy_density: Double?
      var lithiated_above_hull: Double?
      var delithiated_above_hull: Double?
      var volume_change: Double?
      var extrapolation_grade: Double?
      var lithiated_relaxation: String?
      var delithiated_relaxation: String?
    }

    var hosts: Int
    var structures: Int
    var without_partner: Int
    var ranking: String
    var reference: String
    var geometry: String
    var entries: [Host]
    var notes: [String]
  }

  public var file: File {
    File(
      hosts: entries.count, structures: structures, without_partner: alone, ranking: ranking.rawValue,
      reference: reference.text, geometry: run.geometry,
      entries: entries.map { entry in
        let row = entry.row
        return .init(
          lithiated: VoltageRow.formula(row.lithiated), delithiated: VoltageRow.formula(row.delithiated),
          lithiated_id: row.lithiated.id, delithiated_id: row.delithiated.id, volts: row.volts,
          deviation: row.deviation, capacity: row.capacity,
          energy_density: reference.isAbsolute ? row.energyDensity : nil,
          lithiated_above_hull: entry.lithiatedAboveHull, delithiated_above_hull: entry.delithiatedAboveHull,
          volume_change: row.volumeChange, extrapolation_grade: entry.largest(\.extrapolation),
          lithiated_relaxation: row.lithiated.relaxation,
          delithiated_relaxation: row.delithiated.relaxation)
      }, notes: notes)
  }

  public var json: String { get throws { try jsonText(file) } }
}
