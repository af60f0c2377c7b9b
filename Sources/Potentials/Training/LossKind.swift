import Structures

/// What the terms of a loss are divided by, and the weights that go with it: Halite's own, or as another code has them.
///
/// With N atoms, volume V, and means ⟨ ⟩ over the frames of the set or batch:
///
///     halite   w_E ⟨(ΔE/N)²⟩ + w_F ⟨ΔF²⟩ + w_W ⟨(ΔW/N)²⟩       100, 1, 1         per component of F and W
///     mace     w_E ⟨(ΔE/N)²⟩ + w_F ⟨ΔF²⟩ + w_W ⟨Δσ²⟩           1, 100, 1         per component; σ = −W/V, eV/Å³
///     mlip     ⟨w_E ΔE²/N + w_F Σ|ΔF|² + w_W ‖ΔW‖²/N⟩            1, 0.01, 0.001    sums over atoms and components
///     mlip_structures: each of these terms divided by N again; mlip_molecules: ⟨w_E ΔE² + w_F Σ|ΔF|² + w_W ‖ΔW‖²⟩
///     deepmd   ⟨w_E ΔE²/N + w_F Σ|ΔF|²/(3N) + w_W ‖ΔW‖²/(9N)⟩    0.02 → 1, 1000 → 1, 0.02 → 1
///
/// The weights of deepmd go from the first to the last number with the learning rate.
public enum LossKind: String, Codable, Sendable, CaseIterable {
  case halite, mlip, mace, deepmd
  case mlipStructures = "mlip_structures"
  case mlipMolecules = "mlip_molecules"

  /// w_E, w_F and w_W.
  var weights: LabelWeights {
    switch self {
    case .halite: LabelWeights(energy: 100, forces: 1, stress: 1)
    case .mlip, .mlipStructures, .mlipMolecules: LabelWeights(energy: 1, forces: 0.01, stress: 0.001)
    case .mace: LabelWeights(energy: 1, forces: 100, stress: 1)
    case .deepmd: LabelWeights(energy: 1, forces: 1, stress: 1)
    }
  }

  /// The weights at the first step where they change.
  var initialWeights: LabelWeights? {
    self == .deepmd ? LabelWeights(energy: 0.02, forces: 1000, stress: 0.02) : nil
  }

  /// False where large frames count more.
  var countsEnergiesPerAtom: Bool { self == .halite || self == .mace }

  /// Factors of (ΔE/N)², Σ|ΔF|² and ‖ΔW/N‖² of one frame in the loss's sums.
  func factors(of frame: Structure) -> SIMD3<Double> {
    let atoms = Double(max(1, frame.count))
    switch self {
    case .halite: return [1, 1, 1]
    case .mace:
      let density = frame.volume.map { atoms / $0 } ?? 1
      return [1, 1, density * density]
    case .mlip: return [atoms, 1, atoms]
    case .mlipStructures: return [1, 1 / atoms, 1]
    case .mlipMolecules: return [atoms * atoms, 1, atoms * atoms]
    case .deepmd: return [atoms, 1 / (3 * atoms), atoms / 9]
    }
  }

  /// What one frame adds to the numbers that these sums are divided by.
  func divisors(of frame: Structure) -> SIMD3<Double> {
    switch self {
    case .halite, .mace: [1, 3 * Double(frame.count), 9]
    case .mlip, .deepmd, .mlipStructures, .mlipMolecules: [1, 1, 1]
    }
  }
}

/// A weight for each label.
public struct LabelWeights: Codable, Hashable, Sendable {
  public var energy: Double
  public var forces: Double
  public var stress: Double

  public init(energy: Double, forces: Double, stress: Double) {
    self.energy = energy
    self.forces = forces
    self.stress = stress
  }
}
