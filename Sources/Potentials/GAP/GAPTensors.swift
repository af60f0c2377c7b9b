import Structures

extension GAP {
  public init(elements: [ChemicalElement], hyperparameters: GAPHyperparameters, tensors: TensorTable) throws {
    try hyperparameters.validate()
    let shape = hyperparameters.shape(types: elements.count)
    try shape.validate()
    let dimension = shape.dimension
    func values(_ name: String) throws -> [Double] {
      guard let values = tensors[name]?.values else {
        throw InputError("damaged potential file: tensor '\(name)' is missing")
      }
      guard values.allSatisfy(\.isFinite) else {
        throw InputError("damaged potential file: tensor '\(name)' holds a number that is not finite")
      }
      return values
    }
    let points = try elements.map { element in
      let name = "points_\(element.symbol)"
      let points = try values(name)
      guard points.count % dimension == 0 else {
        throw InputError(
          "damaged potential file: tensor '\(name)' has \(points.count) numbers, expected a multiple of \(dimension)"
        )
      }
      return points
    }
    let coefficients = try values("coefficients")
    let count = points.reduce(0) { $0 + $1.count } / dimension
    guard coefficients.count == count else {
      throw InputError(
        "damaged potential file: tensor 'coefficients' has \(coefficients.count) numbers, expected \(count)")
    }
    try self.init(elements: elements, hyperparameters: hyperparameters, points: points, coefficients: coefficients)
    guard tensors["factor"] != nil else { return }
    let factor = try values("factor")
    guard factor.count == count * (count + 1) / 2 else {
      throw InputError(
        "damaged potential file: tensor 'factor' has \(factor.count) numbers, expected \(count * (count + 1) / 2)")
    }
    self.factor = factor
  }

  public var tensors: TensorTable {
    var table = TensorTable(["coefficients": .init(shape: [coefficients.count], values: coefficients)])
    for (type, element) in elements.enumerated() {
      table["points_\(element.symbol)"] = .init(shape: [pointCount(of: type), dimension], values: points[type])
    }
    if let factor { table["factor"] = .init(shape: [factor.count], values: factor) }
    return table
  }
}
