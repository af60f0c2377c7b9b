import COpenBLAS
import CKernels
import Optimization
import Structures

/// A fully connected network with one output, over batches of inputs.
///
///     a_k = g_k(W_k [a_{k−1}; 1]),  W_k: n_k × (n_{k−1} + 1), bias last
///
/// Parameters of all layers stand in one array, each W_k by columns (aenet's order).
public struct Network: Hashable, Sendable {
  /// g of aenet: z | tanh z | 1/(1+e^{−z}) | 1.7159 tanh(2z/3) | 1.7159 tanh(2z/3) + 0.1 z.
  public enum Activation: String, Codable, Sendable, CaseIterable {
    case linear, tanh, sigmoid, mtanh, twist

    /// The kernel's number, which is also aenet's.
    public var code: Int { Self.allCases.firstIndex(of: self)! }
  }

  public struct Layer: Hashable, Sendable {
    public var nodes: Int
    public var activation: Activation

    public init(nodes: Int, activation: Activation) {
      self.nodes = nodes
      self.activation = activation
    }
  }

  public let inputs: Int
  /// Most nodes of a layer.
  static let nodeLimit = 4096
  /// The last layer has one node.
  public let layers: [Layer]

  public init(inputs: Int, hidden: [Layer]) {
    self.inputs = inputs
    layers = hidden + [Layer(nodes: 1, activation: .linear)]
  }

  public var parameterCount: Int { offsets.last! }

  /// Where each W_k begins, and the end.
  private var offsets: [Int] {
    var result = [0]
    var width = inputs
    for layer in layers {
      result.append(result.last! + layer.nodes * (width + 1))
      width = layer.nodes
    }
    return result
  }

  /// For each parameter, true where it is the bias of a node.
  public var isBias: [Bool] {
    var result: [Bool] = []
    var width = inputs
    for layer in layers {
      result += [Bool](repeating: false, count: layer.nodes * width) + [Bool](repeating: true, count: layer.nodes)
      width = layer.nodes
    }
    return result
  }

  /// For each parameter the number of its group: the weights of one input, those of one later layer, and the biases of
  /// each layer go together.
  public var priorGroups: [Int] {
    var result = (0..<inputs).flatMap { [Int](repeating: $0, count: layers[0].nodes) }
    var next = inputs
    var width = 0
    for (k, layer) in layers.enumerated() {
      if k > 0 {
        result += [Int](repeating: next, count: layer.nodes * width)
        next += 1
      }
      result += [Int](repeating: next, count: layer.nodes)
      next += 1
      width = layer.nodes
    }
    return result
  }

  /// Uniform with mean 0 and standard deviation 1/√(n_{k−1} + 1), biases too, as aenet draws them.
  public func randomParameters(using random: inout RandomSource) -> [Double] {
    var parameters: [Double] = []
    var width = inputs
    for layer in layers {
      let spread = (12 / Double(width + 1)).squareRoot()
      for _ in 0..<layer.nodes * (width + 1) { parameters.append((random.uniform() - 0.5) * spread) }
      width = layer.nodes
    }
    return parameters
  }
}

extension Network.Layer {
  /// Reads aenet's notation, "15:tanh".
  /// - Throws: `InputError` where it is not NODES:ACTIVATION, with the nearest right activation.
  init(text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let nodes = Int(parts[0]), (1...Network.nodeLimit).contains(nodes) else {
      throw InputError("network layer '\(text)' is not NODES:ACTIVATION, as in 15:tanh")
    }
    guard let activation = Network.Activation(rawValue: parts[1]) else {
      let known = Network.Activation.allCases.map(\.rawValue)
      let hint = nearestName(to: parts[1], among: known).map { "did you mean '\($0)'?" }
      throw InputError(
        "unknown activation '\(parts[1])' in network layer '\(text)'",
        remedy: hint ?? "known are " + known.joined(separator: ", "))
    }
    self.init(nodes: nodes, activation: activation)
  }

  /// As `init(text:)` reads it.
  var text: String { "\(nodes):\(activation.rawValue)" }
}

/// The networks of the species of a potential; their parameters stand one after the other.
struct SpeciesNetworks: Sendable {
  let networks: [Network]
  /// Where each network's parameters begin, and the end.
  let offsets: [Int]

  init(_ networks: [Network]) {
    self.networks = networks
    offsets = networks.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.parameterCount) }
  }

  var parameterCount: Int { offsets[networks.count] }

  /// The parameters of one network.
  func range(_ species: Int) -> Range<Int> { offsets[species]..<offsets[species + 1] }
}

