import Foundation
import Structures
import Synchronization
import TestSupport
import Testing

@testable import Potentials

private let elements = ["Li", "O", "Mn"].compactMap { ChemicalElement($0) }.sorted()

private func hyperparameters(_ method: DescentSettings.Method, epochs: Int) -> MTPHyperparameters {
  var result = MTP.defaults
  result.level = 8
  result.radialSize = 4
  result.rMin = 1.6
  result.rMax = 4
  result.descent.method = method
  result.descent.loss = .mlip
  result.descent.maxEpochs = epochs
  result.descent.patience = 0
  result.starts = 1
  return result
}

/// Frames labelled by another potential of the same form; one has no stress, one no forces.
private func data() throws -> TrainingData {
  let truth = try MTP(elements: elements, hyperparameters: hyperparameters(.gaussNewton, epochs: 1), seed: 31)
  let structures = (0..<40).map {
    RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], rattle: 0.2, seed: UInt64($0))
  }
  var frames = zip(structures, try Predictor(truth).predict(structures)).map { structure, label in
    LabeledStructure(
      structure: structure, labels: Labels(energy: label.energy, forces: label.forces, virial: label.virial))
  }
  frames[3].labels.virial = nil
  frames[5].labels.forces = nil
  return TrainingData(elements: elements, training: Dataset(frames), validation: Dataset([]))
}

private func train(_ settings: MTPHyperparameters, _ run: TrainingRun) throws -> Trained<MTP> {
  try MTP.train(on: data(), hyperparameters: settings, run: run)
}

/// A run that is stopped after some of its epochs.
struct Interruption: Sendable {
  let method: DescentSettings.Method
  let level: Int
  let epochs: Int
  let stop: Int
  /// Gauss–Newton has gone on as BFGS by then.
  let finishes: Bool

  init(_ method: DescentSettings.Method, level: Int, epochs: Int, stop: Int, finishes: Bool = false) {
    (self.method, self.level, self.epochs, self.stop) = (method, level, epochs, stop)
    self.finishes = finishes
  }
}

@Suite struct MTPTrainingTests {
  /// From random parameters towards labels that a potential of this form has made.
  @Test func gaussNewtonLearnsWhatCanBeLearned() throws {
    let log = try train(hyperparameters(.gaussNewton, epochs: 80), TrainingRun(seed: 2)).log
    let (first, lowest) = (log[0].loss, log.map(\.loss).min() ?? .infinity)
    #expect(lowest < 1e-3 * first)
    let plain = try train(hyperparameters(.lbfgs, epochs: 80), TrainingRun(seed: 2)).log
    #expect(lowest < 0.5 * (plain.map(\.loss).min() ?? 0))
  }

  /// MLIP's way goes down too, and begins with its linear part solved.
  @Test func bfgsBeginsWithTheLinearPart() throws {
    let log = try train(hyperparameters(.bfgs, epochs: 80), TrainingRun(seed: 2)).log
    let zero = try train(hyperparameters(.gaussNewton, epochs: 0), TrainingRun(seed: 2)).log[0].loss
    #expect(log[0].loss < zero)
    #expect((log.map(\.loss).min() ?? .infinity) < 0.8 * log[0].loss)
  }

  /// Of several random starts the best is taken, and the search can be stopped.
  @Test func theBestOfSeveralStartsIsTaken() throws {
    var settings = hyperparameters(.lbfgs, epochs: 1)
    let one = try train(settings, TrainingRun(seed: 2)).log[0].loss
    settings.starts = 8
    let best = try train(settings, TrainingRun(seed: 2)).log[0].loss
    #expect(best < one)
    #expect(try train(settings, TrainingRun(seed: 2, threads: 2)).log[0].loss == best)
    var run = TrainingRun(seed: 2)
    run.shouldStop = { true }
    #expect(throws: InputError.self) { try train(settings, run) }
    for wrong in [0, -3, 20_000] {
      settings.starts = wrong
      #expect(throws: InputError.self) { try settings.validate() }
    }
    (settings.starts, settings.level) = (2, 24)
    #expect(throws: InputError.self) { try train(settings, TrainingRun(seed: 2)) }
  }

