import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

private let hasReference = SharedData.holds("reference/gap_fit_small.json")

/// Six frames that gap_fit was given, its sparse points, and what came out.
private struct SmallFit {
  var frames: [LabeledStructure]
  var points: [[Double]]
  var alpha: [Double]
  var energies: [Double]
  var forces: [[SIMD3<Double>]]
  let elements = ["Li", "O"].compactMap { ChemicalElement($0) }

  init() throws {
    let json = try SharedData.json("reference/gap_fit_small.json")
    frames = try (json["frames"] as? [[String: Any]] ?? []).map { entry in
      let symbols = try #require(entry["symbols"] as? [String])
      let edge = try #require(entry["cell"] as? Double)
      let structure = Structure(
        lattice: Lattice(a: [edge, 0, 0], b: [0, edge, 0], c: [0, 0, edge]),
        elements: symbols.compactMap { ChemicalElement($0) }, positions: vectors(entry["positions"]))
      let labels = Labels(energy: entry["dft_energy"] as? Double, forces: vectors(entry["dft_force"]))
      return LabeledStructure(structure: structure, labels: labels)
    }
    let sparse = json["sparseX"] as? [String: Any] ?? [:]
    // quip's last number is σ_0, which is zero.
    points = ["3", "8"].map { doubleRows(sparse[$0]).flatMap { $0.dropLast() } }
    let alphas = json["alpha"] as? [String: Any] ?? [:]
    alpha = ["3", "8"].flatMap { doubles(alphas[$0]) }
    let predictions = json["prediction"] as? [[String: Any]] ?? []
    energies = predictions.compactMap { $0["E"] as? Double }
    forces = predictions.map { vectors($0["F"]) }
  }

  var settings: GAPHyperparameters {
    var settings = GAPHyperparameters()
    (settings.nMax, settings.lMax, settings.cutoff, settings.nSparse) = (3, 2, 4, 4)
    settings.defaultSigma = GAPSigma(energy: 0.0005, forces: 0.1, stress: nil)
    return settings
  }
}

private func toy(_ count: Int, seed: UInt64, virial: Bool = true) throws -> (GAP, Dataset) {
  let elements = ["Li", "O", "Mn"].compactMap { ChemicalElement($0) }
  var settings = GAPHyperparameters()
  (settings.nMax, settings.lMax, settings.cutoff) = (3, 3, 3.5)
  settings.nSparse = 12
  let teacher = try GAP(elements: elements, hyperparameters: settings, seed: seed)
  let frames = try (0..<count).map { k in
    let cell = RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], rattle: 0.3, seed: seed + UInt64(k))
    let prediction = try Predictor(teacher).predict([cell])[0]
    let labels = Labels(
      energy: prediction.energy, forces: prediction.forces, virial: virial ? prediction.virial : nil)
    return LabeledStructure(structure: cell, labels: labels, configType: k % 2 == 0 ? "even" : "odd")
  }
  return (teacher, Dataset(frames))
}

private func message(_ body: () throws -> Void) -> String {
  do { try body() } catch { return "\(error)" }
  return ""
}

