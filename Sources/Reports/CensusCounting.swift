import Structures

extension Census {
  /// Å: pairs further apart than this are not looked for.
  public static let defaultDistanceCutoff = 3.5

  /// Counts a data set.
  /// - Parameters:
  ///   - files: as the user named them.
  ///   - references: energies to refer to; nil leaves that line out.
  ///   - lookalikes: what looks like a label and was not read.
  ///   - threads: of the search for neighbours.
  /// - Throws: `InputError` for a cell without volume or a position that is no number.
  public init(
    _ dataset: Dataset, files: [String], references: ReferenceSummary?, lookalikes: [Lookalike] = [],
    threads: Int = 1
  ) throws {
    self.files = files
    self.lookalikes = lookalikes
    frames = dataset.count
    atoms = dataset.atomCount
    self.references = references
    units = "Å, eV, eV/Å, eV/Å³ (tensile positive), μB"
    distanceCutoff = Self.defaultDistanceCutoff
    dataHash = dataset.hash

    let byElement = dataset.reduce(into: [ChemicalElement: Int]()) { counts, frame in
      for element in frame.structure.elements { counts[element, default: 0] += 1 }
    }
    elements = byElement.sorted { $0.key < $1.key }.map { Amount($0.key.symbol, $0.value) }
    compositions = Amount.ranked(tally(dataset) { [$0.structure.reducedFormula] })
    configTypes = Amount.ranked(tally(dataset) { [$0.configType ?? "(none)"] })
    otherKeys = Amount.ranked(tally(dataset) { Set($0.info.map(\.key)).sorted() })
    otherColumns = Amount.ranked(tally(dataset) { $0.columns.map(\.name) })
    atomsPerFrame = Spread(dataset.map { Double($0.structure.count) }) ?? Spread.zero
    labels = LabelCounts(of: dataset)
    keys = LabelKeys(
      energy: tally(dataset) { [$0.provenance.energyKey].compactMap { $0 } },
      forces: tally(dataset) { [$0.provenance.forcesKey].compactMap { $0 } },
      stress: tally(dataset) { [$0.provenance.stressKey].compactMap { $0 } })

    energyPerAtom = Spread(
      dataset.compactMap { frame in frame.labels.energy.map { $0 / Double(max(1, frame.structure.count)) } })
    referredEnergyPerAtom = references.flatMap { references in
      Spread(dataset.filter { !$0.isIsolatedAtom }.compactMap { references.referredEnergyPerAtom($0) })
    }
    forces = Forces(of: dataset)
    pressure = Spread(dataset.compactMap(Self.pressure))
    volumePerAtom = Spread(
      dataset.compactMap { frame in frame.structure.volume.map { $0 / Double(max(1, frame.structure.count)) } })
    shortestDistances = try Self.shortestDistances(dataset, cutoff: distanceCutoff, threads: threads)
    duplicates = try Duplicates(in: dataset, threads: threads)
    classes = try FrameClasses(dataset, threads: threads)
    stressSense = StressSense(dataset.compactMap(StressSense.Point.init))
    mixedSettings = SettingsSurvey(of: dataset).mixtures
    verdicts = Amount.ranked(tally(dataset) { [$0.verdict?.rawValue].compactMap { $0 } })
  }

  /// GPa, compressive positive.
  private static func pressure(_ frame: LabeledStructure) -> Double? {
    guard let volume = frame.structure.volume, let stress = frame.labels.stress(volume: volume) else { return nil }
    return -(stress.x.x + stress.y.y + stress.z.z) / 3 * Units.gigapascalsPerEVPerCubicAngstrom
  }

  private static func shortestDistances(
    _ dataset: Dataset, cutoff: Double, threads: Int
  ) throws -> [PairDistance] {
    let found = try parallelMap(chunks: dataset.count, threads: threads) { frame in
      try shortestPairs(dataset[frame], cutoff: cutoff)
    }
    var best: [ElementPair: (distance: Double, frame: Int)] = [:]
    for (frame, pairs) in found.enumerated() {
      for (pair, distance) in pairs where distance < best[pair]?.distance ?? .infinity {
        best[pair] = (distance, frame)
      }
    }
    return best.sorted { $0.key < $1.key }.map {
      PairDistance(pair: $0.key.description, distance: $0.value.distance, frame: dataset[$0.value.frame].name)
    }
  }
}

extension Spread {
  /// Of no numbers at all.
  static let zero = Spread(minimum: 0, maximum: 0, mean: 0, deviation: 0)

  private init(minimum: Double, maximum: Double, mean: Double, deviation: Double) {
    self.minimum = minimum
    self.maximum = maximum
    self.mean = mean
    self.deviation = deviation
  }
}

/// How many frames give each name.
private func tally(_ dataset: Dataset, _ names: (LabeledStructure) -> [String]) -> [String: Int] {
  dataset.reduce(into: [:]) { counts, frame in
    for name in names(frame) { counts[name, default: 0] += 1 }
  }
}

extension Census.LabelCounts {
  init(of dataset: Dataset) {
    for frame in dataset {
      if frame.labels.energy != nil { energy += 1 }
      if frame.labels.forces != nil { forces += 1 }
      if frame.labels.virial != nil { stress += 1 }
      if frame.structure.moments != nil { moments += 1 }
      if frame.labels.magneticForces != nil { magneticForces += 1 }
    }
  }
}

extension Census.Forces {
  init?(of dataset: Dataset) {
    var sum = 0.0
    var components = 0
    var largest = (force: -1.0, frame: 0)
    var net = 0.0
    for (index, frame) in dataset.enumerated() {
      guard let forces = frame.labels.forces, !forces.isEmpty else { continue }
      for force in forces {
        sum += dot(force, force)
        if length(force) > largest.force { largest = (length(force), index) }
      }
      components += 3 * forces.count
      net = max(net, length(forces.reduce(.zero, +)) / Double(forces.count))
    }
    guard components > 0 else { return nil }
    self.init(
      maximum: largest.force, maximumFrame: dataset[largest.frame].name,
      rms: (sum / Double(components)).squareRoot(),
      netMaximumPerAtom: net)
  }
}

extension Census.Duplicates {
  init(in dataset: Dataset, threads: Int) throws {
    exact = 0
    tolerant = 0
    examples = []
    var first: [String: Int] = [:]
    var unique: [Int] = []
    for (index, frame) in dataset.enumerated() {
      if let earlier = first[frame.id] {
        exact += 1
        note(dataset[earlier], frame)
      } else {
        first[frame.id] = index
        unique.append(index)
      }
    }
    let places = unique
    let signatures = try parallelMap(chunks: places.count, threads: threads) {
      try FrameSignature(of: dataset[places[$0]])
    }
    let index = SignatureIndex(signatures)
    for (place, signature) in signatures.enumerated() {
      let frame = dataset[places[place]]
      let earlier = index.matches(of: signature, atoms: frame.structure.count).first
      guard let earlier, earlier < place else { continue }
      tolerant += 1
      note(dataset[places[earlier]], frame)
    }
  }

  private mutating func note(_ earlier: LabeledStructure, _ later: LabeledStructure) {
    if examples.count < 5 { examples.append("\(earlier.name) = \(later.name)") }
  }
}