  /// Gauss–Newton goes on from the start whose short descent came lowest, and a search that was stopped goes on.
  @Test func shortDescentsChooseTheStart() throws {
    var settings = hyperparameters(.gaussNewton, epochs: 20)
    func losses(_ seed: UInt64, starts: Int, epochs: Int) throws -> [Double] {
      (settings.starts, settings.descent.maxEpochs) = (starts, epochs)
      return try train(settings, TrainingRun(seed: seed)).log.map(\.loss)
    }
    let alone = try losses(2, starts: 1, epochs: 4)
    let chosen = try losses(2, starts: 3, epochs: 20)
    #expect(chosen[0] <= alone.min() ?? 0)
    let whole = try train(settings, TrainingRun(seed: 2, threads: 2)).last.parameters
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let epochs = Mutex(0)
    var run = TrainingRun(seed: 2, checkpointFolder: folder)
    run.shouldStop = {
      epochs.withLock {
        $0 += 1
        return $0 == 7 || $0 == 20
      }
    }
    #expect(throws: InputError.self) { try train(settings, run) }
    #expect(try train(settings, run).stopReason == .user)
    let searches = Mutex(0)
    run.searched = { _, _ in searches.withLock { $0 += 1 } }
    #expect(try train(settings, run).last.parameters == whole)
    #expect(searches.withLock { $0 } == 0)
  }

  /// Small bases are begun several times unless the settings say how often.
  @Test func smallBasesHaveSeveralStarts() throws {
    func count(
      level: Int, _ elements: [ChemicalElement], _ method: DescentSettings.Method, epochs: Int = 300
    ) throws -> Int {
      var settings = hyperparameters(method, epochs: epochs)
      (settings.starts, settings.level, settings.radialSize) = (nil, level, 8)
      return try MTP(elements: elements, hyperparameters: settings).startCount
    }
    let one = Array(elements.prefix(1))
    #expect(try count(level: 8, one, .gaussNewton) == 6)
    #expect(try count(level: 16, one, .gaussNewton) == 6)
    #expect(try count(level: 8, one, .gaussNewton, epochs: 49) == 1)
    #expect(try count(level: 18, one, .gaussNewton) == 1)
    #expect(try count(level: 8, elements, .gaussNewton) == 1)
    #expect(try count(level: 8, one, .bfgs) == 6)
    #expect(try count(level: 16, elements, .bfgs) == 1)
    #expect(try count(level: 8, one, .lbfgs) == 1)
  }

  /// Too few energies fix no contractions: the first start is taken, with none.
  @Test func startsNeedRowsEnough() throws {
    var settings = hyperparameters(.lbfgs, epochs: 0)
    settings.level = 16
    (settings.descent.forceWeight, settings.descent.stressWeight) = (0, 0)
    let one = try train(settings, TrainingRun(seed: 2)).last.parameters
    settings.starts = 5
    #expect(try train(settings, TrainingRun(seed: 2)).last.parameters == one)
  }

  /// Where Gauss–Newton becomes slow BFGS goes on, and comes as low as Gauss–Newton alone.
  @Test func gaussNewtonEndsWithBFGS() throws {
    let parts = try data()
    var settings = MTP.resolved(hyperparameters(.gaussNewton, epochs: 150), for: parts.training)
    // A basis that cannot repeat its labels: errors stay, and with them their curvature.
    settings.level = 2
    var model = try MTP(elements: elements, hyperparameters: settings)
    var random = RandomSource(seed: 3)
    model.setRandomRadialFunctions(using: &random)
    let blocks = FrameBlocks<MTP>(parts.training, weights: settings.descent.weights, threads: 1)
    let objective = FrameObjective(model: model, blocks: blocks, validation: [])
    var alone = GaussNewtonStep(objective, start: model.parameters, settings: settings.descent, seed: 3)
    var whole = GaussNewtonDescent(objective, start: model.parameters, settings: settings.descent, seed: 3)
    for _ in 0..<150 where try alone.epoch().end != nil { break }
    var reasons: [StopReason] = []
    for _ in 0..<150 where reasons.isEmpty { reasons += try whole.epoch().end.map { [$0] } ?? [] }
    #expect(whole.state.keys.contains { $0.hasPrefix("finish.") }, "\(reasons)")
    let ends = try [whole.current, alone.current].map { try objective.evaluate($0).loss }
    #expect(ends[0] <= ends[1] * (1 + 1e-12))
    // The state carries the second part, too.
    var restored = GaussNewtonDescent(objective, start: model.parameters, settings: settings.descent, seed: 3)
    let (isWhole, isNothing) = (restored.restore(whole.state), restored.restore([:]))
    #expect(isWhole && !isNothing)
    #expect(restored.current == whole.current)
  }

