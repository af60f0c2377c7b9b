import Structures

/// Counts a data set of any size batch by batch: memory holds a few numbers a frame.
public struct CensusCounter: Sendable {
  private struct Nearest {
    var distance: Double
    var frame: String
  }

  private var frames = 0
  private var atoms = 0
  private var elements: [ChemicalElement: Int] = [:]
  private var compositions: [String: Int] = [:]
  private var configTypes: [String: Int] = [:]
  private var otherKeys: [String: Int] = [:]
  private var otherColumns: [String: Int] = [:]
  private var verdicts: [String: Int] = [:]
  private var labels = Census.LabelCounts()
  private var keys = Census.LabelKeys()
  private var sizes: [Double] = []
  private var pressures: [Double] = []
  private var volumes: [Double] = []
  private var forces = ForceCount()
  private var nearest: [ElementPair: Nearest] = [:]
  private var duplicates = DuplicateCount()
  private var classes = ClassCount()
  private var stresses: [StressSense.Point] = []
  private var settings = SettingsSurvey()
  private var formulas = Interned<String>()
  private var counts = Interned<[ChemicalElement: Int]>()
  /// Composition and energy of each frame, for reference energies.
  public private(set) var rows: [EnergyRow] = []

  public init() {}

  /// What a thread finds out of one frame.
  private struct Finding: Sendable {
    var pairs: [ElementPair: Double]
    var key: DuplicateKey
    var order: CationOrder
  }

  /// - Parameter threads: of the search for neighbours.
  /// - Throws: `InputError` for a cell without volume or a position that is no number.
  public mutating func add(_ batch: [LabeledStructure], threads: Int = 1) throws {
    let found = try parallelMap(chunks: batch.count, threads: threads) { place in
      let frame = batch[place]
      return Finding(
        pairs: try shortestPairs(frame, cutoff: Census.defaultDistanceCutoff),
        key: try DuplicateKey(frame), order: try frame.structure.cationOrder())
    }
    for (frame, finding) in zip(batch, found) { add(frame, finding) }
  }

  private mutating func add(_ frame: LabeledStructure, _ finding: Finding) {
    let structure = frame.structure
    frames += 1
    atoms += structure.count
    var row = EnergyRow(frame)
    row.composition = counts(row.composition)
    rows.append(row)
    for (element, count) in row.composition { elements[element, default: 0] += count }
    compositions[structure.reducedFormula, default: 0] += 1
    configTypes[frame.configType ?? "(none)", default: 0] += 1
    for key in Set(frame.info.map(\.key)) { otherKeys[key, default: 0] += 1 }
    for column in frame.columns { otherColumns[column.name, default: 0] += 1 }
    if let verdict = frame.verdict { verdicts[verdict.rawValue, default: 0] += 1 }
    sizes.append(Double(structure.count))
    addLabels(frame)
    if let volume = structure.volume { volumes.append(volume / Double(max(1, structure.count))) }
    for (pair, distance) in finding.pairs where distance < nearest[pair]?.distance ?? .infinity {
      nearest[pair] = Nearest(distance: distance, frame: frame.name)
    }
    var key = finding.key
    key.signature.formula = formulas(key.signature.formula)
    key.run = key.run.map { formulas($0) }
    duplicates.add(frame, key)
    classes.add(structure, finding.order)
    settings.add(SettingsFingerprint(of: frame), isIsolatedAtom: frame.isIsolatedAtom)
  }

  private mutating func addLabels(_ frame: LabeledStructure) {
    if frame.labels.energy != nil { labels.energy += 1 }
    if frame.labels.forces != nil { labels.forces += 1 }
    if frame.labels.virial != nil { labels.stress += 1 }
    if frame.structure.moments != nil { labels.moments += 1 }
    if frame.labels.magneticForces != nil { labels.magneticForces += 1 }
    if let key = frame.provenance.energyKey { keys.energy[key, default: 0] += 1 }
    if let key = frame.provenance.forcesKey { keys.forces[key, default: 0] += 1 }
    if let key = frame.provenance.stressKey { keys.stress[key, default: 0] += 1 }
    forces.add(frame)
    if let volume = frame.structure.volume, let stress = frame.labels.stress(volume: volume) {
      // Compressive positive.
      pressures.append(-(stress.x.x + stress.y.y + stress.z.z) / 3 * Units.gigapascalsPerEVPerCubicAngstrom)
    }
    if var point = StressSense.Point(frame) {
      point.formula = formulas(point.formula)
      stresses.append(point)
    }
  }

