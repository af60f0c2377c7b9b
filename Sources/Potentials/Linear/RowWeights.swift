import Structures

/// Weights of the squared residuals of one frame: of E/N (eV/atom), of force components (eV/Å), of virial components (eV).
public struct RowWeights: Sendable, Equatable {
  public var energy: Double
  public var forces: Double
  /// xx, yy and zz.
  public var virial: Double
  /// yz, xz and xy.
  public var shear: Double

  public init(energy: Double, forces: Double, virial: Double, shear: Double) {
    self.energy = energy
    self.forces = forces
    self.virial = virial
    self.shear = shear
  }

  /// What the means of the weights are taken over: Σ of group weights over frames, force and virial components.
  struct Counts: Sendable, Equatable {
    var energy = 0.0
    var forces = 0.0
    var virial = 0.0

    init(energy: Double, forces: Double, virial: Double) {
      self.energy = energy
      self.forces = forces
      self.virial = virial
    }

    init(_ data: Dataset, _ settings: LinearFitSettings) {
      for frame in data {
        let group = frame.configType.flatMap { settings.groupWeights[$0] } ?? GroupWeight()
        if frame.labels.energy != nil { energy += group.energy }
        if frame.labels.forces != nil { forces += group.forces * Double(3 * frame.structure.count) }
        if frame.labels.virial != nil { virial += group.stress * 9 }
      }
    }
  }

  /// Weights of frames from settings that are resolved.
  /// - Parameter given: counts of an earlier fit that the frames are added to; nil takes those of the data.
  /// - Throws: `InputError` where a label with a weight is nowhere, a group that has weights has no frame, or a stress
  ///   has no volume to be one of.
  static func all(
    _ data: Dataset, _ settings: LinearFitSettings, counts given: Counts? = nil
  ) throws -> [RowWeights] {
    // Groups of an earlier fit need no frames here.
    if given == nil { try requireGroups(data, settings) }
    if settings.weighting == .rows, (settings.stressWeight ?? 0) > 0,
      let frame = data.first(where: { $0.labels.virial != nil && $0.structure.volume == nil })
    {
      throw InputError(
        "the frame has a virial but no volume, so that it has no stress in GPa", file: frame.name,
        remedy: "set stress_weight to 0, or weighting to means")
    }
    let groups = data.map { $0.configType.flatMap { settings.groupWeights[$0] } ?? GroupWeight() }
    let counts = given ?? Counts(data, settings)
    let wanted = [
      ("energy", "energy_weight", settings.energyWeight, counts.energy),
      ("forces", "force_weight", settings.forceWeight, counts.forces),
      ("stress", "stress_weight", settings.stressWeight, counts.virial),
    ]
    for (label, key, weight, count) in wanted where (weight ?? 0) > 0 && count == 0 {
      throw InputError(
        "\(key) is \(weight ?? 0), but no frame of \(data.count) has \(label) with a weight above 0",
        remedy: "set \(key) to 0, or mend group_weights")
    }
    func weight(_ value: Double?, _ count: Double) -> Double {
      guard let value, value > 0 else { return 0 }
      return settings.weighting == .means ? value / count : value
    }
    let energy = weight(settings.energyWeight, counts.energy)
    let forces = weight(settings.forceWeight, counts.forces)
    let stress = weight(settings.stressWeight, counts.virial)
    return zip(data, groups).map { frame, group in
      let scale: Double
      switch settings.weighting {
      case .means: scale = 1 / Double(max(1, frame.structure.count))
      case .rows: scale = frame.structure.volume.map { Units.gigapascalsPerEVPerCubicAngstrom / $0 } ?? 0
      }
      let virial = stress * group.stress * scale * scale
      return RowWeights(
        energy: energy * group.energy, forces: forces * group.forces, virial: virial,
        // Means go over nine components, rows over six.
        shear: settings.weighting == .means ? 2 * virial : virial)
    }
  }

  private static func requireGroups(_ data: Dataset, _ settings: LinearFitSettings) throws {
    let known = Set(data.compactMap(\.configType))
    for name in settings.groupWeights.keys.sorted() where !known.contains(name) {
      let near = nearestName(to: name, among: known.sorted()).map { "did you mean '\($0)'?" }
      throw InputError("group_weights names '\(name)', but no frame has that config_type", remedy: near)
    }
  }
}
