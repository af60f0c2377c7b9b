import Structures
import TestSupport
import Testing

@testable import Potentials

@Suite struct MaxEnergyTests {
  /// Ten frames of eight atoms, 0.1 eV/atom apart above the reference energies.
  private func session(_ limit: Double?) throws -> TrainingSession<ToyPotential> {
    let frames = (0..<10).map { k in
      let structure = RandomRocksalt.cell(cubes: 1, cations: ["Li"], seed: UInt64(k))
      let reference = structure.elements.reduce(0) { $0 + ($1.symbol == "Li" ? -1.0 : -2) }
      return LabeledStructure(
        structure: structure, labels: Labels(energy: reference + 0.1 * Double(k * structure.count)))
    }
    var settings = TrainingSettings()
    settings.validFraction = 0
    settings.maxEnergy = limit
    settings.referenceEnergies = .given([ChemicalElement("Li")!: -1, ChemicalElement("O")!: -2])
    return try TrainingSession(part: Dataset(frames), settings: settings, hyperparameters: .init(), threads: 1)
  }

  @Test func leavesFramesOut() throws {
    #expect(try session(nil).training.count == 10)
    let session = try session(0.45)
    #expect(session.training.count == 5)
    #expect(session.notes.contains("5 of 10 frames lie above max_energy (0.45 eV/atom)"))
  }

  @Test func refusesToLeaveNone() throws {
    let error = #expect(throws: InputError.self) { try session(-1) }
    #expect(error?.message == "all 10 frames lie above max_energy (-1.0 eV/atom)")
  }
}
