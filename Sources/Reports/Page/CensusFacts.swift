extension RunReport.Fact {
  /// What a page says of the data: a name and its value for each thing counted.
  public static func all(of census: Census) -> [RunReport.Fact] { CensusFacts(census).all }
}

/// The census of a data set as names and values.
private struct CensusFacts {
  let census: Census

  init(_ census: Census) { self.census = census }

  typealias Fact = RunReport.Fact

  var all: [Fact] { contents + labels + energies + forces + cells + doubles }

  private var contents: [Fact] {
    var facts = [
      Fact("Files", enumeration(census.files, longest: 4)),
      Fact(
        "Frames",
        NumberFormatting.count(census.frames, "frame") + ", " + NumberFormatting.count(census.atoms, "atom")),
      Fact("Atoms per frame", spread(census.atomsPerFrame, "", decimals: 0)),
      Fact("Elements", amounts(census.elements, longest: .max)),
      Fact("Compositions", "\(census.compositions.count): " + amounts(census.compositions, longest: 8)),
      Fact("Config types", amounts(census.configTypes, longest: 12)),
    ]
    if !census.otherKeys.isEmpty { facts.append(Fact("Other keys", amounts(census.otherKeys, longest: 12))) }
    return facts
  }

  private var labels: [Fact] {
    let counts = [
      ("Energy labels", census.labels.energy, census.keys.energy),
      ("Force labels", census.labels.forces, census.keys.forces),
      ("Stress labels", census.labels.stress, census.keys.stress), ("Moments", census.labels.moments, [:]),
      ("Magnetic forces", census.labels.magneticForces, [:]),
    ]
    let facts = counts.filter { $0.1 > 0 || $0.0 != "Magnetic forces" }.map { name, count, keys in
      let names = keys.keys.sorted().joined(separator: ", ")
      return Fact(name, share(count) + (names.isEmpty ? "" : ", from \(names)"))
    }
    return facts + [Fact("Units", census.units)]
  }

  private var energies: [Fact] {
    guard let labelled = census.energyPerAtom else { return [] }
    var facts = [Fact("Energy as labelled", spread(labelled, "eV/atom", decimals: 5))]
    guard let references = census.references else { return facts }
    if let referred = census.referredEnergyPerAtom {
      facts.append(Fact("Energy after references", spread(referred, "eV/atom", decimals: 5)))
    }
    let values = references.energies.sorted { $0.key < $1.key }
      .map { "\($0.key) \(NumberFormatting.fixed($0.value, 4))" }
    facts.append(Fact("Reference energies", values.joined(separator: ", ") + " eV (\(references.origin))"))
    if !references.freeDirections.isEmpty {
      let free = references.freeDirections.joined(separator: "; ")
      facts.append(
        Fact("Left open", "rank \(references.rank) of \(references.energies.count), as in every frame \(free)"))
    }
    return facts
  }

  private var forces: [Fact] {
    guard let forces = census.forces else { return [] }
    let net = NumberFormatting.fixedOrPower(forces.netMaximumPerAtom, 5)
    return [
      Fact("Largest force", "\(NumberFormatting.fixed(forces.maximum, 3)) eV/Å in \(forces.maximumFrame)"),
      Fact("Force components", "RMS \(NumberFormatting.fixed(forces.rms, 4)) eV/Å"),
      Fact("Largest net force", "\(net) eV/Å per atom"),
    ]
  }

  private var cells: [Fact] {
    var facts: [Fact] = []
    if let pressure = census.pressure { facts.append(Fact("Pressure", spread(pressure, "GPa", decimals: 2))) }
    if let volume = census.volumePerAtom { facts.append(Fact("Volume", spread(volume, "Å³/atom", decimals: 3))) }
    let pairs = census.shortestDistances
    guard let shortest = pairs.min(by: { $0.distance < $1.distance }) else {
      return facts + [Fact("Shortest pairs", "none below \(census.distanceCutoff) Å")]
    }
    let distances = pairs.map { "\($0.pair) \(NumberFormatting.fixed($0.distance, 3))" }.joined(separator: ", ")
    return facts + [Fact("Shortest pairs", "\(distances) Å; the shortest in \(shortest.frame)")]
  }

  private var doubles: [Fact] {
    let duplicates = census.duplicates
    let counts = "\(duplicates.exact) exact, \(duplicates.tolerant) more within tolerance"
    let examples = duplicates.examples.joined(separator: "; ")
    return [Fact("Duplicates", counts + (examples.isEmpty ? "" : ": \(examples)"))]
  }

  private func share(_ count: Int) -> String {
    if count == 0 { return "none" }
    if count == census.frames { return count == 1 ? "the frame" : "all frames" }
    return "\(NumberFormatting.count(count)) of \(NumberFormatting.count(census.frames, "frame"))"
  }

  private func amounts(_ amounts: [Amount], longest: Int) -> String {
    enumeration(amounts.map { "\($0.name) \(NumberFormatting.count($0.count))" }, longest: longest)
  }

  private func enumeration(_ names: [String], longest: Int) -> String {
    names.prefix(longest).joined(separator: ", ")
      + (names.count > longest ? ", … (\(names.count - longest) more)" : "")
  }

  private func spread(_ spread: Spread, _ unit: String, decimals: Int) -> String {
    let end = unit.isEmpty ? "" : " " + unit
    func number(_ value: Double, _ places: Int) -> String { NumberFormatting.fixed(value, places) }
    if spread.minimum == spread.maximum { return number(spread.minimum, decimals) + end }
    let places = max(1, decimals)
    return "\(number(spread.minimum, decimals)) to \(number(spread.maximum, decimals))\(end), "
      + "mean \(number(spread.mean, places)), deviation \(number(spread.deviation, places))"
  }
}
