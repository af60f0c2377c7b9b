import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

/// aenet's own test potential for TiO2, from the reference numbers.
private func titaniaPotential(_ reference: [String: Any]) throws -> FittedPotential {
  let elements = ["Ti", "O"].compactMap { ChemicalElement($0) }
  var hyperparameters = AENETHyperparameters()
  hyperparameters.angularDomain = .legacy
  var model = try AENET(elements: elements, hyperparameters: hyperparameters, seed: 1)
  let potentials = try #require(reference["potentials"] as? [String: Any])
  model.parameters = []
  model.means = []
  model.inverseDeviations = []
  var energies: [ChemicalElement: Double] = [:]
  for (k, element) in elements.enumerated() {
    let entry = try #require(potentials[element.symbol] as? [String: Any])
    model.parameters += doubles(entry["W"])
    let means = doubles(entry["sfval_avg"])
    model.means += means
    model.inverseDeviations += zip(doubles(entry["sfval_cov"]), means).map { 1 / ($0 - $1 * $1).squareRoot() }
    model.energyScale = try #require(entry["scale"] as? Double)
    model.energyShift = try #require(entry["shift"] as? Double)
    energies[element] = doubles(entry["E_atom"])[k]
  }
  return FittedPotential(model: model, referenceEnergies: ReferenceEnergies(given: energies))
}

@Suite struct AENETTests {
  /// aenet's test suite asserts the same energy, −4990.310783539421 eV.
  @Test(.enabled(if: SharedData.holds("reference/aenet_tio2.json")))
  func titaniaOfAenetsOwnTests() throws {
    let reference = try SharedData.json("reference/aenet_tio2.json")
    let potential = try titaniaPotential(reference)
    let cell = vectors(reference["cell"])
    let symbols = try #require(reference["species"] as? [String])
    var frame = Structure(
      lattice: Lattice(a: cell[0], b: cell[1], c: cell[2]), elements: symbols.compactMap { ChemicalElement($0) },
      positions: vectors(reference["positions"]))
    let prediction = try Predictor(potential).predict([frame])[0]
    #expect(abs(prediction.energy - -4990.310783539421) < 1e-8)
    for (a, b) in zip(prediction.siteEnergies, doubles(reference["E_atoms"])) { #expect(abs(a - b) < 1e-8) }
    for (a, b) in zip(prediction.forces, vectors(reference["forces_central_difference_h1e-4"])) {
      #expect(length(a - b) < 2e-6)
    }
    frame.positions[2] += [0.11, -0.07, 0.05]
    let moved = try Predictor(potential).predict([frame])[0]
    #expect(abs(moved.energy - -4990.235666022235) < 1e-8)
  }

  /// ∂L/∂W of the energy loss against central differences, over several blocks and species.
  @Test(arguments: Network.Activation.allCases)
  func lossGradient(activation: Network.Activation) throws {
    let elements = ["Li", "O", "Mn"].compactMap { ChemicalElement($0) }
    var hyperparameters = AENETHyperparameters()
    hyperparameters.radialCutoff = 4
    hyperparameters.angularCutoff = 3
    hyperparameters.radialOrder = 3
    hyperparameters.angularOrder = 2
    hyperparameters.network = ["4:\(activation.rawValue)", "3:\(activation.rawValue)"]
    let model = try AENET(elements: elements, hyperparameters: hyperparameters, seed: 3)
    let data = toyData(frames: 5, cations: ["Li", "Mn"])
    let objective = try energyObjective(model, data: data, threads: 1)
    let (_, gradient, _) = try objective.evaluate(model.parameters)
    #expect(gradient.count == model.parameters.count)
    for k in stride(from: 0, to: gradient.count, by: 17) {
      let h = 1e-5
      var moved = model.parameters
      moved[k] += h
      let up = try objective.evaluate(moved).loss
      moved[k] -= 2 * h
      let down = try objective.evaluate(moved).loss
      #expect(abs((up - down) / (2 * h) - gradient[k]) < 1e-8 * max(1, abs(gradient[k])))
    }
  }

  /// The fast path over cached fingerprints and the general loss give the same energy gradient.
  @Test func generalLossAgreesWithTheFastPath() throws {
    let data = toyData(frames: 12, cations: ["Li", "Mn"])
    let model = try AENET(elements: data.elements, hyperparameters: AENET.defaults, seed: 3)
    let fast = try energyObjective(model, data: data, threads: 1).evaluate(model.parameters)
    let weights = LossWeights(energy: 1, forces: 0, virial: 0)
    let blocks = FrameBlocks<AENET>(data, weights: weights, threads: 2)
    let (sums, gradient) = try blocks.sums(model, over: data.frames, needsGradient: true)
    // ½ Σ r² against the mean of r².
    let factor = 2 / Double(data.count)
    #expect(abs(sums.loss(weights) - factor * fast.loss) < 1e-10 * sums.loss(weights))
    for (a, b) in zip(gradient, fast.gradient) { #expect(abs(a - factor * b) < 1e-9 * max(1, abs(a))) }
  }

  /// The loss of the cached fingerprints is the loss of the potential's own predictions.
  @Test func lossAgreesWithPredictions() throws {
    let data = toyData(frames: 60, cations: ["Li", "Mn", "Ti"])
    let elements = data.elements
    var hyperparameters = AENETHyperparameters()
    hyperparameters.descent.maxEpochs = 15
    let trained = try AENET.train(
      on: TrainingData(elements: elements, training: data, validation: Dataset([])),
      hyperparameters: hyperparameters, run: TrainingRun(seed: 4, threads: 2))
    let predictions = try Predictor(trained.best, threads: 2).predict(data.map(\.structure))
    var sum = 0.0
    for (frame, prediction) in zip(data, predictions) {
      let error = (prediction.energy - frame.labels.energy!) / Double(frame.structure.count)
      sum += error * error
    }
    let rmse = (sum / Double(data.count)).squareRoot()
    let logged = try #require(trained.log[trained.bestEpoch].trainingEnergyRMSE)
    #expect(abs(rmse - logged) < 1e-9 * max(1, logged))
    #expect(logged < trained.log[0].trainingEnergyRMSE! / 3)
  }

  @Test func sameBitsWithAnyThreadsAndAcrossAnInterruption() throws {
    let data = toyData(frames: 40, cations: ["Li", "Mn"])
    let parts = TrainingData(
      elements: data.elements, training: Dataset(Array(data[0..<32])), validation: Dataset(Array(data[32..<40])))
    var hyperparameters = AENETHyperparameters()
    hyperparameters.descent.maxEpochs = 40
    hyperparameters.descent.patience = 0
    hyperparameters.radialCutoff = 5
    hyperparameters.angularCutoff = 4
    let whole = try AENET.train(on: parts, hyperparameters: hyperparameters, run: TrainingRun(seed: 4, threads: 1))
    let threaded = try AENET.train(
      on: parts, hyperparameters: hyperparameters, run: TrainingRun(seed: 4, threads: 2))
    #expect(threaded.best.parameters == whole.best.parameters)
    #expect(threaded.last.parameters == whole.last.parameters)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("halite-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for stop in [1, 7, 22] {
      var run = TrainingRun(seed: 4, threads: 2, checkpointFolder: folder, checkpointInterval: 5, fingerprint: "x")
      run.shouldStop = { [counter = Counter()] in counter.next() == stop }
      let part = try AENET.train(on: parts, hyperparameters: hyperparameters, run: run)
      #expect(part.stopReason == .user)
    }
    var run = TrainingRun(seed: 4, threads: 1, checkpointFolder: folder, checkpointInterval: 5, fingerprint: "x")
    let resumed = try AENET.train(on: parts, hyperparameters: hyperparameters, run: run)
    #expect(resumed.best.parameters == whole.best.parameters)
    #expect(resumed.last.parameters == whole.last.parameters)
    #expect(resumed.log.map(\.loss) == whole.log.map(\.loss))
    run.fingerprint = "other data"
    let error = #expect(throws: InputError.self) {
      try AENET.train(on: parts, hyperparameters: hyperparameters, run: run)
    }
    #expect(error?.message.contains("other data or settings") == true)
  }