/// Working space of a network for batches up to a size; one for each thread.
public struct NetworkWorkspace {
  fileprivate let network: Network
  fileprivate var values: [[Double]]
  fileprivate var slopes: [[Double]]
  fileprivate var deltas: [[Double]]
  private(set) var capacity = 0

  public init(_ network: Network) {
    self.network = network
    values = network.layers.map { _ in [] }
    slopes = values
    deltas = values
    SingleThreadedBLAS.isSet
  }

  /// True where it serves batches of this network.
  func fits(_ network: Network) -> Bool { self.network == network }

  fileprivate mutating func reserve(_ count: Int) {
    guard count > capacity else { return }
    capacity = count
    for (k, layer) in network.layers.enumerated() {
      values[k] = [Double](repeating: 0, count: count * layer.nodes)
      slopes[k] = values[k]
      deltas[k] = values[k]
    }
  }

  /// Output of one row of the last `forward`.
  public func output(_ row: Int) -> Double { values[values.count - 1][row] }
}

extension Network {
  /// y of `count` inputs, given by rows; the workspace keeps them.
  public func forward(
    _ inputs: UnsafePointer<Double>, count: Int, parameters: UnsafePointer<Double>,
    workspace: inout NetworkWorkspace
  ) {
    workspace.reserve(count)
    let offsets = self.offsets
    var width = self.inputs
    for (k, layer) in layers.enumerated() {
      let weights = parameters + offsets[k]
      let bias = weights + layer.nodes * width
      var z = workspace.values[k]
      workspace.values[k] = []
      z.withUnsafeMutableBufferPointer { z in
        for row in 0..<count { (z.baseAddress! + row * layer.nodes).update(from: bias, count: layer.nodes) }
        func multiply(_ a: UnsafePointer<Double>) {
          cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(count), Int32(layer.nodes), Int32(width), 1, a,
            Int32(width), weights, Int32(layer.nodes), 1, z.baseAddress!, Int32(layer.nodes))
        }
        if k == 0 {
          multiply(inputs)
        } else {
          workspace.values[k - 1].withUnsafeBufferPointer { multiply($0.baseAddress!) }
        }
        ck_activate(
          Int64(layer.activation.code), Int64(count * layer.nodes), z.baseAddress!, &workspace.slopes[k], nil)
      }
      workspace.values[k] = z
      width = layer.nodes
    }
  }

  /// Goes back over the batch of the last `forward`.
  ///
  /// - Parameters:
  ///   - outputSlopes: ∂L/∂y of each row.
  ///   - parameterGradient: ∂L/∂W is added, where given.
  ///   - inputGradient: receives ∂L/∂x by rows, where given.
  public func backward(
    _ inputs: UnsafePointer<Double>, count: Int, parameters: UnsafePointer<Double>,
    outputSlopes: UnsafePointer<Double>, parameterGradient: UnsafeMutablePointer<Double>?,
    inputGradient: UnsafeMutablePointer<Double>?, workspace: inout NetworkWorkspace
  ) {
    let offsets = self.offsets
    let last = layers.count - 1
    for row in 0..<count { workspace.deltas[last][row] = outputSlopes[row] }
    for k in stride(from: last, through: 0, by: -1) {
      let nodes = layers[k].nodes
      let width = k == 0 ? self.inputs : layers[k - 1].nodes
      if k < last || layers[k].activation != .linear {
        ck_multiply(Int64(count * nodes), &workspace.deltas[k], workspace.slopes[k])
      }
      let delta = workspace.deltas[k]
      if let gradient = parameterGradient {
        func addWeights(_ a: UnsafePointer<Double>) {
          cblas_dgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, Int32(width), Int32(nodes), Int32(count), 1, a, Int32(width),
            delta, Int32(nodes), 1, gradient + offsets[k], Int32(nodes))
        }
        if k == 0 { addWeights(inputs) } else { addWeights(workspace.values[k - 1]) }
        let bias = gradient + offsets[k] + nodes * width
        for row in 0..<count {
          for node in 0..<nodes { bias[node] += delta[row * nodes + node] }
        }
      }
      guard k > 0 || inputGradient != nil else { continue }
      func propagate(to target: UnsafeMutablePointer<Double>) {
        cblas_dgemm(
          CblasRowMajor, CblasNoTrans, CblasTrans, Int32(count), Int32(width), Int32(nodes), 1, delta, Int32(nodes),
          parameters + offsets[k], Int32(nodes), 0, target, Int32(width))
      }
      if k > 0 { propagate(to: &workspace.deltas[k - 1]) } else { propagate(to: inputGradient!) }
    }
  }
}
