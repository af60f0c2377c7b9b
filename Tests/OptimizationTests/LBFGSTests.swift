import Foundation
import Testing

@testable import Optimization

private func minimise(
  _ optimiser: inout LBFGS, limit: Int, _ f: ([Double]) -> (Double, [Double])
) -> (status: LBFGS.Status, calls: Int) {
  for call in 1...limit {
    let (value, gradient) = f(optimiser.point)
    let status = optimiser.advance(value: value, gradient: gradient)
    if status != .evaluate { return (status, call) }
  }
  return (.evaluate, limit)
}

private func rosenbrock(_ x: [Double]) -> (Double, [Double]) {
  let a = 1 - x[0]
  let b = x[1] - x[0] * x[0]
  return (a * a + 100 * b * b, [-2 * a - 400 * x[0] * b, 200 * b])
}

@Suite struct LBFGSTests {
  /// Reference numbers by numpy, equal to the dense formula.
  @Test func twoLoopRecursion() {
    let s = [[0.5, -0.2, 0.1], [0.1, 0.3, -0.4]]
    let y = [[1.2, -0.1, 0.3], [0.4, 0.9, -0.7]]
    let pairs = zip(s, y).map { (s: $0, y: $1, sy: zip($0, $1).map(*).reduce(0, +)) }
    let d = LBFGS.direction(gradient: [0.7, -1.1, 0.4], pairs: pairs)
    let expected = [-0.40653473200910445, 0.5128537072346117, -0.1729222232749876]
    for (a, b) in zip(d, expected) { #expect(abs(a - b) < 1e-15) }
  }

  /// scipy's L-BFGS-B takes 46 calls from the same start.
  @Test func rosenbrockValley() {
    var optimiser = LBFGS(start: [-1.2, 1])
    let (status, calls) = minimise(&optimiser, limit: 200, rosenbrock)
    #expect(status == .converged)
    #expect(calls <= 80)
    #expect(optimiser.value < 1e-15)
    #expect(abs(optimiser.accepted[0] - 1) < 1e-6 && abs(optimiser.accepted[1] - 1) < 1e-6)
  }

  @Test func quadraticOfFiveDimensions() {
    let scales = [1.0, 3, 10, 30, 100]
    var optimiser = LBFGS(start: [1, 1, 1, 1, 1])
    let (status, calls) = minimise(&optimiser, limit: 200) { x in
      let gradient: [Double] = x.indices.map { scales[$0] * x[$0] }
      let value: Double = x.indices.reduce(0) { $0 + 0.5 * gradient[$1] * x[$1] }
      return (value, gradient)
    }
    #expect(status == .converged)
    #expect(calls < 60)
    #expect(optimiser.accepted.allSatisfy { abs($0) < 1e-6 })
  }

  /// Taken out and put back after every single call, the run is the same to the last bit.
  @Test func stateCarriesEverything() throws {
    var whole = LBFGS(start: [-1.2, 1])
    var broken = whole
    for _ in 0..<60 {
      let (value, gradient) = rosenbrock(whole.point)
      let status = whole.advance(value: value, gradient: gradient)
      broken = try #require(LBFGS(state: broken.state))
      #expect(broken.advance(value: value, gradient: gradient) == status)
      #expect(broken.point.map(\.bitPattern) == whole.point.map(\.bitPattern))
      if status != .evaluate { break }
    }
    #expect(LBFGS(state: ["point": [1]]) == nil)
  }

  @Test func refusesToClimb() {
    // The gradient has the wrong sign: no step can lower the value.
    var optimiser = LBFGS(start: [1])
    let (status, _) = minimise(&optimiser, limit: 500) { x in (x[0] * x[0], [-2 * x[0]]) }
    #expect(status == .lineSearchFailed)
  }

  @Test func surfaceWithNotANumberBeyondAWall() {
    var optimiser = LBFGS(start: [0.9])
    let (status, _) = minimise(&optimiser, limit: 200) { x in
      (x[0] - Foundation.log(x[0]), [1 - 1 / x[0]])
    }
    #expect(status == .converged)
    #expect(abs(optimiser.accepted[0] - 1) < 1e-5)
  }
}
