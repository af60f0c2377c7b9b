import CKernels
import Foundation
import Structures
import Testing

@testable import Potentials

@Suite struct NetworkTests {
  /// The kernel against libm, over the range where tanh changes and beyond; relative error.
  @Test func activationsEqualTheirFormulas() {
    let points = (0...40_000).map { -25 + 50 * Double($0) / 40_000 } + [1e-300, -1e-12, 1e-9, 0, 700, -700]
    let formulas: [(Network.Activation, (Double) -> Double, (Double) -> Double)] = [
      (.linear, { $0 }, { _ in 1 }),
      (.tanh, { tanh($0) }, { 1 - tanh($0) * tanh($0) }),
      (.sigmoid, { 0.5 + 0.5 * tanh($0 / 2) }, { 0.25 * (1 - tanh($0 / 2) * tanh($0 / 2)) }),
      (.mtanh, { 1.7159 * tanh(2 * $0 / 3) }, { 1.7159 * 2 / 3 * (1 - tanh(2 * $0 / 3) * tanh(2 * $0 / 3)) }),
      (
        .twist, { 1.7159 * tanh(2 * $0 / 3) + 0.1 * $0 },
        { 1.7159 * 2 / 3 * (1 - tanh(2 * $0 / 3) * tanh(2 * $0 / 3)) + 0.1 }
      ),
    ]
    for (activation, value, slope) in formulas {
      var values = points
      var slopes = points
      ck_activate(Int64(activation.code), Int64(points.count), &values, &slopes, nil)
      // 1/(1 + e^{−z}) is had from tanh, exact to rounding of 1 rather than of itself.
      let floor = activation == .sigmoid ? 1 : 1e-300
      let worst = points.indices.map { abs(values[$0] - value(points[$0])) / max(floor, abs(value(points[$0]))) }
        .max()!
      let worstSlope = points.indices.map { abs(slopes[$0] - slope(points[$0])) }.max()!
      #expect(worst < 1e-15)
      #expect(worstSlope < 2e-15)
    }
  }

  @Test func notANumberStaysOne() {
    var values = [Double.nan, .infinity, -.infinity]
    ck_activate(Int64(Network.Activation.tanh.code), 3, &values, nil, nil)
    #expect(values[0].isNaN && values[1] == 1 && values[2] == -1)
  }

  /// A batch through BLAS against the formula, one row at a time.
  @Test func forwardEqualsTheFormula() {
    let network = Network(
      inputs: 3, hidden: [.init(nodes: 4, activation: .tanh), .init(nodes: 2, activation: .sigmoid)])
    var random = RandomSource(seed: 1)
    let parameters = network.randomParameters(using: &random)
    #expect(parameters.count == network.parameterCount && network.parameterCount == 4 * 4 + 2 * 5 + 3)
    let rows = 7
    let inputs = (0..<rows * 3).map { _ in random.uniform() - 0.5 }
    var workspace = NetworkWorkspace(network)
    network.forward(inputs, count: rows, parameters: parameters, workspace: &workspace)
    for row in 0..<rows {
      var a = Array(inputs[row * 3..<row * 3 + 3])
      var at = 0
      for layer in network.layers {
        var next: [Double] = []
        for node in 0..<layer.nodes {
          var z = parameters[at + layer.nodes * a.count + node]
          for k in a.indices { z += parameters[at + k * layer.nodes + node] * a[k] }
          switch layer.activation {
          case .tanh: next.append(tanh(z))
          case .sigmoid: next.append(1 / (1 + exp(-z)))
          default: next.append(z)
          }
        }
        at += layer.nodes * (a.count + 1)
        a = next
      }
      #expect(abs(workspace.output(row) - a[0]) < 1e-14)
    }
  }

  @Test func initialParametersHaveAenetsSpread() {
    let network = Network(inputs: 44, hidden: [.init(nodes: 400, activation: .tanh)])
    var random = RandomSource(seed: 3)
    let first = network.randomParameters(using: &random).prefix(400 * 45)
    let mean = first.reduce(0, +) / Double(first.count)
    let variance = first.map { $0 * $0 }.reduce(0, +) / Double(first.count)
    #expect(abs(mean) < 0.005)
    #expect(abs(variance.squareRoot() - 1 / 45.0.squareRoot()) < 0.002)
  }
}
