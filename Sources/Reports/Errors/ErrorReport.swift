import Structures

/// The errors of a potential on some frames, in the units of the reports: meV/atom, eV/Å, GPa.
///
/// A number is absent where the frames have no such label. Energies count per frame, each divided by its atoms;
/// forces per component over all atoms; stresses per component, six a frame (xx yy zz yz xz xy).
public struct ErrorReport: Codable, Sendable, Equatable {
  public var frames: Int
  public var atoms: Int
  /// meV/atom.
  public var energy: Energy?
  /// Per component, eV/Å.
  public var forces: Components?
  /// Per component, GPa.
  public var stress: Components?
  public var baselines: Baselines?

  public struct Energy: Codable, Sendable, Equatable {
    public var rmse: Double
    public var mae: Double
    /// MAE divided by max − min of the predicted energies per atom; absent where all predictions are equal.
    public var rangeNormalisedMAE: Double?

    enum CodingKeys: String, CodingKey {
      case rmse, mae
      case rangeNormalisedMAE = "range_normalised_mae"
    }
  }

  public struct Components: Codable, Sendable, Equatable {
    public var rmse: Double
    public var mae: Double
  }

  /// Root mean square errors of models that know less than any potential should.
  public struct Baselines: Codable, Sendable, Equatable {
    /// Every frame has the mean energy per atom: meV/atom.
    public var meanEnergyRMSE: Double?
    /// The energy is linear in the composition: meV/atom.
    public var compositionRMSE: Double?
    /// Every force is zero: eV/Å.
    public var zeroForceRMSE: Double?
    /// Every stress is zero: GPa.
    public var zeroStressRMSE: Double?

    enum CodingKeys: String, CodingKey {
      case meanEnergyRMSE = "mean_energy_rmse"
      case compositionRMSE = "composition_rmse"
      case zeroForceRMSE = "zero_force_rmse"
      case zeroStressRMSE = "zero_stress_rmse"
    }
  }

  /// - Parameter meanEnergy: of `EnergyBaseline`, eV/atom; nil where there is none.
  public init(_ rows: some Sequence<FrameErrors>, meanEnergy: Double?) {
    var sums = ErrorSums(meanEnergy: meanEnergy)
    for row in rows { sums.add(row) }
    self = sums.report
  }

  fileprivate init(_ sums: ErrorSums) {
    frames = sums.frames
    atoms = sums.atoms
    energy = sums.energyReport
    forces = Components(sums.forces, scale: 1)
    stress = Components(sums.stress, scale: Units.gigapascalsPerEVPerCubicAngstrom)
    let baselines = Baselines(
      meanEnergyRMSE: sums.rootMeanSquare(sums.meanSquares),
      compositionRMSE: sums.rootMeanSquare(sums.compositionSquares), zeroForceRMSE: sums.forces.labelRMS,
      zeroStressRMSE: sums.stress.labelRMS.map { $0 * Units.gigapascalsPerEVPerCubicAngstrom })
    let isEmpty = baselines == Baselines()
    self.baselines = isEmpty ? nil : baselines
  }
}

extension ErrorReport.Components {
  fileprivate init?(_ sums: ComponentSums, scale: Double) {
    guard let rmse = sums.rmse, let mae = sums.mae else { return nil }
    self.init(rmse: scale * rmse, mae: scale * mae)
  }
}

/// The sums behind an `ErrorReport`, added in the order of the frames.
private struct ErrorSums {
  var meanEnergy: Double?
  var frames = 0
  var atoms = 0
  var labelled = 0
  var squares = 0.0
  var absolutes = 0.0
  var meanSquares: Double?
  var compositionSquares: Double?
  /// Of the predicted energies per atom, eV/atom.
  var lowest = Double.infinity
  var highest = -Double.infinity
  var forces = ComponentSums()
  var stress = ComponentSums()

  init(meanEnergy: Double?) {
    self.meanEnergy = meanEnergy
    meanSquares = meanEnergy == nil ? nil : 0
    compositionSquares = 0
  }

  mutating func add(_ row: FrameErrors) {
    frames += 1
    atoms += row.atoms
    forces.add(row.forces)
    stress.add(row.stress)
    guard let label = row.energyLabel, let error = row.energyError else { return }
    let count = Double(row.atoms)
    labelled += 1
    squares += error * error
    absolutes += abs(error)
    lowest = min(lowest, row.energyPredicted / count)
    highest = max(highest, row.energyPredicted / count)
    if let meanEnergy { meanSquares? += square(label / count - meanEnergy) }
    // One frame that the composition model says nothing of leaves the baseline without a fair number.
    if let composition = row.compositionEnergy {
      compositionSquares? += square((label - composition) / count)
    } else {
      compositionSquares = nil
    }
  }

  var report: ErrorReport { ErrorReport(self) }

  var energyReport: ErrorReport.Energy? {
    guard let rmse = rootMeanSquare(squares) else { return nil }
    let mae = absolutes / Double(labelled)
    let range = highest - lowest
    return ErrorReport.Energy(rmse: rmse, mae: 1000 * mae, rangeNormalisedMAE: range > 0 ? mae / range : nil)
  }

  /// meV/atom; nil without labels.
  func rootMeanSquare(_ sum: Double?) -> Double? {
    guard let sum, labelled > 0 else { return nil }
    return 1000 * (sum / Double(labelled)).squareRoot()
  }
}

private func square(_ x: Double) -> Double { x * x }
