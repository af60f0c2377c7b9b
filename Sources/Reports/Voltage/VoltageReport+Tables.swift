import Simulations
import Structures

extension VoltageReport {
  /// One row a host, as Tables S3 and S6 of doi:10.1021/acs.jctc.4c00039, with what else is known.
  var wholeTable: TextTable { table(of: whole, isWhole: true) }

  var stepTable: TextTable { table(of: steps, isWhole: false) }

  private func table(of rows: [VoltageRow], isWhole: Bool) -> TextTable {
    let hasModel = rows.contains { $0.volts != nil }
    let hasLabels = rows.contains { $0.label != nil }
    let hasDeviation = rows.contains { $0.deviation != nil }
    let isRelaxed = rows.contains { $0.lithiated.relaxation != nil }
    var columns: [(TextTable.Column, (VoltageRow) -> TextTable.Cell)] = [
      (TextTable.Column(title: "host", isText: true), { .init($0.lithiated.hostText) }),
      (TextTable.Column(title: "Li"), { .init(rangeText($0)) }),
    ]
    func number(_ title: String, _ places: Int, _ value: @escaping (VoltageRow) -> Double?) {
      columns.append((TextTable.Column(title: title), { .init(fixed(value($0), places)) }))
    }
    if hasLabels { number("label, \(unit)", 3) { $0.label } }
    if hasModel { number("model, \(unit)", 3) { $0.volts } }
    if hasDeviation { number("± \(unit)", 3) { $0.deviation } }
    if hasLabels, hasModel {
      number("error, \(unit)", 3) { $0.error }
      if reference.isAbsolute { number("error, %", 2) { $0.percentage } }
    }
    if isWhole {
      number("mAh/g", 1) { $0.capacity }
      if reference.isAbsolute { number("Wh/kg", 0) { $0.energyDensity } }
      // Structures as given often share a cell.
      if rows.contains(where: { abs($0.volumeChange ?? 0) > 1e-9 }) {
        number("volume, %", 2) { row in row.volumeChange.map { 100 * $0 } }
      }
    }
    if isRelaxed {
      columns.append(
        (TextTable.Column(title: "relaxation", isText: true), { .init($0.relaxationText) }))
    }
    return TextTable(columns: columns.map(\.0), rows: rows.map { row in columns.map { $0.1(row) } })
  }

  /// Plateaus by the model and by the labels, and the contents that do not form; nil where all hosts have two contents.
  var profileTable: TextTable? {
    let rich = series.filter { $0.steps.count > 1 || $0.structures.count > 2 }
    guard !rich.isEmpty else { return nil }
    let rows = rich.flatMap { series in
      [("model", series.profile), ("label", series.labelProfile)].compactMap { name, profile in
        profile.map { row(series.name, name, $0) }
      }
    }
    let titles = ["host", "by", "plateaus (Li: voltage)", "contents above the hull (meV for each formula unit)"]
    return TextTable(columns: titles.map { TextTable.Column(title: $0, isText: true) }, rows: rows)
  }

  private func row(_ name: String, _ source: String, _ profile: VoltageProfile) -> [TextTable.Cell] {
    let plateaus = profile.plateaus.map {
      "\(contentText($0.from))–\(contentText($0.to)): \(fixed($0.volts, 3))"
    }
    // Of each content the lowest structure says whether it forms.
    var seen: Set<Double> = []
    let unstable = profile.points.filter { seen.insert($0.content).inserted && !$0.isStable }
      .map { "\(contentText($0.content)) (\(fixed(1000 * $0.aboveHull, 1)))" }
    return [
      .init(name), .init(source), .init(plateaus.joined(separator: ", ")),
      .init(unstable.isEmpty ? "none" : unstable.joined(separator: ", ")),
    ]
  }

  /// A line for each voltage: whole ranges, then neighbouring contents.
  public var csv: String {
    var table = CSVTable(columns: [
      "host", "lithiated_formula", "delithiated_formula", "x_lithiated", "x_delithiated", "kind",
      "label_\(reference.isAbsolute ? "V" : "eV_per_Li")", "model_\(reference.isAbsolute ? "V" : "eV_per_Li")",
      "committee_deviation_V", "error_V", "error_percent", "lithiated_error_meV_per_atom",
      "delithiated_error_meV_per_atom", "capacity_mAh_per_g", "energy_density_Wh_per_kg", "volume_change_percent",
      "lithiated_id", "delithiated_id", "lithiated_relaxation", "delithiated_relaxation", "li_reference_eV",
      "li_source",
    ])
    for (kind, rows) in [("whole", whole), ("step", steps)] {
      for row in rows { table.append(fields(of: row, kind)) }
    }
    return table.text
  }

  private func fields(of row: VoltageRow, _ kind: String) -> [String] {
    func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    let errors = row.partnerErrors
    var source = "none"
    switch reference {
    case .lithium(let lithium): source = lithium.source
    case .differencesOnly(let lithium): source = lithium.map { $0.source + " (differences only)" } ?? source
    }
    return [
      row.lithiated.hostText, VoltageRow.formula(row.lithiated), VoltageRow.formula(row.delithiated),
      number(row.lithiated.content), number(row.delithiated.content), kind, number(row.label), number(row.volts),
      number(row.deviation), number(row.error), reference.isAbsolute ? number(row.percentage) : "",
      number(errors.map { 1000 * $0.lithiated }), number(errors.map { 1000 * $0.delithiated }),
      number(row.capacity), reference.isAbsolute ? number(row.energyDensity) : "",
      number(row.volumeChange.map { 100 * $0 }), row.lithiated.id, row.delithiated.id,
      row.lithiated.relaxation ?? "", row.delithiated.relaxation ?? "", number(reference.energy), source,
    ]
  }

  /// A line for each structure: where it lies against the hull.
  public var profileCSV: String {
    var table = CSVTable(columns: [
      "host", "by", "x", "formation_energy_eV_per_formula_unit", "above_hull_eV_per_formula_unit", "stable", "id",
    ])
    for series in series {
      for (source, profile) in [("model", series.profile), ("label", series.labelProfile)] {
        for point in profile?.points ?? [] {
          table.append([
            series.name, source, "\(point.content)", "\(point.formationEnergy)", "\(point.aboveHull)",
            point.isStable ? "yes" : "no", series.structures[point.index].id,
          ])
        }
      }
    }
    return table.text
  }
}

extension PartnerStructure {
  /// "Mn16O32" without its lithium, reduced.
  var hostText: String { HostFormula(composition).reducedText }
}

extension VoltageRow {
  /// |error| over the label, %, signed as the error.
  var percentage: Double? { error.flatMap { e in label.flatMap { $0 == 0 ? nil : 100 * e / abs($0) } } }

  /// One word where both partners ended alike.
  var relaxationText: String {
    let words = [lithiated.relaxation, delithiated.relaxation].map { $0 ?? "as given" }
    return words[0] == words[1] ? words[0] : words.joined(separator: "/")
  }
}
