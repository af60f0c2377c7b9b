import Structures
import TestSupport
import Testing

@testable import Potentials

private let lithium = ChemicalElement("Li")!

/// Two frames of 2 and 4 atoms in cells of 24 Å³ and 48 Å³, and what a potential says of them, by pairs of our own.
private func sums(_ kind: LossKind, energies: [Double]) throws -> LossSums {
  let cell = Lattice(a: [2, 0, 0], b: [0, 3, 0], c: [0, 0, 4])
  let one = Structure(lattice: cell, elements: [lithium, lithium], positions: [.zero, [1, 1, 1]])
  let two = one.repeated(2, 1, 1)
  let frames = [one, two].map { structure in
    LabeledStructure(
      structure: structure,
      labels: Labels(
        energy: 0, forces: structure.positions.map { _ in [0.1, 0, 0] }, virial: 0.3 * Matrix3.identity))
  }
  let weights = LossWeights(energy: 1, forces: 1, virial: 1, kind: kind)
  // No pairs: forces and virials of 0, so that the labels are the errors.
  let list = NeighborList(
    types: [Int](repeating: 0, count: 6), centers: 0..<6, frames: [0..<2, 2..<6], indices: [], vectors: [],
    offsets: [Int](repeating: 0, count: 7))
  let counts = LossSums.counts(frames, weights)
  let block = LossBlock(
    frames[...], list, energies: energies, gradient: [], LossScale(weights, over: counts), needsGradient: false)
  var total = counts
  total += block.sums
  return total
}

@Suite struct LossTests {
  /// ΔE = 0.2 and 0.8 eV, ΔF = 0.1 eV/Å along x on every atom, ΔW = 0.3 eV on the diagonal.
  @Test(arguments: [
    (LossKind.halite, (0.01 + 0.04) / 2, 0.01 / 3, (3 * 0.0225 + 3 * 0.005625) / 18),
    (.mace, (0.01 + 0.04) / 2, 0.01 / 3, (3 * 0.09 / 576 + 3 * 0.09 / 2304) / 18),
    (.mlip, (0.04 / 2 + 0.64 / 4) / 2, (0.02 + 0.04) / 2, (3 * 0.09 / 2 + 3 * 0.09 / 4) / 2),
    (.deepmd, (0.04 / 2 + 0.64 / 4) / 2, 0.01 / 3, (3 * 0.09 / 18 + 3 * 0.09 / 36) / 2),
  ])
  func termsOfEachKind(kind: LossKind, energy: Double, forces: Double, virial: Double) throws {
    let sums = try sums(kind, energies: [0.1, 0.1, 0.2, 0.2, 0.2, 0.2])
    for (k, expected) in [energy, forces, virial].enumerated() {
      var weights = LossWeights(energy: 0, forces: 0, virial: 0, kind: kind)
      weights.energy = k == 0 ? 2 : 0
      weights.forces = k == 1 ? 2 : 0
      weights.virial = k == 2 ? 2 : 0
      #expect(abs(sums.loss(weights) - 2 * expected) < 1e-14)
    }
    // Reported errors are the same whatever the loss.
    #expect(abs(try #require(sums.energyRMSE) - 0.025.squareRoot()) < 1e-14)
    #expect(abs(try #require(sums.forceRMSE) - (0.01 / 3).squareRoot()) < 1e-14)
  }

  /// deepmd.md §8: with a limit of 1, the force prefactor at lr/lr₀ = 3.51e−5 is 1.0350649.
  @Test func weightsFollowTheLearningRate() throws {
    var settings = DescentSettings()
    settings.loss = .deepmd
    let data = toyData(frames: 3, cations: ["Li"], forces: true)
    let resolved = settings.resolved(for: data)
    #expect(resolved.method == .adam)
    #expect(
      resolved.stressWeight == 0 && resolved.firstWeights == LabelWeights(energy: 0.02, forces: 1000, stress: 0))
    let end = resolved.weights.moved(by: 3.51e-5, to: resolved.firstWeights)
    #expect(abs(end.forces - 1.0350649) < 1e-12)
    let begin = resolved.weights.moved(by: 1, to: resolved.firstWeights)
    #expect(begin.energy == 0.02 && begin.forces == 1000 && begin.virial == 0)
  }

  @Test func presetsYieldToGivenWeights() {
    var settings = DescentSettings()
    settings.loss = .mace
    settings.energyWeight = 7
    let resolved = settings.resolved(for: toyData(frames: 3, cations: ["Li"], forces: true))
    #expect(resolved.weights == LossWeights(energy: 7, forces: 100, virial: 0, kind: .mace))
    settings.loss = .mlip
    settings.energyWeight = nil
    let mlip = settings.resolved(for: toyData(frames: 3, cations: ["Li"]))
    #expect(mlip.weights == LossWeights(energy: 1, forces: 0, virial: 0, kind: .mlip) && mlip.method == .lbfgs)
  }
}

@Suite struct DescentSettingsTests {
  private func problem(_ settings: DescentSettings, _ data: Dataset) -> String? {
    do {
      let resolved = settings.resolved(for: data)
      try resolved.validate()
      try resolved.requireLabels(data)
    } catch { return (error as? InputError)?.description ?? "\(error)" }
    return nil
  }

  @Test func bayesianIsOnEnergies() throws {
    var settings = DescentSettings()
    settings.method = .bayesian
    let data = toyData(frames: 4, cations: ["Li"], forces: true)
    let resolved = settings.resolved(for: data)
    #expect(resolved.fittedLabels == ["energy"] && resolved.forceWeight == 0)
    #expect(problem(settings, data) == nil)
    settings.forceWeight = 1
    #expect(problem(settings, data)?.hasPrefix("method bayesian fits energies per atom alone") == true)
  }

  /// A weight that is given wants its label on every frame; without one, frames are fitted to what they have.
  @Test func countsTheFramesWithoutALabel() {
    var data = toyData(frames: 6, cations: ["Li"], forces: true)
    data.frames[2].labels.forces = nil
    data.frames[4].labels.forces = nil
    var settings = DescentSettings()
    #expect(problem(settings, data) == nil)
    settings.forceWeight = 2
    #expect(
      problem(settings, data)?.hasPrefix(
        "force_weight is 2.0, but 2 of 6 frames have no forces label, the first is ")
        == true)
    settings.partialLabels = true
    #expect(problem(settings, data) == nil)
    settings.stressWeight = 1
    #expect(
      problem(settings, data)?.hasPrefix("stress_weight is 1.0, but 6 of 6 frames have no stress label") == true)
    // What a run writes as its settings says so too, and can be given again.
    settings = DescentSettings()
    let written = settings.resolved(for: data)
    #expect(written.forceWeight == 1 && written.partialLabels == true && problem(written, data) == nil)
  }

  @Test func weightsThatMoveNeedALearningRate() {
    var settings = DescentSettings()
    settings.loss = .deepmd
    settings.method = .lbfgs
    let data = toyData(frames: 3, cations: ["Li"], forces: true)
    #expect(problem(settings, data)?.contains("need method adam, found lbfgs") == true)
  }
}