  @Test func refusesFramesWithoutEnergyAndBadSettings() throws {
    var data = toyData(frames: 3, cations: ["Li"])
    data.frames[1].labels.energy = nil
    let parts = TrainingData(elements: data.elements, training: data, validation: Dataset([]))
    let error = #expect(throws: InputError.self) {
      try AENET.train(on: parts, hyperparameters: AENET.defaults, run: TrainingRun())
    }
    #expect(error?.message == "the frame has no energy")
    var hyperparameters = AENETHyperparameters()
    hyperparameters.network = ["15:tang"]
    let layer = #expect(throws: InputError.self) { try hyperparameters.layers() }
    #expect(layer?.description == "unknown activation 'tang' in network layer '15:tang'; did you mean 'tanh'?")
  }
}

final class Counter: @unchecked Sendable {
  private var value = 0
  func next() -> Int {
    value += 1
    return value
  }
}

/// Rocksalt frames whose energies (and forces, where wanted) come from the toy potential.
func toyData(frames: Int, cations: [String], forces: Bool = false, seed: UInt64 = 0) -> Dataset {
  let structures = (0..<frames).map {
    RandomRocksalt.cell(cubes: 1, cations: cations, edge: 4.0 + 0.01 * Double($0 % 30), seed: seed + UInt64($0))
  }
  let elements = Set(structures.flatMap(\.elements)).sorted()
  let toy = ToyPotential(elements: elements, hyperparameters: .init(), seed: 5)
  let labels = (try? Predictor(toy).predict(structures)) ?? []
  return Dataset(
    zip(structures, labels).map {
      LabeledStructure(structure: $0, labels: Labels(energy: $1.energy, forces: forces ? $1.forces : nil))
    })
}

private func energyObjective(_ model: AENET, data: Dataset, threads: Int) throws -> EnergyObjective {
  let blocks = try FingerprintBlocks(
    data, fingerprints: model.fingerprints, elements: model.elements, threads: threads)
  let none = try FingerprintBlocks(
    Dataset([]), fingerprints: model.fingerprints, elements: model.elements, threads: 1)
  return EnergyObjective(
    networks: model.networks, training: blocks, validation: none,
    trainingTargets: data.map { $0.labels.energy! / Double($0.structure.count) }, validationTargets: [],
    trainingAtoms: data.map(\.structure.count), validationAtoms: [], energyScale: 1, threads: threads)
}
