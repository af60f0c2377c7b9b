/// Named arrays of doubles, as a potential file holds them.
public struct TensorTable: Sendable, Equatable {
  public struct Tensor: Sendable, Equatable {
    /// Row-major.
    public var shape: [Int]
    public var values: [Double]

    public init(shape: [Int], values: [Double]) {
      precondition(shape.reduce(1, *) == values.count, "values fill the shape")
      self.shape = shape
      self.values = values
    }
  }

  public var tensors: [String: Tensor]

  public init(_ tensors: [String: Tensor] = [:]) { self.tensors = tensors }

  public subscript(name: String) -> Tensor? {
    get { tensors[name] }
    set { tensors[name] = newValue }
  }
}
