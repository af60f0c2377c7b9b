import Foundation
import Optimization
import Structures
import TestSupport
import Testing

@testable import Potentials

private let elements = ["Li", "O", "Mn"].compactMap { ChemicalElement($0) }

/// Frames labelled by a potential of random coefficients.
private func labelled<Form: SNAPForm>(
  _: Form.Type, frames: Int, _ hyperparameters: SNAPHyperparameters
) throws -> (model: BispectrumPotential<Form>, data: Dataset) {
  let model = try BispectrumPotential<Form>(elements: elements, hyperparameters: hyperparameters, seed: 5)
  let cells = (0..<frames).map {
    RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], rattle: 0.25, seed: UInt64($0) + 1)
  }
  let labels = try Predictor(model).predict(cells)
  let data = zip(cells, labels).enumerated().map { k, pair in
    LabeledStructure(
      structure: pair.0,
      labels: Labels(energy: pair.1.energy, forces: pair.1.forces, virial: pair.1.virial),
      configType: k % 2 == 0 ? "even" : "odd")
  }
  return (model, Dataset(data))
}

private func small() -> SNAPHyperparameters {
  var hyperparameters = SNAPHyperparameters()
  (hyperparameters.twojmax, hyperparameters.rcutfac) = (3, 4.1)
  hyperparameters.weightRule = .distinct
  return hyperparameters
}

private func train<Form: SNAPForm>(
  _: Form.Type, _ data: Dataset, _ hyperparameters: SNAPHyperparameters, run: TrainingRun = TrainingRun()
) throws -> BispectrumPotential<Form> {
  let parts = TrainingData(elements: elements, training: data, validation: Dataset([]))
  return try BispectrumPotential<Form>.train(on: parts, hyperparameters: hyperparameters, run: run).best
}

