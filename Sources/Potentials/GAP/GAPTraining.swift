import COpenBLAS
import Foundation
import Optimization
import Structures

extension GAP: TrainablePotential {
  public static let name = "gap"
  public static var defaults: GAPHyperparameters { GAPHyperparameters() }

  /// Table S1: n_max 4, l_max 4, ζ 4, σ 0.5 Å, 5 Å; energies alone. What it does not state are maml's defaults.
  public static var presets: [String: GAPHyperparameters] {
    var paper = GAPHyperparameters()
    (paper.nMax, paper.lMax) = (4, 4)
    paper.defaultSigma = GAPSigma(energy: 0.0005, forces: nil, stress: nil)
    return ["paper": paper]
  }

  public static var explanations: [HyperparameterExplanation] { GAPHyperparameters.explanations }

  /// Labels that no frame has are left out.
  public static func resolved(_ hyperparameters: GAPHyperparameters, for data: Dataset) -> GAPHyperparameters {
    var result = hyperparameters
    func has(_ test: (Labels) -> Bool) -> Bool { data.contains { test($0.labels) && !$0.isIsolatedAtom } }
    if !has({ $0.forces != nil }) { result.defaultSigma.forces = nil }
    if !has({ $0.virial != nil }) { result.defaultSigma.stress = nil }
    return result
  }

  public static func fittedLabels(_ hyperparameters: GAPHyperparameters) -> [String] {
    hyperparameters.fittedLabels
  }

  /// Chooses sparse points and solves for α.
  ///
  ///     min ‖Λ^{−1/2}(K_ts α − y)‖² + αᵀ K_ss α   by QR of [Λ^{−1/2} K_ts; L_sᵀ],  K_ss + jitter = L_s L_sᵀ
  ///
  /// σ of a frame's energy is σ_E √N, of a force component σ_F, of a virial component σ_V √N.
  /// - Throws: `InputError` where labels are missing, atoms are too close, or memory does not suffice.
  public static func train(
    on data: TrainingData, hyperparameters: GAPHyperparameters, run: TrainingRun
  ) throws -> Trained<GAP> {
    let begin = ContinuousClock.now
    try hyperparameters.validate()
    let weights = try GAPWeights.all(data.training, hyperparameters)
    let soap = try SOAP(hyperparameters.shape(types: data.elements.count))
    let plan = try GAPPlan(soap, data, hyperparameters, run)
    var selection = SparseSelection(
      soap, elements: data.elements, hyperparameters, data: data.training, run: run)
    let points = try selection.points()
    let count = points.reduce(0) { $0 + $1.count } / soap.shape.dimension
    var model = try GAP(
      elements: data.elements, hyperparameters: hyperparameters, points: points,
      coefficients: [Double](repeating: 0, count: count))
    let prior = try PriorCovariance(model)
    var fit = LinearFit(
      model: model, frames: data.training.frames, weights: weights, threads: run.threads, chunkRows: plan.chunkRows)
    fit.prior = prior.factor
    let factor = try LinearCheckpoint(run, fold: 0, of: 1).factor(fit, of: Array(data.training.indices))
    guard let alpha = solve(factor) else {
      throw InputError(
        "the linear system has no finite solution: a label or a descriptor is not finite",
        remedy: "look for bad frames with halite data check")
    }
    model.coefficients = alpha
    if hyperparameters.variance { model.factor = packed(factor) }
    let residual = factor.values[factor.values.count - 1]
    let record = EpochRecord(
      epoch: 1, of: 1, loss: residual * residual, seconds: (ContinuousClock.now - begin) / .seconds(1))
    run.progress(record)
    var trained = Trained(best: model, last: model, bestEpoch: 1, log: [record], stopReason: .solved)
    let numbers = model.elements.indices.map { "\(model.elements[$0].symbol) \(model.pointCount(of: $0))" }
    trained.notes =
      ["sparse GPR: \(factor.rows) rows, \(count) sparse points (\(numbers.joined(separator: ", ")))"]
      + prior.notes + selection.notes
    return trained
  }

  /// R α = Qᵀb.
  private static func solve(_ factor: TriangularFactor) -> [Double]? {
    let (size, n) = (factor.size, factor.size - 1)
    var alpha = (0..<n).map { factor.values[n * size + $0] }
    guard (0..<n).allSatisfy({ factor.values[$0 * size + $0] != 0 }) else { return nil }
    cblas_dtrsv(
      CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, Int32(n), factor.values, Int32(size), &alpha, 1)
    return alpha.allSatisfy(\.isFinite) ? alpha : nil
  }

