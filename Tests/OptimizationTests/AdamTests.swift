import Optimization
import Testing

@Suite struct AdamTests {
  /// PyTorch's trajectory on p0² p1 + 3 p2² + p1² from (1, −2, 0.5), lr 0.0049.
  @Test func trajectory() {
    var adam = Adam(start: [1, -2, 0.5], averageDecay: 0.99)
    let expected = [
      [1.00489999998775, -1.9951000000163333, 0.4951000000163333],
      [1.0098003073492592, -1.99020086462256, 0.4902013172616341],
      [1.0147011213212873, -1.985303178838584, 0.4853048443532331],
    ]
    for row in expected {
      let p = adam.parameters
      adam.step(gradient: [2 * p[0] * p[1], p[0] * p[0] + 2 * p[1], 6 * p[2]], learningRate: 0.0049)
      for (a, b) in zip(adam.parameters, row) { #expect(abs(a - b) < 1e-12) }
    }
  }

  /// d = 2/11 and 3/12 for the first two steps.
  @Test func average() {
    var adam = Adam(start: [0], averageDecay: 0.99)
    adam.step(gradient: [-1], learningRate: 1)
    let first = adam.parameters[0]
    #expect(abs(adam.averaged[0] - 9 / 11.0 * first) < 1e-15)
    adam.step(gradient: [-1], learningRate: 1)
    #expect(abs(adam.averaged[0] - (0.25 * 9 / 11.0 * first + 0.75 * adam.parameters[0])) < 1e-15)
  }

  /// Decoupled: without a gradient the parameters shrink by 1 − lr λ.
  @Test func weightDecay() {
    var adam = Adam(start: [2], averageDecay: 0.9)
    adam.step(gradient: [0], learningRate: 0.1, weightDecay: 0.5)
    #expect(abs(adam.parameters[0] - 1.9) < 1e-15)
  }

  @Test func stateCarriesEverything() {
    var whole = Adam(start: [1, 2], averageDecay: 0.9)
    for k in 0..<5 { whole.step(gradient: [Double(k), 1], learningRate: 0.1) }
    var restored = Adam(start: [0, 0], averageDecay: 0.9)
    let isRestored = restored.restore(whole.state)
    #expect(isRestored)
    whole.step(gradient: [0.3, -1], learningRate: 0.1)
    restored.step(gradient: [0.3, -1], learningRate: 0.1)
    #expect(restored.parameters == whole.parameters && restored.averaged == whole.averaged)
    let isDamagedRefused = !restored.restore(["parameters": [1]])
    #expect(isDamagedRefused)
  }
}