@Suite struct LinearTrainingTests {
  /// A saved factor that takes in more frames gives the coefficients of one fit of all.
  @Test func moreFramesExtendAFactor() throws {
    let (_, data) = try labelled(LinearForm.self, frames: 40, small())
    let model = try SNAP(elements: elements, hyperparameters: small(), seed: 1)
    let fit = LinearFit(
      model: model, frames: data.frames,
      weights: data.map { _ in RowWeights(energy: 1, forces: 1, virial: 1, shear: 1) }, threads: 1, chunkRows: 300)
    func factor(_ range: Range<Int>) throws -> TriangularFactor {
      try fit.factor(of: Array(range), from: nil) { _, _ in false }.whole
    }
    let first = try factor(0..<25)
    var extended = try #require(TriangularFactor(packed: first.packed, size: first.size, rows: first.rows))
    extended.absorb(try factor(25..<40), threads: 1)
    let solver = LinearSolver(ridge: 1e-10)
    let (a, b) = (try #require(solver.solve(extended)).x, try #require(solver.solve(try factor(0..<40))).x)
    let scale = b.map(abs).max() ?? 1
    for (p, q) in zip(a, b) { #expect(abs(p - q) < 1e-10 * max(scale, 1)) }
  }

  /// A potential that made the labels is found again.
  @Test(arguments: [false, true]) func findsWhatMadeTheLabels(isQuadratic: Bool) throws {
    func check<Form: SNAPForm>(_ form: Form.Type) throws {
      let (model, data) = try labelled(form, frames: 24, small())
      let found = try train(form, data, small())
      let (a, b) = (
        try Predictor(model).predict(data.map(\.structure)), try Predictor(found).predict(data.map(\.structure))
      )
      for (p, q) in zip(a, b) {
        #expect(abs(p.energy - q.energy) < 1e-7 * max(1, abs(p.energy)))
        for (f, g) in zip(p.forces, q.forces) { #expect(length(f - g) < 1e-6) }
      }
    }
    if isQuadratic { try check(QuadraticForm.self) } else { try check(LinearForm.self) }
  }

  /// Frames added to a stored fit give the coefficients of one fit of all.
  @Test func extendedFitIsTheFitOfAll() throws {
    let (_, data) = try labelled(LinearForm.self, frames: 60, small())
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var settings = small()
    settings.fit.weighting = .rows
    settings.fit.ridge = .number(1e-10)
    var run = TrainingRun(threads: 2)
    run.factorFile = folder.path + "/factor.safetensors"
    let first = try train(LinearForm.self, Dataset(Array(data.prefix(35))), settings, run: run)
    try PotentialFile.write(
      FittedPotential(model: first, referenceEnergies: ReferenceEnergies(given: [:])),
      to: folder.path + "/potential.safetensors")
    run.factorFile = nil
    run.extends = try LinearExtension(folder: folder.path, kind: "snap")
    let extended = try train(LinearForm.self, Dataset(Array(data.dropFirst(35))), settings, run: run)
    let whole = try train(LinearForm.self, data, settings)
    let scale = whole.coefficients.reduce(1.0) { Swift.max($0, Swift.abs($1)) }
    #expect(first.coefficients != whole.coefficients)
    for (a, b) in zip(extended.coefficients, whole.coefficients) { #expect(Swift.abs(a - b) < 1e-10 * scale) }
    let error = #expect(throws: InputError.self) { try LinearExtension(folder: folder.path, kind: "qsnap") }
    #expect(error?.message.contains("a fit of snap, expected one of qsnap") == true)
    settings.twojmax = 4
    #expect(throws: InputError.self) {
      try train(LinearForm.self, Dataset(Array(data.dropFirst(35))), settings, run: run)
    }
  }

  @Test func sameBitsAtAnyThreadCount() throws {
    let (_, data) = try labelled(LinearForm.self, frames: 40, small())
    var settings = small()
    settings.fit.ridge = .number(1e-6)
    let results = try [1, 2, 3].map { try train(LinearForm.self, data, settings, run: TrainingRun(threads: $0)) }
    #expect(results[0].coefficients == results[1].coefficients)
    #expect(results[0].coefficients == results[2].coefficients)
  }

  /// A fit that was stopped goes on from its factor and ends with the same bits.
  @Test func stoppedFitGoesOn() throws {
    let (_, data) = try labelled(LinearForm.self, frames: 60, small())
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let whole = try train(LinearForm.self, data, small())
    var run = TrainingRun(threads: 1, checkpointFolder: folder, fingerprint: "a")
    run.shouldStop = { true }
    let error = #expect(throws: InputError.self) { try train(LinearForm.self, data, small(), run: run) }
    #expect(error?.remedy == "the same command again goes on")
    run.shouldStop = { false }
    run.threads = 2
    let resumed = try train(LinearForm.self, data, small(), run: run)
    #expect(resumed.coefficients == whole.coefficients)
    run.fingerprint = "b"
    #expect(throws: InputError.self) { try train(LinearForm.self, data, small(), run: run) }
  }

  /// Blocks of a large factor keep to 200 MB and to 2,048 rows at least.
  @Test func rowsOfAChunk() {
    let rows = [(50, true), (341, true), (2480, false), (5456, false), (11_000, false)].map {
      LinearPlan.chunkRows(columns: $0, isLeaf: $1)
    }
    #expect(rows == [1024, 2728, 8192, 4096, 2048])
  }

  /// Sets of elements factored in their own columns give the products of one factorisation.
  @Test func setsOfElementsAreTakenApart() throws {
    let (_, mixed) = try labelled(QuadraticForm.self, frames: 6, small())
    let model = try QSNAP(elements: elements, hyperparameters: small(), seed: 5)
    let lithium = ChemicalElement("Li")!
    var frames = mixed.frames + mixed.frames
    for k in mixed.frames.indices {
      frames[2 * k].structure.elements = frames[2 * k].structure.elements.map { $0.symbol == "Mn" ? lithium : $0 }
    }
    var fit = LinearFit(
      model: model, frames: frames,
      weights: frames.map { _ in RowWeights(energy: 1, forces: 1, virial: 1, shear: 1) }, threads: 2, chunkRows: 40)
    let whole = try fit.factor(of: Array(frames.indices), from: nil) { _, _ in false }.whole
    fit.largestLeaf = 10
    fit.joinedRows = 7
    let chunks = fit.chunks(Array(frames.indices))
    #expect(chunks.count >= 2)
    let parts = try fit.factor(of: Array(frames.indices), from: nil) { _, _ in false }.whole
    #expect(parts.rows == whole.rows)
    // The triangles may differ where columns depend on each other; the products RᵀR may not.
    let n = whole.size
    func product(_ r: TriangularFactor, _ a: Int, _ b: Int) -> Double {
      (0...min(a, b)).reduce(0) { $0 + r.values[a * n + $1] * r.values[b * n + $1] }
    }
    let norms = (0..<n).map { product(whole, $0, $0).squareRoot() }
    for a in stride(from: 0, to: n, by: 3) {
      for b in 0...a {
        #expect(abs(product(whole, a, b) - product(parts, a, b)) <= 1e-12 * norms[a] * norms[b])
      }
    }
  }

  @Test func weightsOfGroupsAreChecked() throws {
    let (_, data) = try labelled(LinearForm.self, frames: 8, small())
    var settings = small()
    settings.fit.groupWeights = ["evne": GroupWeight(energy: 2)]
    let error = #expect(throws: InputError.self) { try train(LinearForm.self, data, settings) }
    #expect(error?.remedy == "did you mean 'even'?")
    settings.fit.groupWeights = ["even": GroupWeight(energy: 0), "odd": GroupWeight(energy: 0)]
    let none = #expect(throws: InputError.self) { try train(LinearForm.self, data, settings) }
    #expect(none?.message.contains("no frame of 8 has energy with a weight above 0") == true)
    let weights = try RowWeights.all(data, LinearFitSettings().resolved(for: data))
    #expect(abs(weights.reduce(0) { $0 + $1.energy } - 100) < 1e-12)
    #expect(abs(weights.reduce(0) { $0 + $1.forces * 24 } - 1) < 1e-12)
    #expect(abs(weights.reduce(0) { $0 + ($1.virial * 3 + $1.shear * 3) * 64 } - 1) < 1e-12)
  }

  @Test func memoryIsKeptOrRefused() throws {
    let (_, data) = try labelled(LinearForm.self, frames: 8, small())
    var run = TrainingRun()
    run.memoryLimit = 1 << 20
    let error = #expect(throws: InputError.self) { try train(LinearForm.self, data, small(), run: run) }
    #expect(error?.message.contains("--memory") == true)
    #expect(error?.remedy?.contains("lower twojmax") == true)
    run.memoryLimit = 1 << 30
    _ = try train(LinearForm.self, data, small(), run: run)
  }

  /// Noise in the labels: the ridge that frames left out choose is not the smallest.
  @Test func crossValidationFindsARidge() throws {
    var (_, data) = try labelled(QuadraticForm.self, frames: 6, small())
    var random = RandomSource(seed: 1)
    for k in data.frames.indices {
      data.frames[k].labels.virial = nil
      data.frames[k].labels.forces = data.frames[k].labels.forces?.map { force in
        let noise: SIMD3<Double> = [random.uniform() - 0.5, random.uniform() - 0.5, random.uniform() - 0.5]
        return force + noise
      }
    }
    var settings = small()
    settings.fit.ridge = .crossValidation
    let parts = TrainingData(elements: elements, training: data, validation: Dataset([]))
    let trained = try QSNAP.train(on: parts, hyperparameters: settings, run: TrainingRun())
    let note = try #require(trained.notes.first)
    #expect(note.contains("ridge 1e-"))
    #expect(!note.contains("ridge 1e-12"))
  }
}
