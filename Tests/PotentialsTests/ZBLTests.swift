import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

@Suite struct ZBLTests {
  private let elements = ["Li", "O", "Ti"].compactMap { ChemicalElement($0) }

  private func dimer(_ distance: Double, _ zbl: ZBL) throws -> Prediction {
    let frame = Structure(
      lattice: nil, elements: [elements[1], elements[2]], positions: [.zero, [0, 0, distance]])
    return try Predictor(PriorPotential(elements: elements, zbl: zbl)).predict([frame])[0]
  }

  /// O–Ti at 0.6 Å by hand: Z Z e²/(4πε₀ r) φ(r/a), a = 0.46850/(8^0.23 + 22^0.23) Å, plus the constant of the switch.
  @Test func valueInsideTheInnerRadius() throws {
    let zbl = try ZBL(inner: 1, outer: 2)
    let a = 0.46850 / (pow(8.0, 0.23) + pow(22.0, 0.23))
    func bare(_ r: Double) -> Double {
      let x = r / a
      let screening =
        0.18175 * exp(-3.19980 * x) + 0.50986 * exp(-0.94229 * x) + 0.28022 * exp(-0.40290 * x)
        + 0.02817 * exp(-0.20162 * x)
      return 14.399645478425668 * 8 * 22 / r * screening
    }
    let difference = try dimer(0.6, zbl).energy - dimer(0.8, zbl).energy
    #expect(abs(difference - (bare(0.6) - bare(0.8))) < 1e-9)
    #expect(try dimer(0.6, zbl).energy < bare(0.6))
    #expect(try dimer(0.6, zbl).energy > 0.9 * bare(0.6))
  }

  @Test func vanishesSmoothlyAtTheOuterRadius() throws {
    let zbl = try ZBL(inner: 0.8, outer: 1.6)
    let near = try dimer(1.6 - 1e-4, zbl)
    #expect(abs(near.energy) < 1e-9)
    #expect(length(near.forces[0]) < 1e-5)
    #expect(try dimer(1.7, zbl).energy == 0)
  }

  @Test(arguments: [0.55, 0.8, 1.0, 1.3, 1.55]) func forcesAreTheGradient(distance: Double) throws {
    let zbl = try ZBL(inner: 0.8, outer: 1.6)
    let h = 1e-5
    let slope = (try dimer(distance + h, zbl).energy - dimer(distance - h, zbl).energy) / (2 * h)
    let force = try dimer(distance, zbl).forces[1].z
    #expect(abs(-slope - force) < 1e-6 * max(1, abs(force)))
  }

  @Test func refusesRadiiInTheWrongOrder() {
    let error = #expect(throws: InputError.self) { try ZBL(inner: 2, outer: 1) }
    #expect(error?.message == "ZBL needs 0 < inner < outer, found inner 2.0 and outer 1.0 Å")
  }
}