  private static func packed(_ factor: TriangularFactor) -> [Double] {
    (0..<factor.size - 1).flatMap { factor.values[$0 * factor.size...$0 * factor.size + $0] }
  }

  public static func forecast(
    _ data: TrainingData, hyperparameters: GAPHyperparameters, threads: Int
  ) -> TrainingForecast {
    GAPPlan.forecast(data, hyperparameters, threads: threads)
  }
}

/// Weights of rows from σ.
enum GAPWeights {
  /// - Throws: `InputError` where a label with a σ is nowhere, or a config_type has a σ but no frame.
  static func all(_ data: Dataset, _ hyperparameters: GAPHyperparameters) throws -> [RowWeights] {
    let known = Set(data.compactMap(\.configType))
    for name in hyperparameters.configTypeSigma.keys.sorted() where !known.contains(name) {
      let near = nearestName(to: name, among: known.sorted()).map { "did you mean '\($0)'?" }
      throw InputError("config_type_sigma names '\(name)', but no frame has that config_type", remedy: near)
    }
    let labels: [(name: String, has: (Labels) -> Bool)] = [
      ("energy", { $0.energy != nil }), ("forces", { $0.forces != nil }), ("stress", { $0.virial != nil }),
    ]
    for label in labels where hyperparameters.fittedLabels.contains(label.name) {
      guard data.contains(where: { label.has($0.labels) }) else {
        throw InputError(
          "default_sigma has a number for \(label.name), but no frame of \(data.count) has that label",
          remedy: "set \(label.name) of default_sigma to null")
      }
    }
    return data.map { frame in
      let sigma =
        frame.configType.flatMap { hyperparameters.configTypeSigma[$0] }?.filled(from: hyperparameters.defaultSigma)
        ?? hyperparameters.defaultSigma
      let atoms = Double(frame.structure.count)
      let virial = sigma.stress.map { 1 / ($0 * $0 * atoms) } ?? 0
      // Rows of energies are divided by N.
      return RowWeights(
        energy: sigma.energy.map { atoms / ($0 * $0) } ?? 0, forces: sigma.forces.map { 1 / ($0 * $0) } ?? 0,
        virial: virial, shear: virial)
    }
  }
}

/// K_ss of all elements as the triangular factor that a fit begins with.
struct PriorCovariance {
  let factor: TriangularFactor
  private(set) var notes: [String] = []

  /// - Throws: `InputError` where no jitter makes it positive definite.
  init(_ model: GAP) throws {
    let total = model.coefficients.count
    var values = [Double](repeating: 0, count: (total + 1) * (total + 1))
    for type in model.elements.indices {
      let (count, first) = (model.pointCount(of: type), model.firstPoint(of: type))
      let (root, jitter) = try Self.root(model, type: type)
      if jitter > model.hyperparameters.sparseJitter {
        notes.append(
          "the sparse points of \(model.elements[type].symbol) needed a jitter of \(jitter), more than sparse_jitter"
        )
      }
      // U = Lᵀ, by columns.
      for column in 0..<count {
        for row in 0...column { values[(first + column) * (total + 1) + first + row] = root[column * count + row] }
      }
    }
    factor = TriangularFactor(size: total + 1, values: values, rows: 0)
  }

  /// Upper triangle U with UᵀU = K_ss + jitter, by columns, and the jitter.
  static func root(_ model: GAP, type: Int) throws -> (values: [Double], jitter: Double) {
    let covariance = model.covariance(type: type)
    let count = model.pointCount(of: type)
    var jitter = model.hyperparameters.sparseJitter
    while jitter < 1 {
      var root = covariance
      for k in 0..<count { root[k * count + k] += jitter }
      if Cholesky.factor(&root, size: count) { return (root, jitter) }
      jitter *= 10
    }
    throw InputError(
      "the covariance of the sparse points of \(model.elements[type].symbol) is not positive definite",
      remedy: "look for bad frames with halite data check, or raise sparse_jitter")
  }
}

extension GAP {
  /// k(p̂_s, p̂_s') of the sparse points of one element.
  func covariance(type: Int) -> [Double] {
    _ = SingleThreadedBLAS.isSet
    let (count, width) = (pointCount(of: type), dimension)
    var result = [Double](repeating: 0, count: count * count)
    guard count > 0 else { return result }
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(count), Int32(count), Int32(width), 1, points[type],
      Int32(width),
      points[type], Int32(width), 0, &result, Int32(count))
    let (delta, f0) = (hyperparameters.delta * hyperparameters.delta, hyperparameters.f0 * hyperparameters.f0)
    for k in result.indices { result[k] = delta * pow(max(0, result[k]), hyperparameters.zeta) + f0 }
    return result
  }
}
