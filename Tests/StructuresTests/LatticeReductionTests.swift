import Foundation
import Structures
import TestSupport
import Testing

/// Random lattices: short ones at first, then skewed by whole combinations.
private func randomLattice(_ random: inout RandomSource, skew: Int) -> Lattice {
  func vector() -> SIMD3<Double> { [6 * random.uniform() - 3, 6 * random.uniform() - 3, 6 * random.uniform() - 3] }
  var lattice = Lattice(a: vector(), b: vector(), c: vector())
  while lattice.volume < 5 { lattice = Lattice(a: vector(), b: vector(), c: vector()) }
  func whole() -> Int { random.below(2 * skew + 1) - skew }
  let change = LatticeChange(a: [1, whole(), whole()], b: [0, 1, whole()], c: [0, 0, 1])
  return lattice.changed(by: change).changed(by: LatticeChange(a: [1, 0, 0], b: [whole(), 1, 0], c: [0, 0, 1]))
}

private func products(_ l: Lattice) -> [Double] {
  [dot(l.a, l.a), dot(l.b, l.b), dot(l.c, l.c), 2 * dot(l.b, l.c), 2 * dot(l.a, l.c), 2 * dot(l.a, l.b)]
}

struct LatticeReductionTests {
  @Test func minkowskiVectorsAreAsShortAsTheyCanBe() throws {
    var random = RandomSource(seed: 11)
    for k in 0..<300 {
      let lattice = randomLattice(&random, skew: k % 3 == 0 ? 1000 : 4)
      let change = lattice.minkowskiReduction()
      #expect(change.determinant == 1)
      let l = lattice.changed(by: change)
      let (a, b, c) = (length(l.a), length(l.b), length(l.c))
      let slack = 1e-6 * c
      #expect(a <= b + slack && b <= c + slack)
      for i in [-1.0, 0, 1] {
        #expect(length(l.b + i * l.a) >= b - slack)
        for j in [-1.0, 0, 1] { #expect(length(l.c + i * l.a + j * l.b) >= c - slack) }
      }
    }
  }

  @Test func niggliCellsFulfilTheConditions() throws {
    var random = RandomSource(seed: 12)
    for _ in 0..<300 {
      let lattice = randomLattice(&random, skew: 5)
      let change = lattice.niggliReduction()
      #expect(change.determinant == 1)
      let g = products(lattice.changed(by: change))
      let slack = 1e-6 * g[2]
      #expect(g[0] <= g[1] + slack && g[1] <= g[2] + slack)
      #expect(abs(g[3]) <= g[1] + slack && abs(g[4]) <= g[0] + slack && abs(g[5]) <= g[0] + slack)
      let positive = g[3...].allSatisfy { $0 > -slack }
      let negative = g[3...].allSatisfy { $0 < slack }
      #expect(positive || negative)
      if negative && !positive { #expect(g[0] + g[1] + g[3] + g[4] + g[5] >= -slack) }
    }
  }

  @Test func equalLatticesHaveOneNiggliCell() throws {
    let h = 2.1
    let fcc = Lattice(a: [0, h, h], b: [h, 0, h], c: [h, h, 0])
    let bcc = Lattice(a: [-h, h, h], b: [h, -h, h], c: [h, h, -h])
    var random = RandomSource(seed: 13)
    for lattice in [fcc, bcc, randomLattice(&random, skew: 2)] {
      let expected = products(lattice.changed(by: lattice.niggliReduction()))
      for _ in 0..<40 {
        func whole() -> Int { random.below(9) - 4 }
        let other = lattice.changed(
          by: LatticeChange(a: [1, whole(), whole()], b: [0, 1, whole()], c: [0, 0, 1])
        )
        .changed(by: LatticeChange(a: [1, 0, 0], b: [whole(), 1, 0], c: [whole(), whole(), 1]))
        let found = products(other.changed(by: other.niggliReduction()))
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(found) \(expected)")
      }
    }
  }

  @Test(.enabled(if: Peers.arePresent, "\(Peers.absence)")) func aseReducesToTheSameCells() throws {
    var random = RandomSource(seed: 14)
    let lattices = (0..<60).map { _ in randomLattice(&random, skew: 3) }
    let rows = lattices.map { l in [l.a, l.b, l.c].map { [$0.x, $0.y, $0.z] } }
    let script = """
      import sys, json, numpy as np
      from ase.build.tools import niggli_reduce_cell
      from ase.geometry.minkowski_reduction import minkowski_reduce
      for rows in json.loads(sys.argv[1]):
          for cell in (niggli_reduce_cell(np.array(rows))[0], minkowski_reduce(np.array(rows))[0]):
              g = cell @ cell.T
              print(g[0, 0], g[1, 1], g[2, 2], abs(2*g[1, 2]), abs(2*g[0, 2]), abs(2*g[0, 1]))
      """
    let json = String(decoding: try JSONSerialization.data(withJSONObject: rows), as: UTF8.self)
    let lines = try Peers.ask(script, arguments: [json]).split(separator: "\n")
    try #require(lines.count == 2 * lattices.count)
    for (k, lattice) in lattices.enumerated() {
      for (line, change) in [(2 * k, lattice.niggliReduction()), (2 * k + 1, lattice.minkowskiReduction())] {
        let theirs = lines[line].split(separator: " ").compactMap { Double($0) }
        let ours = products(lattice.changed(by: change)).map(abs)
        #expect(zip(ours, theirs).allSatisfy { abs($0 - $1) < 1e-6 }, "lattice \(k): \(ours) \(theirs)")
      }
    }
  }
}
