import Structures

/// What a data set holds: the first thing to look at before training on it.
public struct Census: Codable, Sendable {
  /// Frames that carry each label.
  public struct LabelCounts: Codable, Sendable, Equatable {
    public var energy = 0
    public var forces = 0
    public var stress = 0
    public var moments = 0
    /// Magnetic forces.
    public var magneticForces = 0

    private enum CodingKeys: String, CodingKey {
      case energy, forces, stress, moments
      case magneticForces = "magnetic_forces"
    }
  }

  /// The names under which labels stood in the files, with the frames of each.
  public struct LabelKeys: Codable, Sendable, Equatable {
    public var energy: [String: Int] = [:]
    public var forces: [String: Int] = [:]
    public var stress: [String: Int] = [:]
  }

  /// Forces of all frames, eV/Å.
  public struct Forces: Codable, Sendable {
    /// Largest |F| of an atom.
    public var maximum: Double
    /// Frame that holds it.
    public var maximumFrame: String
    /// Root mean square of the components.
    public var rms: Double
    /// Largest |ΣF| of a frame over its atoms.
    public var netMaximumPerAtom: Double

    private enum CodingKeys: String, CodingKey {
      case maximum, rms
      case maximumFrame = "maximum_frame"
      case netMaximumPerAtom = "net_maximum_per_atom"
    }
  }

  /// A key or column that was not read and looks like a label that frames lack.
  public struct Lookalike: Codable, Sendable, Equatable {
    /// "energy", "forces" or "stress".
    public var label: String
    public var key: String
    public var frames: Int
    /// What to do about it.
    public var remedy: String

    public init(label: String, key: String, frames: Int, remedy: String) {
      self.label = label
      self.key = key
      self.frames = frames
      self.remedy = remedy
    }
  }

  /// Frames that occur more than once.
  public struct Duplicates: Codable, Sendable, Equatable {
    /// Frames with the id of an earlier frame.
    public var exact: Int
    /// Further frames that agree with an earlier one within the tolerances of `FrameSignature`.
    public var tolerant: Int
    /// "FRAME = FRAME" of the first few.
    public var examples: [String]
  }

  /// Smallest distance of a pair of elements.
  public struct PairDistance: Codable, Sendable, Equatable {
    /// "Li-O", by atomic number.
    public var pair: String
    /// Å.
    public var distance: Double
    public var frame: String
  }

  public var files: [String]
  public var frames: Int
  public var atoms: Int
  /// Atoms of each element, by atomic number.
  public var elements: [Amount]
  /// Frames of each reduced formula, most frequent first.
  public var compositions: [Amount]
  public var atomsPerFrame: Spread
  public var labels: LabelCounts
  public var keys: LabelKeys
  /// The units in which the numbers of the files were understood.
  public var units: String
  /// As labelled, eV/atom.
  public var energyPerAtom: Spread?
  public var references: ReferenceSummary?
  /// After reference energies, eV/atom.
  public var referredEnergyPerAtom: Spread?
  public var forces: Forces?
  /// −(σxx + σyy + σzz)/3, GPa.
  public var pressure: Spread?
  /// Å³/atom, frames that repeat in three directions.
  public var volumePerAtom: Spread?
  /// Pairs closer than `distanceCutoff`.
  public var shortestDistances: [PairDistance]
  /// Å.
  public var distanceCutoff: Double
  public var duplicates: Duplicates
  /// Frames by lithiation, number and presence of transition metals, and order of the cations.
  public var classes: FrameClasses
  /// What the stresses look like beside the volumes.
  public var stressSense: StressSense
  /// Settings of which there is more than one value among the frames.
  public var mixedSettings: [String]
  /// Frames of each verdict, where they carry one.
  public var verdicts: [Amount]
  /// Frames of each `config_type`; "(none)" without one.
  public var configTypes: [Amount]
  /// Keys that Halite does not interpret, with the frames that have them.
  public var otherKeys: [Amount]
  /// Columns that Halite does not interpret, with the frames that have them.
  public var otherColumns: [Amount]
  public var lookalikes: [Lookalike]
  public var dataHash: String

  private enum CodingKeys: String, CodingKey {
    case files, frames, atoms, elements, compositions, labels, keys, units, references, forces, pressure, duplicates
    case lookalikes, classes, verdicts
    case stressSense = "stress_test"
    case mixedSettings = "mixed_settings"
    case otherColumns = "other_columns"
    case atomsPerFrame = "atoms_per_frame"
    case energyPerAtom = "energy_per_atom"
    case referredEnergyPerAtom = "energy_per_atom_after_references"
    case volumePerAtom = "volume_per_atom"
    case shortestDistances = "shortest_distances"
    case distanceCutoff = "distance_cutoff"
    case configTypes = "config_types"
    case otherKeys = "other_keys"
    case dataHash = "data_hash"
  }
}

/// A name and how often it occurs.
public struct Amount: Codable, Sendable, Equatable {
  public var name: String
  public var count: Int

  public init(_ name: String, _ count: Int) {
    self.name = name
    self.count = count
  }

  /// Most frequent first, then by name.
  static func ranked(_ counts: [String: Int]) -> [Amount] {
    counts.map { Amount($0.key, $0.value) }.sorted { (-$0.count, $0.name) < (-$1.count, $1.name) }
  }
}

/// Smallest, largest, mean and standard deviation (of the population) of numbers.
public struct Spread: Codable, Sendable, Equatable {
  public var minimum: Double
  public var maximum: Double
  public var mean: Double
  public var deviation: Double

  /// nil where there are no numbers.
  public init?(_ numbers: [Double]) {
    guard let low = numbers.min(), let high = numbers.max() else { return nil }
    minimum = low
    maximum = high
    // Deviations from the minimum keep the digits that large energies would swallow.
    let mean = numbers.reduce(0) { $0 + ($1 - low) } / Double(numbers.count)
    self.mean = low + mean
    deviation = (numbers.reduce(0) { $0 + ($1 - low - mean) * ($1 - low - mean) } / Double(numbers.count))
      .squareRoot()
  }
}

/// Reference energies as census and check use them.
public struct ReferenceSummary: Codable, Sendable {
  /// "least squares", "isolated atoms", "given".
  public var origin: String
  /// By symbol, eV.
  public var energies: [String: Double]
  public var rank: Int
  /// Combinations of elements that the data leave open.
  public var freeDirections: [String]

  private enum CodingKeys: String, CodingKey {
    case origin, energies, rank
    case freeDirections = "free_directions"
  }

  public init(origin: String, energies: [String: Double], rank: Int, freeDirections: [String]) {
    self.origin = origin
    self.energies = energies
    self.rank = rank
    self.freeDirections = freeDirections
  }

  /// (E − Σ reference energies)/N, eV/atom; nil without an energy or for an element without reference.
  public func referredEnergyPerAtom(_ frame: LabeledStructure) -> Double? {
    referredEnergyPerAtom(EnergyRow(frame))
  }

  /// The same of a row.
  public func referredEnergyPerAtom(_ row: EnergyRow) -> Double? {
    guard var energy = row.energy, row.atoms > 0 else { return nil }
    for (element, count) in row.composition.sorted(by: { $0.key < $1.key }) {
      guard let reference = energies[element.symbol] else { return nil }
      energy -= Double(count) * reference
    }
    return energy / Double(row.atoms)
  }
}
