import COpenBLAS
import Structures

/// Chooses sparse points among the environments of each element.
struct SparseSelection {
  let soap: SOAP
  let elements: [ChemicalElement]
  let hyperparameters: GAPHyperparameters
  let data: Dataset
  let run: TrainingRun
  /// What a reader of the report must know.
  private(set) var notes: [String] = []

  /// Descriptors that differ by less in every component are the same point.
  static let tolerance = 1e-8

  init(
    _ soap: SOAP, elements: [ChemicalElement], _ hyperparameters: GAPHyperparameters, data: Dataset,
    run: TrainingRun
  ) {
    self.soap = soap
    self.elements = elements
    self.hyperparameters = hyperparameters
    self.data = data
    self.run = run
  }

  /// Descriptors of the sparse points of each element, by rows.
  /// - Throws: `InputError` for points of another descriptor, or twice the same among given ones.
  mutating func points() throws -> [[Double]] {
    if let path = hyperparameters.sparseFrom { return try given(path) }
    var points: [[Double]] = []
    for (type, element) in elements.enumerated() {
      let environments = GAPEnvironments(soap, elements: elements, data: data, type: type, threads: run.threads)
      let chosen = try choice(among: environments)
      let count = chosen.count / soap.shape.dimension
      if environments.count < hyperparameters.nSparse {
        notes.append(
          "\(element.symbol) has \(environments.count) environments, fewer than n_sparse (\(hyperparameters.nSparse)): "
            + "the \(count) that differ are all sparse points")
      } else if count < hyperparameters.nSparse {
        notes.append(
          "\(element.symbol) has \(count) different environments, fewer than n_sparse (\(hyperparameters.nSparse)): "
            + "all are sparse points")
      }
      points.append(chosen)
      if run.shouldStop() {
        throw InputError("stopped while sparse points were chosen", remedy: "the same command again begins anew")
      }
    }
    return points
  }

  private func choice(among environments: GAPEnvironments) throws -> [Double] {
    switch hyperparameters.sparseMethod {
    case .random:
      var random = RandomSource(seed: run.seed &+ UInt64(environments.type))
      return try distinct(environments, order: random.permutation(of: environments.count))
    case .cur:
      let leverages = try Leverages(environments).values
      let order = leverages.indices.sorted { (-leverages[$0], $0) < (-leverages[$1], $1) }
      return try distinct(environments, order: order)
    case .farthestPoint:
      let order = try FarthestPoints(environments, count: hyperparameters.nSparse).order
      return try environments.descriptors(of: order).flatMap { $0 }
    }
  }

  /// The first environments of an order that are not the same.
  private func distinct(_ environments: GAPEnvironments, order: [Int]) throws -> [Double] {
    var points: [[Double]] = []
    var known = KnownPoints(dimension: soap.shape.dimension)
    let wanted = hyperparameters.nSparse
    var first = 0
    while first < order.count, points.count < wanted {
      let part = Array(order[first..<min(first + max(wanted, 256), order.count)])
      for row in try environments.descriptors(of: part) where points.count < wanted {
        if known.firstEqual(to: row, among: points) == nil {
          known.add(row, number: points.count)
          points.append(row)
        }
      }
      first += part.count
    }
    return points.flatMap { $0 }
  }

  /// The sparse points of another potential.
  private func given(_ path: String) throws -> [[Double]] {
    let other = try PotentialFile.read(path)
    guard let model = other.model as? GAP else {
      throw InputError(
        "is a potential of kind \(other.kind), expected gap", file: path, remedy: "leave sparse_from out")
    }
    guard model.elements == elements, model.soap.shape == soap.shape else {
      throw InputError(
        "its sparse points are of another descriptor (\(model.summary)), expected \(summary)", file: path,
        remedy: "give the same elements, cutoff, n_max, l_max and atom_sigma, or leave sparse_from out")
    }
    let width = soap.shape.dimension
    for (type, rows) in model.points.enumerated() {
      var known = KnownPoints(dimension: width)
      let points = (0..<rows.count / width).map { Array(rows[$0 * width..<($0 + 1) * width]) }
      for (number, point) in points.enumerated() {
        if let first = known.firstEqual(to: point, among: points) {
          throw InputError(
            "sparse points \(first + 1) and \(number + 1) of \(elements[type].symbol) are the same", file: path,
            remedy: "leave one out")
        }
        known.add(point, number: number)
      }
    }
    return model.points
  }

  private var summary: String { soap.shape.summary(elements) }
}

extension GAP {
  var summary: String { soap.shape.summary(elements) }
}

extension SOAPShape {
  fileprivate func summary(_ elements: [ChemicalElement]) -> String {
    "\(elements.map(\.symbol).joined(separator: " ")), cutoff \(cutoff), n_max \(nMax), l_max \(lMax), "
      + "atom_sigma \(atomSigma)"
  }
}

/// Finds points that are the same by a projection.
private struct KnownPoints {
  private let weights: [Double]
  private var bins: [Int: [Int]] = [:]
  private let width: Double

  init(dimension: Int) {
    var random = RandomSource(seed: 1)
    weights = (0..<dimension).map { _ in 2 * random.uniform() - 1 }
    width = 4 * Double(dimension) * SparseSelection.tolerance
  }

  private func bin(_ point: [Double]) -> Int {
    Int((cblas_ddot(Int32(point.count), point, 1, weights, 1) / width).rounded(.down))
  }

  func firstEqual(to point: [Double], among points: [[Double]]) -> Int? {
    let bin = bin(point)
    return (bin - 1...bin + 1).flatMap { bins[$0] ?? [] }.sorted().first { number in
      zip(points[number], point).allSatisfy { abs($0 - $1) < SparseSelection.tolerance }
    }
  }

  mutating func add(_ point: [Double], number: Int) { bins[bin(point), default: []].append(number) }
}
