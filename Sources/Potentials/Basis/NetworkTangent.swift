import CKernels
import COpenBLAS
import Optimization
import Structures

/// Working space for value and tangent planes of a batch: rows 0 ..< n are values, n ..< 2n tangents.
public struct TangentWorkspace {
  fileprivate var planes: [[Double]]
  fileprivate var slopes: [[Double]]
  fileprivate var curvatures: [[Double]]
  /// ż of each layer, before the activation.
  fileprivate var changes: [[Double]]

  public init(_ network: Network) {
    planes = network.layers.map { _ in [] }
    slopes = planes
    curvatures = planes
    changes = planes
    SingleThreadedBLAS.isSet
  }
}

extension Network {
  /// Adds ∂/∂W Σ_r (c_r y_r + d_r ẏ_r), where ẏ = ∇y · ẋ is the change of the output along the input's tangent.
  ///
  ///     ż = W ȧ,  ȧ' = g'(z) ż;  back: z̄ = g' ā + g'' ż ǡ,  ż̄ = g' ǡ,  W̄ += z̄ aᵀ + ż̄ ȧᵀ
  ///
  /// - Parameters:
  ///   - inputs: 2 × count rows: the inputs, then their tangents.
  ///   - weights: c.
  ///   - tangentWeights: d.
  ///   - inputGradient: receives ∂/∂x and ∂/∂ẋ (2 × count rows) of the same sum, where given.
  public func addTangentGradient(
    _ inputs: [Double], count: Int, parameters: UnsafePointer<Double>, weights: [Double],
    tangentWeights: [Double], into gradient: UnsafeMutablePointer<Double>,
    inputGradient: UnsafeMutablePointer<Double>? = nil, workspace: inout TangentWorkspace
  ) {
    forwardTangent(inputs, count: count, parameters: parameters, workspace: &workspace)
    var delta = weights + tangentWeights
    var end = parameterCount
    for k in layers.indices.reversed() {
      let nodes = layers[k].nodes
      let width = k == 0 ? self.inputs : layers[k - 1].nodes
      let start = end - nodes * (width + 1)
      end = start
      if layers[k].activation != .linear { pullBack(&delta, layer: k, count: count, workspace) }
      let below = k == 0 ? inputs : workspace.planes[k - 1]
      cblas_dgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, Int32(width), Int32(nodes), Int32(2 * count), 1, below,
        Int32(width), delta, Int32(nodes), 1, gradient + start, Int32(nodes))
      let bias = gradient + start + nodes * width
      for row in 0..<count {
        for node in 0..<nodes { bias[node] += delta[row * nodes + node] }
      }
      func propagate(to target: UnsafeMutablePointer<Double>) {
        cblas_dgemm(
          CblasRowMajor, CblasNoTrans, CblasTrans, Int32(2 * count), Int32(width), Int32(nodes), 1, delta,
          Int32(nodes), parameters + start, Int32(nodes), 0, target, Int32(width))
      }
      guard k > 0 else {
        if let inputGradient { propagate(to: inputGradient) }
        break
      }
      var next = [Double](repeating: 0, count: 2 * count * width)
      propagate(to: &next)
      delta = next
    }
  }

  private func forwardTangent(
    _ inputs: [Double], count: Int, parameters: UnsafePointer<Double>, workspace: inout TangentWorkspace
  ) {
    var start = 0
    var width = self.inputs
    for (k, layer) in layers.enumerated() {
      let nodes = layer.nodes
      let size = count * nodes
      var z = [Double](repeating: 0, count: 2 * size)
      let bias = parameters + start + nodes * width
      for row in 0..<count {
        for node in 0..<nodes { z[row * nodes + node] = bias[node] }
      }
      let below = k == 0 ? inputs : workspace.planes[k - 1]
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(2 * count), Int32(nodes), Int32(width), 1, below,
        Int32(width), parameters + start, Int32(nodes), 1, &z, Int32(nodes))
      workspace.changes[k] = Array(z[size...])
      workspace.slopes[k] = [Double](repeating: 0, count: size)
      workspace.curvatures[k] = workspace.slopes[k]
      ck_activate(
        Int64(layer.activation.code), Int64(size), &z, &workspace.slopes[k], &workspace.curvatures[k])
      z.withUnsafeMutableBufferPointer {
        ck_multiply(Int64(size), $0.baseAddress! + size, workspace.slopes[k])
      }
      workspace.planes[k] = z
      start += nodes * (width + 1)
      width = nodes
    }
  }

  /// From the adjoints of a layer's outputs to those of its inputs z and ż.
  private func pullBack(_ delta: inout [Double], layer: Int, count: Int, _ workspace: TangentWorkspace) {
    let size = count * layers[layer].nodes
    let slopes = workspace.slopes[layer]
    let curvatures = workspace.curvatures[layer]
    let changes = workspace.changes[layer]
    delta.withUnsafeMutableBufferPointer { delta in
      ck_pull_back(
        Int64(size), slopes, curvatures, changes, delta.baseAddress!, delta.baseAddress! + size)
    }
  }
}