  /// - Parameters:
  ///   - files: as the user named them.
  ///   - references: energies to refer to; nil leaves that line out.
  ///   - lookalikes: what looks like a label and was not read.
  public func census(
    files: [String], references: ReferenceSummary?, lookalikes: [Census.Lookalike] = []
  ) -> Census {
    Census(
      files: files, frames: frames, atoms: atoms,
      elements: elements.sorted { $0.key < $1.key }.map { Amount($0.key.symbol, $0.value) },
      compositions: Amount.ranked(compositions), atomsPerFrame: Spread(sizes) ?? Spread.zero, labels: labels,
      keys: keys, units: "Å, eV, eV/Å, eV/Å³ (tensile positive), μB",
      energyPerAtom: Spread(rows.compactMap { row in row.energy.map { $0 / Double(max(1, row.atoms)) } }),
      references: references,
      referredEnergyPerAtom: references.flatMap { references in
        Spread(rows.filter { !$0.isIsolatedAtom }.compactMap { references.referredEnergyPerAtom($0) })
      },
      forces: forces.summary, pressure: Spread(pressures), volumePerAtom: Spread(volumes),
      shortestDistances: nearest.sorted { $0.key < $1.key }.map {
        Census.PairDistance(pair: $0.key.description, distance: $0.value.distance, frame: $0.value.frame)
      },
      distanceCutoff: Census.defaultDistanceCutoff, duplicates: duplicates.summary, classes: classes.summary,
      stressSense: StressSense(stresses), mixedSettings: settings.mixtures, verdicts: Amount.ranked(verdicts),
      configTypes: Amount.ranked(configTypes), otherKeys: Amount.ranked(otherKeys),
      otherColumns: Amount.ranked(otherColumns), lookalikes: lookalikes, dataHash: duplicates.dataHash)
  }
}

/// Forces of all frames.
private struct ForceCount: Sendable {
  private var sum = 0.0
  private var components = 0
  private var largest = -1.0
  private var largestFrame = ""
  private var net = 0.0

  mutating func add(_ frame: LabeledStructure) {
    guard let forces = frame.labels.forces, !forces.isEmpty else { return }
    for force in forces {
      sum += dot(force, force)
      if length(force) > largest {
        largest = length(force)
        largestFrame = frame.name
      }
    }
    components += 3 * forces.count
    net = max(net, length(forces.reduce(.zero, +)) / Double(forces.count))
  }

  var summary: Census.Forces? {
    guard components > 0 else { return nil }
    return Census.Forces(
      maximum: largest, maximumFrame: largestFrame, rms: (sum / Double(components)).squareRoot(),
      netMaximumPerAtom: net)
  }
}

/// Frames that occur more than once, by the rule of `DuplicateFinder`.
private struct DuplicateCount: Sendable {
  private var names = FrameNames()
  private var keys: [DuplicateKey] = []

  mutating func add(_ frame: LabeledStructure, _ key: DuplicateKey) {
    names.append(frame)
    keys.append(key)
  }

  var summary: Census.Duplicates {
    var result = Census.Duplicates(exact: 0, tolerant: 0, examples: [])
    for (place, mark) in DuplicateFinder(keys).marks.enumerated() {
      guard let mark else { continue }
      if mark.isExact { result.exact += 1 } else { result.tolerant += 1 }
      if result.examples.count < 5 { result.examples.append("\(names[mark.original]) = \(names[place])") }
    }
    return result
  }

  var dataHash: String { FrameIdentity.hash(of: keys.map(\.id)) }
}
