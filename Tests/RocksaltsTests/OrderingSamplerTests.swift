import Glibc
import Rocksalts
import Structures
import Testing

struct OrderingSamplerTests {
  private struct Key: Hashable {
    var supercell: Int
    var species: [UInt8]
  }

  /// χ² that random counts exceed once in ten thousand times (Wilson and Hilferty 1931).
  private func largestChiSquare(freedom: Int) -> Double {
    let f = Double(freedom)
    return f * pow(1 - 2 / (9 * f) + 3.719 * (2 / (9 * f)).squareRoot(), 3)
  }

  private func listed(_ enumeration: Enumeration, _ index: Int) throws -> [Key] {
    try enumeration.parts(index: index).flatMap { part in
      var walk = enumeration.walk(part)
      return try walk.next(100_000).map { Key(supercell: part.supercell.number, species: $0.species) }
    }
  }

  @Test(arguments: [[4.0, 4], [3, 3], [3, 2, 1], [4, 2, 2]]) func everyOrderingIsDrawnAlike(ratio: [Double]) throws
  {
    let index = Int(ratio.reduce(0, +))
    let species = (0..<ratio.count).map { Species.element(ChemicalElement.all[20 + $0]) }
    let parent = try StandardParent.fcc.parent(species: species)
    let all = try listed(Enumeration(parent: parent, limits: CompositionLimits(ratio: ratio)), index)
    let sampler = try OrderingSampler(
      SiteComposition(counts: [ratio.map { Int($0) }]), supercells: Supercell.all(index: index, of: parent),
      of: parent)
    var random = RandomSource(seed: 11)
    var counts = Dictionary(uniqueKeysWithValues: all.map { ($0, 0) })
    let draws = 100 * all.count
    for _ in 0..<draws {
      let (supercell, ordering) = try #require(sampler.next(&random))
      let key = Key(supercell: supercell, species: ordering.species)
      // Anything that the enumeration does not list is an error of one of the two.
      let known = try #require(counts[key])
      counts[key] = known + 1
    }
    let chiSquare = counts.values.reduce(0) { $0 + pow(Double($1) - 100, 2) / 100 }
    #expect(chiSquare < largestChiSquare(freedom: all.count - 1), "\(ratio): χ² \(chiSquare) of \(all.count)")
    #expect(chiSquare > 0.3 * Double(all.count))
  }

  @Test func twoSublatticesAreDrawnAlike() throws {
    let parent = try StandardParent.rocksalt.parent(
      species: [Species("Li")!, Species("Mn")!], anions: [Species("O")!, Species("F")!])
    let composition = SiteComposition(counts: [[2, 2], [3, 1]])
    let enumeration = try Enumeration(parent: parent)
    var all: [Key] = []
    for part in try enumeration.parts(index: 4) where part.composition == composition {
      var walk = enumeration.walk(part)
      all += try walk.next(100_000).map { Key(supercell: part.supercell.number, species: $0.species) }
    }
    let sampler = try OrderingSampler(composition, supercells: Supercell.all(index: 4, of: parent), of: parent)
    var random = RandomSource(seed: 3)
    var counts = Dictionary(uniqueKeysWithValues: all.map { ($0, 0) })
    for _ in 0..<100 * all.count {
      let (supercell, ordering) = try #require(sampler.next(&random))
      let key = Key(supercell: supercell, species: ordering.species)
      counts[key] = try #require(counts[key]) + 1
    }
    let chiSquare = counts.values.reduce(0) { $0 + pow(Double($1) - 100, 2) / 100 }
    #expect(chiSquare < largestChiSquare(freedom: all.count - 1))
  }

  @Test func nineMetalsAtEighteenSites() throws {
    let metals = ["Li", "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu"].compactMap { Species($0) }
    let parent = try StandardParent.rocksalt.parent(species: metals)
    let limits = CompositionLimits(ratio: [9] + [Double](repeating: 1, count: 9))
    let draws = try DistinctSample.draw(
      Enumeration(parent: parent, limits: limits), indices: [18], count: 200, seed: 4)
    #expect(draws.count == 200)
    #expect(Set(draws.map { Key(supercell: $0.supercell.number, species: $0.ordering.species) }).count == 200)
    #expect(Set(draws.map(\.supercell.number)).count > 20)
    for draw in draws { #expect(draw.ordering.species.count { $0 == 0 } == 9) }
  }

  @Test func aSampleOfEverythingIsEverything() throws {
    let parent = try StandardParent.fcc.parent(species: [Species("Li")!, Species("Mn")!])
    let enumeration = try Enumeration(parent: parent)
    let draws = try DistinctSample.draw(enumeration, indices: [4], count: 19, seed: 1)
    #expect(Set(draws.map { Key(supercell: $0.supercell.number, species: $0.ordering.species) }).count == 19)
    #expect(throws: InputError.self) {
      try DistinctSample.draw(enumeration, indices: [4], count: 20, seed: 1)
    }
  }
}