  /// Also where Gauss–Newton has gone on as BFGS.
  @Test(arguments: [
    Interruption(.gaussNewton, level: 8, epochs: 14, stop: 7), Interruption(.bfgs, level: 8, epochs: 14, stop: 7),
    Interruption(.gaussNewton, level: 2, epochs: 60, stop: 50, finishes: true),
  ])
  func anInterruptedRunEndsWithTheSameBits(_ interruption: Interruption) throws {
    var settings = hyperparameters(interruption.method, epochs: interruption.epochs)
    settings.level = interruption.level
    let complete = try train(settings, TrainingRun(seed: 3))
    #expect(complete.log.count > interruption.stop + 1)
    let whole = complete.last.parameters
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var run = TrainingRun(seed: 3, checkpointFolder: folder)
    let epochs = Mutex(0)
    run.shouldStop = {
      epochs.withLock {
        $0 += 1
        return $0 == interruption.stop
      }
    }
    #expect(try train(settings, run).stopReason == .user)
    let state = try #require(try Checkpoint.read(run, parameters: whole.count)).state
    #expect(state.keys.contains { $0.hasPrefix("finish.") } == interruption.finishes)
    run.shouldStop = { false }
    #expect(try train(settings, run).last.parameters == whole)
  }

  /// Behind the second matrix, too, a state that is taken goes on as the run that it was taken from.
  @Test func bfgsGoesOnBehindItsSecondMatrix() throws {
    let parts = try data()
    let settings = MTP.resolved(hyperparameters(.bfgs, epochs: 300), for: parts.training)
    let model = try MTP(elements: elements, hyperparameters: settings, seed: 3)
    let blocks = FrameBlocks<MTP>(parts.training, weights: settings.descent.weights, threads: 1)
    let objective = FrameObjective(model: model, blocks: blocks, validation: [])
    func begun() -> BFGSStep<MTP> {
      BFGSStep(objective, start: model.parameters, settings: settings.descent, seed: 3)
    }
    var whole = begun()
    for _ in 0..<300 where try #require(whole.state["scalars"]?.last) < 105 {
      #expect(try whole.epoch().end == nil)
    }
    #expect(try #require(whole.state["scalars"]?.last) == 105)
    var restored = begun()
    let isRestored = restored.restore(whole.state)
    #expect(isRestored)
    for _ in 0..<5 { _ = (try whole.epoch(), try restored.epoch()) }
    #expect(restored.state == whole.state)
  }

  @Test(arguments: [DescentSettings.Method.gaussNewton, .bfgs])
  func sameBitsAtAnyThreadCount(method: DescentSettings.Method) throws {
    let settings = hyperparameters(method, epochs: 6)
    let one = try train(settings, TrainingRun(seed: 3, threads: 1)).last.parameters
    #expect(try train(settings, TrainingRun(seed: 3, threads: 2)).last.parameters == one)
  }

  /// SᵀS is the Gauss–Newton matrix in the mean: its trace over many draws against the sum of squares of all rows.
  @Test func sampledRowsHaveTheRightMean() throws {
    let settings = hyperparameters(.gaussNewton, epochs: 1)
    let model = try MTP(elements: elements, hyperparameters: settings, seed: 4)
    let frames = Dataset(Array(try data().training.frames.prefix(1)))
    let weights = LossWeights(energy: 0, forces: 0.01, virial: 0.001, kind: .mlip)
    let blocks = FrameBlocks<MTP>(frames, weights: weights, threads: 1)
    let size = model.parameters.count
    // All rows: the changes of forces and virial with each parameter, by differences.
    var exact = 0.0
    let atoms = Double(frames[0].structure.count)
    for k in 0..<size {
      var (up, down) = (model, model)
      up.parameters[k] += 1e-4
      down.parameters[k] -= 1e-4
      let (a, b) = (
        try Predictor(up).predict([frames[0].structure])[0], try Predictor(down).predict([frames[0].structure])[0]
      )
      for (f, g) in zip(a.forces, b.forces) { exact += 2 * 0.01 * dot(f - g, f - g) / 4e-8 }
      for (v, w) in zip(a.virial.rows, b.virial.rows) { exact += 2 * 0.001 / atoms * (v - w) * (v - w) / 4e-8 }
    }
    var mean = 0.0
    for seed in 0..<40 {
      let rows = try blocks.curvatureRows(model, frames: 0..<1, draws: 20, seed: UInt64(seed))
      mean += rows.reduce(0) { $0 + $1 * $1 } / 40
    }
    // 800 draws: the mean is known to some percent.
    #expect(abs(mean / exact - 1) < 0.15)
  }

  /// Terms of MLIP's three ways of weighting.
  @Test func weightingModes() {
    let frame = RandomRocksalt.cell(cubes: 1, cations: ["Li"], seed: 1)
    #expect(LossKind.mlip.factors(of: frame) == [8, 1, 8])
    #expect(LossKind.mlipStructures.factors(of: frame) == [1, 0.125, 1])
    #expect(LossKind.mlipMolecules.factors(of: frame) == [64, 1, 64])
  }
}