@Suite struct GAPTests {
  /// Energies and forces from quip's coefficients and sparse points.
  @Test(.enabled(if: hasReference)) func predictionsOfQuip() throws {
    let small = try SmallFit()
    let model = try GAP(
      elements: small.elements, hyperparameters: small.settings, points: small.points, coefficients: small.alpha)
    let predictions = try Predictor(model).predict(small.frames.map(\.structure))
    #expect(small.energies.count == 6)
    for (k, prediction) in predictions.enumerated() {
      #expect(abs(prediction.energy - small.energies[k]) < 1e-10)
      for (a, b) in zip(prediction.forces, small.forces[k]) { #expect(length(a - b) < 1e-9) }
    }
  }

  /// gap_fit's coefficients (5e−8 relative, as the numpy code of the reference) and energies (1e−9) on its own points.
  @Test(.enabled(if: hasReference)) func fitOfGapFit() throws {
    let small = try SmallFit()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gap-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let source = try GAP(
      elements: small.elements, hyperparameters: small.settings, points: small.points, coefficients: small.alpha)
    let path = folder + "/points.safetensors"
    try PotentialFile.write(
      FittedPotential(model: source, referenceEnergies: ReferenceEnergies(given: [:])), to: path)
    var settings = small.settings
    settings.sparseFrom = path
    let data = TrainingData(elements: small.elements, training: Dataset(small.frames), validation: Dataset([]))
    let trained = try GAP.train(on: data, hyperparameters: settings, run: TrainingRun())
    for (a, b) in zip(trained.best.coefficients, small.alpha) { #expect(abs(a - b) < 1e-7 * abs(b) + 1e-8) }
    let predictions = try Predictor(trained.best).predict(small.frames.map(\.structure))
    for (k, prediction) in predictions.enumerated() { #expect(abs(prediction.energy - small.energies[k]) < 1e-9) }
  }

  /// Design rows times coefficients are the predictions: energies, forces and virials, compressed or not.
  @Test(arguments: [nil, 2] as [Int?]) func designRowsAreThePredictions(channels: Int?) throws {
    let elements = ["Li", "O", "Mn"].compactMap { ChemicalElement($0) }
    var settings = GAPHyperparameters()
    (settings.nMax, settings.lMax, settings.cutoff, settings.f0) = (5, 4, 4.2, 0.3)
    settings.elementChannels = channels
    let model = try GAP(elements: elements, hyperparameters: settings, seed: 5)
    // A small cell: atoms are their own neighbours' images; two of three elements are there.
    let frame = RandomRocksalt.cell(cubes: 1, cations: ["Mn"], rattle: 0.2, seed: 3)
      .strained(by: Matrix3([0.02, 0.05, 0], [0, -0.03, 0.04], [0.06, 0, 0.01]))
    let columns = Array(model.coefficients.indices)
    var rows = DesignRows(atoms: frame.count, columns: columns, of: columns.count, hasDerivatives: true)
    model.addDesignRows(try model.neighborList(of: [frame]), to: &rows)
    let sums = (0..<rows.count).map { row in
      columns.reduce(0) { $0 + rows.values[$1 * rows.count + row] * model.coefficients[$1] }
    }
    let prediction = try Predictor(model).predict([frame])[0]
    #expect(abs(sums[0] - prediction.energy) < 1e-12)
    let forces = prediction.forces.flatMap { [$0.x, $0.y, $0.z] }
    for k in forces.indices { #expect(abs(sums[1 + k] - forces[k]) < 1e-12) }
    let virial = prediction.virial.voigt
    for k in 0..<6 { #expect(abs(sums[rows.count - 6 + k] - virial[k]) < 1e-12) }
    // The row of the energy alone is the same.
    var energies = DesignRows(atoms: frame.count, columns: columns, of: columns.count, hasDerivatives: false)
    model.addDesignRows(try model.neighborList(of: [frame]), to: &energies)
    #expect(energies.values == columns.map { rows.values[$0 * rows.count] })
  }

  /// A fit finds labels again that a GAP made, with every choice of sparse points, and the same bits at any threads.
  @Test(arguments: GAPHyperparameters.SparseMethod.allCases)
  func findsItsLabels(method: GAPHyperparameters.SparseMethod) throws {
    let (teacher, data) = try toy(12, seed: 3)
    var settings = teacher.hyperparameters
    settings.sparseMethod = method
    settings.nSparse = 40
    let training = TrainingData(elements: teacher.elements, training: data, validation: Dataset([]))
    let runs = try [1, 3].map {
      try GAP.train(on: training, hyperparameters: settings, run: TrainingRun(threads: $0))
    }
    #expect(runs[0].best.coefficients == runs[1].best.coefficients)
    #expect(runs[0].best.points == runs[1].best.points)
    let predictions = try Predictor(runs[0].best).predict(data.map(\.structure))
    let spread = data.map { abs($0.labels.energy!) }.max()!
    for (frame, prediction) in zip(data, predictions) {
      #expect(abs(prediction.energy - frame.labels.energy!) < 0.05 * spread)
    }
  }

  /// The variance is the prior's far from all data, and small at the sparse points that were fitted closely.
  @Test func variance() throws {
    let (teacher, data) = try toy(8, seed: 5)
    var settings = teacher.hyperparameters
    settings.defaultSigma = GAPSigma(energy: 1e-5, forces: 1e-4, stress: 1e-4)
    let training = TrainingData(elements: teacher.elements, training: data, validation: Dataset([]))
    let model = try GAP.train(on: training, hyperparameters: settings, run: TrainingRun()).best
    let variances = try GAPVariance(model)
    let seen = variances.variances(try model.neighborList(of: [data[0].structure]))
    let other = RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], rattle: 1.0, seed: 77)
    let strange = variances.variances(try model.neighborList(of: [other]))
    #expect(seen.allSatisfy { $0 >= 0 && $0 < 0.5 })
    #expect(strange.reduce(0, +) > seen.reduce(0, +))
    // A brute-force inverse of the same matrices.
    var bare = model
    bare.factor = nil
    #expect(message { _ = try GAPVariance(bare) }.contains("holds nothing to work out variances from"))
  }

  @Test func badInput() throws {
    let (teacher, data) = try toy(3, seed: 9, virial: false)
    let training = TrainingData(elements: teacher.elements, training: data, validation: Dataset([]))
    func failure(_ change: (inout GAPHyperparameters) -> Void) -> String {
      var settings = teacher.hyperparameters
      settings.defaultSigma.stress = nil
      change(&settings)
      return message { _ = try GAP.train(on: training, hyperparameters: settings, run: TrainingRun()) }
    }
    #expect(failure { $0.configTypeSigma = ["evn": GAPSigma()] }.contains("did you mean 'even'?"))
    #expect(failure { $0.defaultSigma.stress = 0.1 }.contains("no frame of 3 has that label"))
    #expect(failure { $0.defaultSigma.energy = -1 }.contains("energy must be above 0, or null"))
    #expect(
      failure { $0.defaultSigma = GAPSigma(energy: nil, forces: nil, stress: nil) }.contains("nothing to fit"))
    #expect(failure { $0.zeta = 0.5 }.contains("zeta must be 1 to 100"))
    var run = TrainingRun()
    run.memoryLimit = 1 << 20
    let refusal = message {
      _ = try GAP.train(on: training, hyperparameters: teacher.hyperparameters.withoutStress, run: run)
    }
    #expect(refusal.contains("of --memory") && refusal.contains("give --memory"))
    // Fewer environments than sparse points is said.
    var many = teacher.hyperparameters.withoutStress
    many.nSparse = 500
    let notes = try GAP.train(on: training, hyperparameters: many, run: TrainingRun()).notes
    #expect(notes.contains { $0.contains("environments, fewer than n_sparse (500)") })
  }
}

extension GAPHyperparameters {
  fileprivate var withoutStress: GAPHyperparameters {
    var result = self
    result.defaultSigma.stress = nil
    return result
  }
}
