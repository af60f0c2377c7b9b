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

  /// Weights of frames from settings that are resolved.
  /// - Throws: `InputError` where a label with a weight is nowhere, or a group that has weights has no frame.
  static func all(_ data: Dataset, _ settings: LinearFitSettings) throws -> [RowWeights] {
    try requireGroups(data, settings)
    let groups = data.map { $0.configType.flatMap { settings.groupWeights[$0] } ?? GroupWeight() }
    var counts = (energy: 0.0, forces: 0.0, virial: 0.0)
    for (frame, group) in zip(data, groups) {
      if frame.labels.energy != nil { counts.energy += group.energy }
      if frame.labels.forces != nil { counts.forces += group.forces * Double(3 * frame.structure.count) }
      if frame.labels.virial != nil { counts.virial += group.stress * 9 }
    }
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
