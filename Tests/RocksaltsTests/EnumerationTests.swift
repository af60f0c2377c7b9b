import Foundation
import Rocksalts
import Structures
import TestSupport
import Testing

private let reference = "reference/enumeration_counts.json"

/// Species by number, for counting alone.
private func species(_ count: Int) -> [Species] { (0..<count).map { .element(ChemicalElement.all[20 + $0]) } }

private func enumeration(
  _ parent: StandardParent, _ count: Int, ratio: [Double]? = nil, exchanged: Bool = false
) throws -> Enumeration {
  try Enumeration(
    parent: parent.parent(species: species(count)), limits: CompositionLimits(ratio: ratio),
    removesExchanged: exchanged)
}

/// What is listed, walking through all of it (which checks Burnside's count).
private func listed(_ enumeration: Enumeration, index: Int) throws -> Int {
  try enumeration.parts(index: index).reduce(0) { sum, part in
    var walk = enumeration.walk(part)
    var count = 0
    while true {
      let block = try walk.next()
      if block.isEmpty { return sum + count }
      count += block.count
    }
  }
}

@Suite(.enabled(if: SharedData.holds(reference), "../shared is not there"))
struct EnumerationCountTests {
  struct Case: Sendable, CustomStringConvertible {
    var key: String
    var parent: StandardParent
    var species: Int
    var exchanged = false
    var ratio: [Double]?
    var description: String { key }
  }

  static let cases: [Case] = [
    Case(key: "fcc_binary", parent: .fcc, species: 2), Case(key: "sc_binary", parent: .sc, species: 2),
    Case(key: "bcc_binary", parent: .bcc, species: 2), Case(key: "hcp_binary", parent: .hcp, species: 2),
    Case(key: "fcc_ternary", parent: .fcc, species: 3), Case(key: "fcc_quaternary", parent: .fcc, species: 4),
    Case(key: "fcc_binary_50_50", parent: .fcc, species: 2, ratio: [1, 1]),
    Case(key: "fcc_binary_part", parent: .fcc, species: 2, exchanged: true),
    Case(key: "sc_binary_part", parent: .sc, species: 2, exchanged: true),
    Case(key: "hcp_binary_part", parent: .hcp, species: 2, exchanged: true),
    Case(key: "fcc_ternary_part", parent: .fcc, species: 3, exchanged: true),
    Case(key: "rocksalt_restricted_binary", parent: .rocksalt, species: 2),
  ]

  @Test(arguments: cases) func countsOfTheReference(_ wanted: Case) throws {
    let table = try #require(try SharedData.json(reference)[wanted.key] as? [String: Any])
    #expect(!table.isEmpty)
    for (key, value) in table {
      let index = try #require(Int(key))
      let count = (value as? [String: Any])?["structures"] as? Int ?? value as? Int
      let enumeration = try enumeration(
        wanted.parent, wanted.species, ratio: wanted.ratio, exchanged: wanted.exchanged)
      #expect(try listed(enumeration, index: index) == count, "\(wanted.key) n = \(index)")
    }
  }

  @Test func fixedCompositionsOfTheReference() throws {
    let table = try #require(try SharedData.json(reference)["fcc_fixed_composition"] as? [String: Int])
    for (key, count) in table {
      let numbers = key.split { !$0.isNumber }.compactMap { Int($0) }
      let amounts = numbers.dropFirst().map(Double.init)
      let enumeration = try enumeration(.fcc, amounts.count, ratio: amounts)
      #expect(try listed(enumeration, index: numbers[0]) == count, "\(key)")
    }
    #expect(table.count == 5)
  }

  @Test func orbitsWithSuperperiodicOnes() throws {
    let json = try SharedData.json(reference)
    let table = try #require(json["fcc_orbits_fixed_composition_superperiodic_included"] as? [String: Int])
    for (key, count) in table {
      let numbers = key.split { !$0.isNumber }.compactMap { Int($0) }
      let amounts = key.hasSuffix("9:1x9") ? [9] + [Double](repeating: 1, count: 9) : numbers[1...].map(Double.init)
      let enumeration = try enumeration(.fcc, amounts.count, ratio: amounts)
      let burnside = try enumeration.parts(index: numbers[0]).reduce(0) { $0 + $1.burnside }
      #expect(burnside == UInt128(count), "\(key)")
    }
    #expect(table.count == 13)
  }

  @Test func supercellsOfTheReference() throws {
    let table = try #require(
      try SharedData.json(reference)["fcc_supercells_total_inequivalent"] as? [String: [Int]])
    let parent = try StandardParent.fcc.parent(species: species(2))
    let rotations = Array(Set(parent.operations.map(\.rotation)))
    #expect(rotations.count == 48)
    for (key, counts) in table {
      let n = try #require(Int(key))
      #expect(HermiteNormalForm.all(determinant: n).count == counts[0])
      #expect(HermiteNormalForm.inequivalent(determinant: n, rotations: rotations).count == counts[1])
    }
    #expect(table.count == 18)
  }
}
