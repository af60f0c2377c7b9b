import Foundation

extension Census {
  /// The census as a page of text.
  public var text: String { rows.map { pad($0.0, 16) + wrapped($0.1) }.joined(separator: "\n") }

  private var rows: [(String, String)] {
    var rows: [(String, String)] = [
      ("files", list(files, longest: 4)),
      ("frames", "\(frames), \(atoms) atom\(atoms == 1 ? "" : "s")"),
      ("atoms per frame", spread(atomsPerFrame, "", digits: 0)),
      ("elements", elements.map { "\($0.name) \($0.count)" }.joined(separator: ", ")),
      ("compositions", "\(compositions.count): " + amounts(compositions, longest: 8)),
      ("config types", amounts(configTypes, longest: 12)),
    ]
    if !otherKeys.isEmpty { rows.append(("other keys", amounts(otherKeys, longest: 12))) }
    if !otherColumns.isEmpty { rows.append(("other columns", amounts(otherColumns, longest: 12))) }
    rows += classRows + labelRows + energyRows
    if let forces {
      rows.append(("forces", "max |F| \(number(forces.maximum, 3)) eV/Å in \(forces.maximumFrame)"))
      rows.append(("", "component RMS \(number(forces.rms, 4)) eV/Å"))
      rows.append(("", "largest net force \(number(forces.netMaximumPerAtom, 5)) eV/Å per atom"))
    }
    if let pressure { rows.append(("pressure", spread(pressure, "GPa", digits: 2))) }
    if let warning = stressSense.warning { rows.append(("", warning)) }
    if let volumePerAtom { rows.append(("volume", spread(volumePerAtom, "Å³/atom", digits: 3))) }
    rows.append(("shortest pairs", shortestDistances.isEmpty ? "none below \(distanceCutoff) Å" : shortestText))
    rows.append(("duplicates", "\(duplicates.exact) exact, \(duplicates.tolerant) more within tolerance"))
    rows += duplicates.examples.map { ("", $0) }
    rows.append(("data hash", dataHash))
    return rows
  }

  private var shortestText: String {
    let pairs = shortestDistances.map { "\($0.pair) \(number($0.distance, 3))" }.joined(separator: ", ") + " Å"
    guard let first = shortestDistances.min(by: { $0.distance < $1.distance }) else { return pairs }
    return pairs + ", the shortest in " + first.frame
  }

  /// Long enumerations go on below themselves.
  private func wrapped(_ text: String) -> String {
    var lines = [""]
    for part in text.split(separator: ", ") {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = String(part)
      } else if last.count + part.count < 98 {
        lines[lines.count - 1] = last + ", " + part
      } else {
        lines[lines.count - 1] = last + ","
        lines.append(String(part))
      }
    }
    return lines.joined(separator: "\n" + pad("", 16))
  }

  private var classRows: [(String, String)] {
    var rows: [(String, String)] = []
    if !classes.presence.isEmpty {
      rows.append(("classes", amounts(classes.lithiation, longest: 9)))
      rows.append(
        ("", amounts(classes.transitionMetals, longest: 12) + "; cations " + amounts(classes.order, longest: 3)))
      rows.append(("frames with", amounts(classes.presence, longest: 30)))
    }
    if !verdicts.isEmpty { rows.append(("verdicts", amounts(verdicts, longest: 12))) }
    for (place, mixture) in mixedSettings.enumerated() {
      rows.append((place == 0 ? "mixed settings" : "", mixture))
    }
    return rows
  }

  private var labelRows: [(String, String)] {
    let counts = [
      ("energy", labels.energy, keys.energy), ("forces", labels.forces, keys.forces),
      ("stress", labels.stress, keys.stress), ("moments", labels.moments, [:]),
      ("magnetic forces", labels.magneticForces, [:]),
    ]
    var rows = counts.filter { $0.1 > 0 || $0.0 != "magnetic forces" }.map { name, count, keys in
      let names = keys.keys.sorted().map { "`\($0)`" }.joined(separator: ", ")
      let share = count == frames ? "all frames" : count == 0 ? "none" : "\(count) of \(frames) frames"
      return ("", pad(name, 8) + share + (names.isEmpty ? "" : ", from " + names) + hint(name))
    }
    rows[0].0 = "labels"
    return rows + [("units", units)]
  }

  /// "; `TotEnergy` looks like one: rename it to REF_energy"
  private func hint(_ label: String) -> String {
    lookalikes.filter { $0.label == label }.map { found in
      let share = found.frames == frames ? "" : " (\(found.frames) of \(frames) frames)"
      return "; `\(found.key)`\(share) looks like \(label == "energy" ? "one" : "them"): \(found.remedy)"
    }.joined()
  }

  private var energyRows: [(String, String)] {
    guard let energyPerAtom else { return [] }
    var rows = [("energy", spread(energyPerAtom, "eV/atom as labelled", digits: 5))]
    guard let references else { return rows }
    if let referredEnergyPerAtom {
      rows.append(("", spread(referredEnergyPerAtom, "eV/atom after reference energies", digits: 5)))
    }
    let energies = references.energies.sorted { $0.key < $1.key }.map { "\($0.key) \(number($0.value, 4))" }
    rows.append(("references", energies.joined(separator: ", ") + " eV (\(references.origin))"))
    if !references.freeDirections.isEmpty {
      let count = references.energies.count
      rows.append(
        (
          "",
          "rank \(references.rank) of \(count): the data leave open "
            + references.freeDirections.joined(separator: "; ")
        ))
    }
    return rows
  }

  private func amounts(_ amounts: [Amount], longest: Int) -> String {
    let shown = amounts.prefix(longest).map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    return shown + (amounts.count > longest ? ", … (\(amounts.count - longest) more)" : "")
  }

  private func list(_ names: [String], longest: Int) -> String {
    names.prefix(longest).joined(separator: ", ")
      + (names.count > longest ? ", … (\(names.count - longest) more)" : "")
  }

  private func spread(_ spread: Spread, _ unit: String, digits: Int) -> String {
    if spread.minimum == spread.maximum { return number(spread.minimum, digits) + (unit.isEmpty ? "" : " " + unit) }
    return number(spread.minimum, digits) + " to " + number(spread.maximum, digits)
      + ", mean " + number(spread.mean, max(1, digits)) + ", deviation " + number(spread.deviation, max(1, digits))
      + (unit.isEmpty ? "" : " " + unit)
  }

  private func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(text.isEmpty ? width : 1, width - text.count))
  }
}
