import Foundation

extension HTMLReport {
  /// Rows of the tables of groups and worst frames that a page shows.
  private static let mostGroups = 30

  mutating func writeGroups() {
    let names = groupNames
    let hasGroups = names.count > 1
    let hasElements = report.parts.contains { !$0.elements.isEmpty }
    guard hasGroups || hasElements else { return }
    heading("Where the errors are")
    if hasGroups { writeGroupTable(names) }
    if hasElements { writeElementTable() }
  }

  /// Largest groups first.
  private var groupNames: [String] {
    var frames: [String: Int] = [:]
    for group in report.parts.flatMap(\.groups) { frames[group.name, default: 0] += group.errors.frames }
    return frames.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
  }

  private mutating func writeGroupTable(_ names: [String]) {
    let shown = Array(names.prefix(Self.mostGroups))
    let parts = report.parts.map { part in
      (part: part, errors: Dictionary(part.groups.map { ($0.name, $0.errors) }) { first, _ in first })
    }
    var columns = [TextTable.Column(title: "config_type", isText: true)]
    var rows = shown.map { [TextTable.Cell($0.isEmpty ? "(none)" : $0)] }
    for (part, errors) in parts {
      let found = shown.map { errors[$0] }
      let group = parts.count > 1 ? part.part.rawValue : ""
      let quantities = [
        Quantity("energy RMSE", found.map { $0?.energy?.rmse }, worseThan: found.map { $0?.bestEnergyBaseline }),
        Quantity(
          "force RMSE", found.map { $0?.forces?.rmse }, worseThan: found.map { $0?.baselines?.zeroForceRMSE }),
      ].filter(\.hasValues)
      columns.append(TextTable.Column(title: "frames", group: group))
      columns += quantities.map { TextTable.Column(title: $0.title, group: group) }
      for row in rows.indices {
        rows[row].append(TextTable.Cell(found[row].map { NumberFormatting.count($0.frames) } ?? "–"))
        rows[row] += quantities.map { $0.cell(row) }
      }
    }
    let rest = names.count > shown.count ? " Smaller groups in report.json: \(names.count - shown.count)." : ""
    table(
      TextTable(columns: columns, rows: rows),
      "By config_type: energies in meV/atom, force components in eV/Å. Red: worse than the baseline.\(rest)")
  }

  private mutating func writeElementTable() {
    let elements = Set(report.parts.flatMap { $0.elements.map(\.element) }).sorted()
    var columns = [TextTable.Column(title: "element", isText: true)]
    var rows = elements.map { [TextTable.Cell($0.symbol)] }
    let all = report.parts.flatMap { $0.elements.map(\.rmse) }
    for part in report.parts where !part.elements.isEmpty {
      let found = elements.map { element in part.elements.first { $0.element == element } }
      let zero = found.map { $0?.zeroForceRMSE }
      let group = report.parts.count > 1 ? part.part.rawValue : ""
      let quantities = [
        Quantity("RMSE", found.map { $0?.rmse }, worseThan: zero, like: all),
        Quantity("MAE", found.map { $0?.mae }, like: all),
        Quantity("zero force", zero, isBaseline: true, like: all),
      ]
      columns.append(TextTable.Column(title: "atoms", group: group))
      columns += quantities.map { TextTable.Column(title: $0.title, isBaseline: $0.isBaseline, group: group) }
      for row in rows.indices {
        rows[row].append(TextTable.Cell(found[row].map { NumberFormatting.count($0.atoms) } ?? "–"))
        rows[row] += quantities.map { $0.cell(row) }
      }
    }
    table(TextTable(columns: columns, rows: rows), "Force components by element, eV/Å; in grey, every force zero.")
  }

  mutating func writeWorst() {
    let worst = WorstFrames(report.parts)
    guard !worst.energy.isEmpty || !worst.forces.isEmpty else { return }
    heading("Worst frames")
    if !worst.energy.isEmpty { writeWorstEnergies(worst.energy) }
    if !worst.forces.isEmpty { writeWorstForces(worst.forces) }
  }

  private mutating func writeWorstEnergies(_ entries: [WorstFrames.Entry]) {
    let rows = entries.map { entry -> [TextTable.Cell] in
      let row = entry.row
      let atoms = Double(row.atoms)
      let energies = [row.energyLabel ?? 0, row.energyPredicted].map {
        TextTable.Cell(NumberFormatting.fixed($0 / atoms, 4))
      }
      let error = NumberFormatting.fixed(1000 * (row.energyError ?? 0), 1)
      return name(entry) + [TextTable.Cell(error, .strong)] + energies
    }
    let columns =
      Self.nameColumns
      + ["error, meV/atom", "label, eV/atom", "predicted, eV/atom"].map { TextTable.Column(title: $0) }
    table(
      TextTable(columns: columns, rows: rows),
      "\(Self.leading(entries.count)) with the largest energy error per atom (predicted − label).")
  }

  private mutating func writeWorstForces(_ entries: [WorstFrames.Entry]) {
    let errors = Quantity(
      "|ΔF|, eV/Å", entries.map { $0.row.worstAtom?.error }, worseThan: entries.map { _ in nil })
    let labels = Quantity("label |F|, eV/Å", entries.map { $0.row.worstAtom?.label })
    let rows = entries.enumerated().map { index, entry in
      let atom = entry.row.worstAtom.map { "\($0.element.symbol) \($0.index)" } ?? "–"
      return name(entry) + [TextTable.Cell(atom), errors.cell(index), labels.cell(index)]
    }
    let columns = Self.nameColumns + ["atom", errors.title, labels.title].map { TextTable.Column(title: $0) }
    table(
      TextTable(columns: columns, rows: rows),
      "\(Self.leading(entries.count)) with the largest force error |ΔF| on one atom. Frames and atoms count from 0."
    )
  }

  private static func leading(_ count: Int) -> String { count == 1 ? "The frame" : "The \(count) frames" }

  private static let nameColumns = [
    TextTable.Column(title: "frame", isText: true), TextTable.Column(title: "id", isText: true),
    TextTable.Column(title: "formula", isText: true), TextTable.Column(title: "part", isText: true),
  ]

  private func name(_ entry: WorstFrames.Entry) -> [TextTable.Cell] {
    let row = entry.row
    let file = row.file.map { ($0 as NSString).lastPathComponent } ?? "–"
    let source = file + (row.index.map { " #\($0)" } ?? "")
    return [
      TextTable.Cell(source, tooltip: row.source), TextTable.Cell(String(row.id.prefix(8)), .code, tooltip: row.id),
      TextTable.Cell(row.formula), TextTable.Cell(entry.part.rawValue),
    ]
  }
}
