import Foundation
import Optimization
import Structures
import TestSupport
import Testing

@testable import Potentials

private let elements = ["Li", "O", "Mn"].compactMap { ChemicalElement($0) }.sorted()

private func settings(_ loss: LossKind) -> MTPHyperparameters {
  var result = MTP.defaults
  (result.level, result.radialSize, result.rMin, result.rMax) = (8, 4, 1.6, 4)
  result.descent.loss = loss
  result.descent.maxEpochs = 12
  result.descent.patience = 0
  return result
}

/// Frames with labels that no such potential can give exactly; the energies of compositions are all there.
private func data(_ seeds: Range<Int>) throws -> Dataset {
  var other = settings(.mlip)
  other.level = 10
  let truth = try MTP(elements: elements, hyperparameters: other, seed: 31)
  let structures = seeds.map {
    RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], rattle: 0.2, seed: UInt64($0))
  }
  return Dataset(
    zip(structures, try Predictor(truth).predict(structures)).map { structure, label in
      LabeledStructure(
        structure: structure, labels: Labels(energy: label.energy, forces: label.forces, virial: label.virial))
    })
}

private func train(_ data: Dataset, _ settings: MTPHyperparameters, _ run: TrainingRun) throws -> Trained<MTP> {
  let parts = TrainingData(elements: elements, training: data, validation: Dataset([]))
  return try MTP.train(on: parts, hyperparameters: settings, run: run)
}

@Suite struct MTPExtensionTests {
  private func withEarlierRun(
    _ loss: LossKind, _ body: (LinearExtension, _ folder: String) throws -> Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var run = TrainingRun(seed: 4, threads: 2)
    run.factorFile = folder.path + "/factor.safetensors"
    let first = try train(data(0..<30), settings(loss), run).best
    try PotentialFile.write(
      FittedPotential(model: first, referenceEnergies: ReferenceEnergies(given: [:])),
      to: folder.path + "/potential.safetensors")
    try body(try LinearExtension(folder: folder.path, kind: "mtp"), folder.path)
  }

  /// Frames added give the linear coefficients of solving for all at once, the radial functions being what they were.
  @Test(arguments: [LossKind.mlip, .halite]) func addedFramesGiveTheSolutionOfAll(loss: LossKind) throws {
    try withEarlierRun(loss) { earlier, folder in
      let first = try #require(earlier.potential.model as? MTP)
      var run = TrainingRun(threads: 2)
      run.extends = earlier
      run.factorFile = folder + "/second.safetensors"
      let trained = try train(try data(30..<50), first.hyperparameters, run)
      #expect(trained.stopReason == .solved)
      let extended = trained.best
      #expect(extended.radial == first.radial && extended.scaling == first.scaling)
      let system = MTPLinearSystem(
        first, Dataset(try data(0..<30).frames + data(30..<50).frames), run: TrainingRun(),
        counts: earlier.file.counts)
      let all = try #require(try system.factor())
      let whole = try #require(LinearSolver(singularCutoff: 1e-13).solve(all)).x
      let scale = whole.reduce(1) { max($0, abs($1)) }
      #expect(extended.coefficients + extended.speciesEnergies != first.coefficients + first.speciesEnergies)
      for (a, b) in zip(extended.coefficients + extended.speciesEnergies, whole) {
        #expect(abs(a - b) < 1e-10 * scale)
      }
      // The new factor takes in more, too.
      #expect(try LinearFactorFile.read(folder + "/second.safetensors").factor.rows == all.rows)
    }
  }

  /// The factor is the loss: its solution has the least loss of all ξ, and the same as `FrameBlocks` says.
  @Test func theFactorIsTheLoss() throws {
    let frames = try data(0..<20)
    let resolved = MTP.resolved(settings(.mlip), for: frames)
    var model = try MTP(elements: elements, hyperparameters: resolved, seed: 8)
    let factor = try #require(try MTPLinearSystem(model, frames, run: TrainingRun()).factor())
    let solution = try #require(LinearSolver(singularCutoff: 1e-13).solve(factor))
    model.coefficients = Array(solution.x.prefix(model.coefficients.count))
    model.speciesEnergies = Array(solution.x.suffix(elements.count))
    let blocks = FrameBlocks<MTP>(frames, weights: resolved.descent.weights, threads: 1)
    let (sums, gradient) = try blocks.sums(model, over: frames.frames, needsGradient: true)
    #expect(abs(sums.loss(resolved.descent.weights) - solution.residual) < 1e-9 * solution.residual)
    let (linear, radial) = (gradient[model.linearParameters].map(abs).max() ?? 9, gradient.map(abs).max() ?? 0)
    #expect(linear < 1e-7 * radial)
  }

  @Test func whatDoesNotFitIsRefused() throws {
    try withEarlierRun(.mlip) { earlier, _ in
      let first = try #require(earlier.potential.model as? MTP)
      var run = TrainingRun()
      run.extends = earlier
      var other = first.hyperparameters
      other.descent.forceWeight = 0.5
      #expect(throws: InputError.self) { try train(try data(30..<32), other, run) }
      let strange = Dataset([
        LabeledStructure(
          structure: RandomRocksalt.cell(cubes: 1, cations: ["Ti"], seed: 1), labels: Labels(energy: 1))
      ])
      let parts = TrainingData(elements: strange.elements, training: strange, validation: Dataset([]))
      let error = #expect(throws: InputError.self) {
        try MTP.train(on: parts, hyperparameters: first.hyperparameters, run: run)
      }
      #expect(error?.message.contains("the earlier fit has no Ti") == true)
    }
  }

  /// A warm start goes on from what was learned: it begins at the loss that the first run ended with.
  @Test func aWarmStartGoesOn() throws {
    let frames = try data(0..<30)
    let first = try train(frames, settings(.mlip), TrainingRun(seed: 4))
    var run = TrainingRun(seed: 5)
    run.start = first.best
    var longer = first.best.hyperparameters
    longer.descent.maxEpochs = 10
    let second = try train(frames, longer, run)
    let lowest = first.log.map(\.loss).min() ?? 0
    #expect(abs(second.log[0].loss - lowest) < 1e-9 * lowest)
    #expect((second.log.map(\.loss).min() ?? .infinity) < lowest)
  }
}
