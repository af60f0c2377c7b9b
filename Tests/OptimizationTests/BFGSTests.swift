import Testing

@testable import Optimization

/// f of a quadratic ½ xᵀ A x with a gradient that couples neighbours.
private func quadratic(_ x: [Double]) -> (Double, [Double]) {
  let scales = [1.0, 30, 1000]
  var gradient = x.indices.map { scales[$0] * x[$0] }
  gradient[0] += 0.5 * x[1]
  gradient[1] += 0.5 * x[0]
  return (x.indices.reduce(0) { $0 + 0.5 * gradient[$1] * x[$1] }, gradient)
}

private func system() -> DampedSystem {
  var system = DampedSystem(size: 3)
  // The lower triangle of A.
  system.matrix = [1, 0, 0, 0.5, 30, 0, 0, 0, 1000]
  return system
}

private func rosenbrock(_ x: [Double]) -> (Double, [Double]) {
  let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
  return (1 + a * a + 100 * b * b, [-2 * a - 400 * x[0] * b, 200 * b])
}

private func minimise(_ optimiser: inout BFGS, limit: Int, _ f: ([Double]) -> (Double, [Double])) -> Int {
  for call in 1...limit {
    let (value, gradient) = f(optimiser.point)
    if optimiser.advance(value: value, gradient: gradient) != .evaluate { return call }
  }
  return limit
}

@Suite struct BFGSTests {
  @Test func rosenbrockValley() {
    var optimiser = BFGS(start: [-1.2, 1])
    #expect(minimise(&optimiser, limit: 200, rosenbrock) < 80)
    #expect(abs(optimiser.accepted[0] - 1) < 1e-6 && abs(optimiser.accepted[1] - 1) < 1e-6)
  }

  /// (A + δ I)⁻¹ times A + δ I is the unit matrix, and both triangles are there.
  @Test func inverseOfADampedSystem() throws {
    let inverse = try #require(system().factor(damping: [0.1, 0.2, 0.3])).inverse()
    let rows = [[1.1, 0.5, 0], [0.5, 30.2, 0], [0, 0, 1000.3]]
    for i in 0..<3 {
      for j in 0..<3 {
        let sum = (0..<3).reduce(0) { $0 + inverse[3 * i + $1] * rows[$1][j] }
        #expect(abs(sum - (i == j ? 1 : 0)) < 1e-13)
        #expect(inverse[3 * i + j] == inverse[3 * j + i])
      }
    }
  }

  /// From the inverse of its own second derivatives a quadratic takes one step, from the unit matrix many.
  @Test func firstMatrixIsUsed() throws {
    let inverse = try #require(system().factor(damping: [0, 0, 0])).inverse()
    var known = BFGS(start: [1, 1, 1])
    known.begin(at: [1, -1, 2], inverse: inverse)
    _ = minimise(&known, limit: 2, quadratic)
    #expect(known.accepted.allSatisfy { abs($0) < 1e-12 })
    var unknown = BFGS(start: [1, -1, 2])
    _ = minimise(&unknown, limit: 2, quadratic)
    #expect(unknown.accepted.contains { abs($0) > 1e-3 })
  }

  /// A function that is below 0 at its minimum ends there, too.
  @Test func endsBelowZero() {
    var optimiser = BFGS(start: [1, -1, 2])
    let calls = minimise(&optimiser, limit: 200) { x in
      let (value, gradient) = quadratic(x)
      return (value - 3, gradient)
    }
    #expect(calls < 100)
    var flat = BFGS(start: [1])
    #expect(minimise(&flat, limit: 5) { _ in (-1, [0]) } == 1)
  }

  /// Taken out and put back after every call, the run is the same to the last bit.
  @Test func stateCarriesEverything() throws {
    var whole = BFGS(start: [-1.2, 1])
    whole.begin(at: [-1, 1.5], inverse: [0.02, 0.001, 0.001, 0.01])
    var broken = try #require(BFGS(state: whole.state))
    for _ in 0..<40 {
      let (value, gradient) = rosenbrock(whole.point)
      let status = whole.advance(value: value, gradient: gradient)
      #expect(broken.advance(value: value, gradient: gradient) == status)
      broken = try #require(BFGS(state: broken.state))
      #expect(broken.point.map(\.bitPattern) == whole.point.map(\.bitPattern))
      if status != .evaluate { break }
    }
    #expect(BFGS(state: ["point": [1]]) == nil)
  }
}
