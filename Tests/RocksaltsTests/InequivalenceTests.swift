import Structures
import Testing

@testable import Rocksalts

/// Listed structures compared pair by pair on the cubic grid, without supercells, normal forms or permutations.
struct InequivalenceTests {
  /// What sits at each point of the grid of half cube edges, which every superlattice of index n repeats after 2n steps.
  private struct Grid: Hashable {
    var size: Int
    var labels: [UInt8]

    init(_ structure: Structure, index: Int) throws {
      size = 2 * index
      labels = [UInt8](repeating: 0, count: size * size * size)
      let lattice = try #require(structure.lattice)
      var held: [SIMD3<Int>: UInt8] = [:]
      func key(_ p: SIMD3<Double>) -> SIMD3<Int> {
        let f = wrapped(lattice.fractional(p)) * Double(60 * size)
        let whole = SIMD3(Int(f.x.rounded()), Int(f.y.rounded()), Int(f.z.rounded()))
        return [whole.x % (60 * size), whole.y % (60 * size), whole.z % (60 * size)]
      }
      for (element, position) in zip(structure.elements, structure.positions) {
        held[key(position)] = UInt8(element.atomicNumber)
      }
      for x in 0..<size {
        for y in 0..<size {
          for z in 0..<size where (x + y + z) % 2 == 0 {
            labels[(x * size + y) * size + z] = try #require(held[key([Double(x), Double(y), Double(z)])])
          }
        }
      }
    }

    func label(_ p: SIMD3<Int>) -> UInt8 {
      labels[(p.x.wrapped(size) * size + p.y.wrapped(size)) * size + p.z.wrapped(size)]
    }

    /// True where a cubic rotation (or reflection) and a translation take this into the other.
    func isEquivalent(to other: Grid) -> Bool {
      var points: [SIMD3<Int>] = []
      for x in 0..<size {
        for y in 0..<size {
          for z in 0..<size where (x + y + z) % 2 == 0 { points.append(SIMD3(x, y, z)) }
        }
      }
      for axes in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        for signs in 0..<8 {
          func rotated(_ p: SIMD3<Int>) -> SIMD3<Int> {
            var q = SIMD3<Int>.zero
            for k in 0..<3 { q[k] = (signs >> k) & 1 == 0 ? p[axes[k]] : -p[axes[k]] }
            return q
          }
          let fits = points.contains { shift in
            points.allSatisfy { label(rotated($0) &+ shift) == other.label($0) }
          }
          if fits { return true }
        }
      }
      return false
    }
  }

  private func structures(_ species: [String], index: Int) throws -> [(structure: Structure, totals: [Int])] {
    let parent = try StandardParent.fcc.parent(species: species.compactMap { Species($0) })
    let enumeration = try Enumeration(parent: parent)
    var result: [(structure: Structure, totals: [Int])] = []
    for part in try enumeration.parts(index: index) {
      let layout = SupercellLayout(part.supercell, of: parent)
      var walk = enumeration.walk(part)
      while case let block = try walk.next(), !block.isEmpty {
        result += block.map { (layout.structure($0.species, scale: 2), part.composition.totals(parent)) }
      }
    }
    return result
  }

  @Test(arguments: [2, 3, 4, 5, 6]) func binaryStructuresAreInequivalent(index: Int) throws {
    let all = try structures(["Li", "Mn"], index: index)
    let grids = try all.map { try Grid($0.structure, index: index) }
    for i in grids.indices {
      for j in 0..<i where all[i].totals == all[j].totals {
        #expect(!grids[i].isEquivalent(to: grids[j]), "\(i) and \(j) of index \(index)")
      }
    }
  }

  @Test func theComparisonKnowsEquivalentOnes() throws {
    let all = try structures(["Li", "Mn"], index: 4)
    for item in all {
      var other = item.structure
      // A rotation by 90° about z and a shift.
      other.positions = other.positions.map { [-$0.y + 1, $0.x + 1, $0.z] }
      let l = try #require(other.lattice)
      func turned(_ v: SIMD3<Double>) -> SIMD3<Double> { [-v.y, v.x, v.z] }
      other.lattice = Lattice(a: turned(l.a), b: turned(l.b), c: turned(l.c))
      #expect(try Grid(item.structure, index: 4).isEquivalent(to: Grid(other, index: 4)))
    }
  }

  @Test func stoichiometryIsTheCompositions() throws {
    let lithium = ChemicalElement("Li")!
    for (structure, totals) in try structures(["Li", "Mn", "Ti"], index: 6) {
      #expect(structure.count == 6)
      #expect(structure.composition[lithium] == totals[0])
      #expect(structure.composition[ChemicalElement("Mn")!] == totals[1])
      #expect(structure.composition[ChemicalElement("Ti")!] == totals[2])
    }
  }

  @Test func rocksaltsHaveTheirOxygen() throws {
    let parent = try StandardParent.rocksalt.parent(species: [Species("Li")!, Species("Mn")!])
    let enumeration = try Enumeration(parent: parent, limits: CompositionLimits(ratio: [1, 1]))
    for part in try enumeration.parts(index: 4) {
      var walk = enumeration.walk(part)
      let layout = SupercellLayout(part.supercell, of: parent)
      for ordering in try walk.next() {
        let structure = layout.structure(ordering.species, scale: 4.2)
        #expect(structure.formula == "Li2Mn2O4")
        let cube: Double = 4.2 * 4.2 * 4.2
        let volume = try #require(structure.volume)
        #expect(abs(volume - cube) < 1e-9)
        let search = try NeighborSearch(
          frames: [structure], elements: structure.composition.keys.sorted(), cutoff: 2.2)
        let list = try search.list(of: 0..<8)
        // Six neighbours of the other kind, half a cube edge away.
        #expect(list.indices.count == 48)
        #expect(list.vectors.allSatisfy { abs(length($0) - 2.1) < 1e-9 })
      }
    }
  }
}
