import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

/// Small settings: a few hundred parameters.
private func small(_ change: (inout DescentSettings) -> Void) -> AENETHyperparameters {
  var hyperparameters = AENETHyperparameters()
  hyperparameters.radialCutoff = 4.5
  hyperparameters.angularCutoff = 3.5
  hyperparameters.radialOrder = 4
  hyperparameters.angularOrder = 2
  hyperparameters.network = ["4:tanh"]
  hyperparameters.descent.maxEpochs = 3
  change(&hyperparameters.descent)
  return hyperparameters
}

private func session(
  _ part: Dataset, _ hyperparameters: AENETHyperparameters, start: WarmStart? = nil
) throws -> TrainingSession<AENET> {
  try TrainingSession<AENET>(
    part: part, settings: TrainingSettings(), hyperparameters: AENET.resolved(hyperparameters, for: part),
    start: start, threads: 2)
}

private func predictions(_ potential: FittedPotential, _ data: Dataset) throws -> [Prediction] {
  try Predictor(potential).predict(data.map(\.structure))
}

@Suite struct WarmStartTests {
  /// Without a step, the potential of the start comes out bit for bit, whatever the data and the method.
  @Test(arguments: [DescentSettings.Method.adam, .lbfgs, .bayesian])
  func noStepNoChange(method: DescentSettings.Method) throws {
    let old = toyData(frames: 20, cations: ["Li", "Mn", "Ti"], forces: true)
    let trained = try session(old, small { _ in }).train(TrainingRun(threads: 2)).best
    // Other energies, a part of the elements, another edge of the cell.
    let new = toyData(frames: 15, cations: ["Li", "Ti"], forces: true, seed: 70)
    let start = WarmStart(potential: trained)
    let hyperparameters = small {
      $0.method = method
      $0.maxEpochs = 0
    }
    let result = try session(new, hyperparameters, start: start).train(TrainingRun(threads: 1))
    #expect(result.best.elements == trained.elements)
    #expect(result.log.count == 1)
    for (a, b) in zip(try predictions(trained, old), try predictions(result.best, old)) {
      #expect(a.energy.bitPattern == b.energy.bitPattern)
      #expect(a.forces == b.forces)
    }
  }

  /// Ten epochs from a potential are better on the new data than that potential, and end as an interrupted run does.
  @Test(arguments: [DescentSettings.Method.adam, .lbfgs])
  func goesOnAcrossAnInterruption(method: DescentSettings.Method) throws {
    let old = toyData(frames: 20, cations: ["Li", "Mn"], forces: true)
    let trained = try session(old, small { _ in }).train(TrainingRun()).best
    let new = toyData(frames: 20, cations: ["Li", "Mn"], forces: true, seed: 90)
    let start = WarmStart(potential: trained, hash: "abc")
    let hyperparameters = small {
      $0.method = method
      $0.maxEpochs = 10
      $0.patience = 0
      $0.learningRate = 0.001
    }
    let session = try session(new, hyperparameters, start: start)
    #expect(session.fingerprint(settingsText: "").contains("start abc"))
    // Keys that came later change nothing where they say what was done before.
    let before = session.fingerprint(settingsText: "level: 8")
    #expect(session.fingerprint(settingsText: "level: 8\nstarts: null") == before)
    #expect(session.fingerprint(settingsText: "level: 8\nstarts: 5") != before)
    let whole = try session.train(TrainingRun(threads: 1))
    let first = try #require(whole.log.first?.validationForceRMSE)
    #expect(try #require(whole.log[whole.bestEpoch].validationForceRMSE) < first)
    #expect(whole.best.card.startHash == "abc")
    #expect(whole.best.members.count(in: old.frames) == 20 && whole.best.members.count(in: new.frames) == 20)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("halite-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for stop in [1, 4] {
      var run = TrainingRun(threads: 2, checkpointFolder: folder, fingerprint: "x")
      run.shouldStop = { [counter = Counter()] in counter.next() == stop }
      #expect(try session.train(run).stopReason == .user)
    }
    let resumed = try session.train(TrainingRun(threads: 2, checkpointFolder: folder, fingerprint: "x"))
    #expect(try PotentialFile.encode(resumed.best) == PotentialFile.encode(whole.best))
    #expect(try PotentialFile.encode(resumed.last) == PotentialFile.encode(whole.last))
  }

  @Test func namesElementsThatTheStartDoesNotKnow() throws {
    let old = toyData(frames: 5, cations: ["Li"])
    let trained = try session(old, small { _ in }).train(TrainingRun()).best
    let new = toyData(frames: 4, cations: ["Li", "Fe"])
    let error = #expect(throws: InputError.self) {
      try session(new, small { _ in }, start: WarmStart(potential: trained, path: "old.safetensors"))
    }
    let message = try #require(error?.description)
    #expect(message.hasPrefix("old.safetensors: the potential to start from does not know Fe, which 4 of 4 frames"))
    #expect(message.contains("(it knows Li O)"))
  }

  @Test func replaysASeededShare() {
    let old = toyData(frames: 30, cations: ["Li", "Mn"])
    let replay = Replay(parts: (training: Dataset(Array(old[0..<20])), test: Dataset(Array(old[20..<30]))))
    let chosen = replay.chosen(fraction: 0.4, seed: 3, without: [])
    #expect(chosen.count == 8)
    #expect(Set(chosen.map(\.id)).isSubset(of: replay.training.map(\.id)))
    #expect(replay.chosen(fraction: 0.4, seed: 3, without: []).map(\.id) == chosen.map(\.id))
    #expect(replay.chosen(fraction: 0.4, seed: 4, without: []).map(\.id) != chosen.map(\.id))
    let rest = replay.chosen(fraction: 1, seed: 3, without: Set(chosen.map(\.id)))
    #expect(rest.count == 12 && Set(rest.map(\.id)).isDisjoint(with: chosen.map(\.id)))
    let members = TrainingMembers(Array(old[5..<11]))
    let byFile = Replay(old, members: members)
    #expect(byFile.training.map(\.id) == old[5..<11].map(\.id) && byFile.test.count == 24)
  }

  /// What new compositions decide is open no more.
  @Test func newCompositionsCloseOpenZeros() throws {
    func oxide(_ symbols: [String], _ energy: Double) -> LabeledStructure {
      let positions = symbols.indices.map { SIMD3<Double>(Double($0), 0, 0) }
      let structure = Structure(
        lattice: nil, elements: symbols.compactMap { ChemicalElement($0) }, positions: positions)
      return LabeledStructure(structure: structure, labels: Labels(energy: energy))
    }
    let old = Dataset([oxide(["Li", "O", "O", "Mn"], -9), oxide(["Li", "Li", "O", "O", "Mn"], -12)])
    let elements = old.elements
    let references = try ReferenceEnergies.fit(old)
    #expect(references.rank == 2 && references.freeDirections == ["O − 2 Mn = 0"])
    #expect(references.narrowed(by: old, elements: elements) == references)
    let new = Dataset([oxide(["Li", "O", "Mn"], -7)])
    let narrowed = references.narrowed(by: new, elements: elements)
    #expect(narrowed.freeVectors.isEmpty && narrowed.rank == 3 && narrowed.energies == references.energies)
    #expect(!narrowed.isOutside(new[0].structure, elements: elements))
    #expect(references.isOutside(new[0].structure, elements: elements))
  }
}
