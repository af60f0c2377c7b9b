import Structures
import Testing

@testable import Simulations

private func composition(_ lithium: Int, _ metals: Int, _ oxygen: Int, metal: String = "Mn") -> [ChemicalElement:
  Int]
{
  [ChemicalElement("Li")!: lithium, ChemicalElement(metal)!: metals, ChemicalElement("O")!: oxygen]
    .filter { $0.value > 0 }
}

private func state(
  _ lithium: Int, _ metals: Int, _ oxygen: Int, _ energy: Double, frame: EnergyFrame = .total
) -> LithiationState {
  LithiationState(composition: composition(lithium, metals, oxygen), energy: energy, frame: frame)
}

private func message(_ body: () throws -> Void) -> String {
  do { try body() } catch { return "\(error)" }
  return ""
}

@Suite struct AverageVoltageTests {
  @Test(arguments: [1, 2, 8]) func theEquationWhateverTheCell(copies: Int) throws {
    let n = Double(copies)
    let voltage = try AverageVoltage(
      lithiated: state(copies, copies, 2 * copies, -24 * n), delithiated: state(0, copies, 2 * copies, -18.5 * n),
      lithium: -1.9)
    #expect(abs(voltage.volts - 3.6) < 1e-12)
    #expect(voltage.lithiated == 1 && voltage.delithiated == 0)
  }

  /// A primitive cell against a conventional one of eight formula units.
  @Test func cellsOfDifferentSizeAreCountedByTheirMetals() throws {
    let voltage = try AverageVoltage(
      lithiated: state(1, 1, 2, -24), delithiated: state(0, 8, 16, -148), lithium: -1.9)
    #expect(abs(voltage.volts - 3.6) < 1e-12)
  }

  @Test func differentHostsAreRefused() {
    let manganese = state(4, 4, 8, -96)
    let iron = LithiationState(composition: composition(0, 4, 8, metal: "Fe"), energy: -74)
    #expect(
      message { _ = try AverageVoltage(lithiated: manganese, delithiated: iron, lithium: -1.9) }
        .hasPrefix("the hosts differ: Mn4O8 and Fe4O8"))
    let missing = state(0, 4, 7, -74)
    #expect(
      message { _ = try AverageVoltage(lithiated: manganese, delithiated: missing, lithium: -1.9) }
        .hasPrefix("the hosts differ: Mn4O8 and Mn4O7"))
    #expect(
      message {
        _ = try AverageVoltage(lithiated: state(0, 1, 2, -18), delithiated: state(1, 1, 2, -24), lithium: -1.9)
      }
      .contains("holds 0.0 Li for each formula unit, the delithiated one 1.0"))
    #expect(
      message {
        _ = try AverageVoltage(lithiated: state(1, 1, 2, .nan), delithiated: state(0, 1, 2, -18), lithium: 0)
      }
      .contains("not a finite number"))
  }

  /// Cohesive energies beside the total energy of lithium give 3.30 V in place of 3.60: they are refused.
  @Test func mixedFramesOfEnergyAreFound() throws {
    let metals = 2.7  // −Σ E of the free atoms of the host, the same on both sides
    let (rich, poor) = (-24.0 + 0.3 + metals, -18.5 + metals)
    let blind = try AverageVoltage(
      lithiated: state(1, 1, 2, rich), delithiated: state(0, 1, 2, poor), lithium: -1.9)
    #expect(abs(blind.volts - 3.3) < 1e-12)
    let said = message {
      _ = try AverageVoltage(
        lithiated: state(1, 1, 2, rich, frame: .cohesive), delithiated: state(0, 1, 2, -18.5), lithium: -1.9)
    }
    #expect(said.hasPrefix("energies of different frames: cohesive and total"))
    let both = message {
      _ = try AverageVoltage(
        lithiated: state(1, 1, 2, rich, frame: .cohesive), delithiated: state(0, 1, 2, poor, frame: .cohesive),
        lithium: -1.9)
    }
    #expect(both.hasPrefix("energies of different frames: cohesive and cohesive, beside total energies of lithium"))
    let atoms: [ChemicalElement: Double] = [
      ChemicalElement("Li")!: -0.3, ChemicalElement("Mn")!: -1.7, ChemicalElement("O")!: -0.5,
    ]
    let mended = try AverageVoltage(
      lithiated: state(1, 1, 2, rich, frame: .cohesive).asTotal(addingAtoms: atoms),
      delithiated: state(0, 1, 2, poor, frame: .cohesive).asTotal(addingAtoms: atoms), lithium: -1.9)
    #expect(abs(mended.volts - 3.6) < 1e-12)
    #expect(throws: InputError.self) {
      try state(1, 1, 2, rich, frame: .cohesive).asTotal(addingAtoms: [ChemicalElement("Li")!: -0.3])
    }
  }

  @Test func capacityAndEnergyDensity() {
    let capacity = Capacity.gravimetric(ions: 1, mass: 97.873)
    #expect(abs(capacity - 273.84) < 0.005)
    #expect(abs(Capacity.energyDensity(volts: 3.9, capacity: capacity) - 3.9 * capacity) < 1e-12)
    #expect(abs(Capacity.milliampereHoursPerMole - 96485.33212 / 3.6) < 1e-3)
  }
}

@Suite struct VoltageProfileTests {
  @Test func anIntermediateContentOnTheHullMakesTwoPlateaus() throws {
    let profile = try VoltageProfile(
      [state(0, 2, 4, -37), state(1, 2, 4, -42.8), state(2, 2, 4, -48)], lithium: -1.9)
    #expect(profile.plateaus.count == 2)
    #expect(abs(profile.plateaus[0].volts - 3.9) < 1e-12 && abs(profile.plateaus[1].volts - 3.3) < 1e-12)
    #expect(profile.plateaus.map(\.from) == [0, 0.5] && profile.plateaus.map(\.to) == [0.5, 1])
    #expect(abs(profile.average - 3.6) < 1e-12)
    #expect(abs(profile.points[1].formationEnergy + 0.15) < 1e-12 && profile.points[1].isStable)
  }

  @Test func aContentAboveTheHullIsMarked() throws {
    let profile = try VoltageProfile(
      [state(0, 2, 4, -37), state(1, 2, 4, -42.4), state(2, 2, 4, -48)], lithium: -1.9)
    #expect(profile.plateaus.count == 1)
    #expect(abs(profile.plateaus[0].volts - 3.6) < 1e-12)
    #expect(abs(profile.points[1].aboveHull - 0.05) < 1e-12 && !profile.points[1].isStable)
  }

  /// Of 40 random sets: voltages fall, their mean weighted by width is the average, no point lies below the hull.
  @Test func theLawsOfAHull() throws {
    var random = RandomSource(seed: 5)
    for _ in 0..<40 {
      let states = (0..<12).map { k in
        state(k % 9, 8, 16, -150 - 5 * Double(k % 9) + 3 * random.uniform())
      }
      let profile = try VoltageProfile(states, lithium: -1.9)
      for (a, b) in zip(profile.plateaus, profile.plateaus.dropFirst()) {
        #expect(a.volts >= b.volts - 1e-9 && a.to == b.from)
      }
      let width = profile.plateaus.last!.to - profile.plateaus[0].from
      let mean = profile.plateaus.reduce(0) { $0 + $1.volts * ($1.to - $1.from) } / width
      #expect(abs(mean - profile.average) < 1e-9)
      #expect(profile.points.allSatisfy { $0.aboveHull >= 0 } && profile.points.count == 12)
    }
  }

  @Test func oneContentIsNoProfile() {
    #expect(
      message { _ = try VoltageProfile([state(1, 2, 4, -37), state(1, 2, 4, -38)], lithium: -1.9) }
        .hasPrefix("all structures of MnO2 hold the same lithium, 0.5 for each formula unit"))
  }
}

@Suite struct VoltageErrorTests {
  @Test func errorsPerAtomBecomeAnErrorOfTheVoltage() {
    #expect(abs(VoltageErrors().error(lithiated: 0.01, delithiated: -0.02) + 0.1) < 1e-12)
    // The published RMSE of LiTMO2 and TMO2, as if they were independent (voltage.md §5).
    #expect(abs(VoltageErrors().deviation(lithiated: 0.048, delithiated: 0.154) - 0.500) < 0.001)
    #expect(abs(VoltageErrors().deviation(lithiated: 0.01, delithiated: 0.01) - 0.05) < 1e-12)
    #expect(abs(VoltageErrors().deviation(lithiated: 0.03, delithiated: 0.04, correlation: 1)) < 1e-12)
  }

  @Test func partnerErrorsThatCancelAreSeen() throws {
    let alike = (0..<5).map { k in
      (partners: VoltageErrors(), lithiated: 0.03 * Double(k), delithiated: 0.04 * Double(k))
    }
    let errors = try #require(PartnerErrors(alike))
    #expect(abs(errors.correlation - 1) < 1e-12 && errors.observed < 1e-12 && errors.independent > 0.3)
    #expect(PartnerErrors([]) == nil)
  }

  /// The rule and the voltages themselves say the same.
  @Test func theRuleIsTheDifferenceOfTheVoltages() throws {
    let (rich, poor) = (state(16, 16, 32, -384), state(8, 16, 32, -340))
    let errors = VoltageErrors(lithiated: rich, delithiated: poor)
    #expect(errors.lithiatedAtoms == 4 && errors.delithiatedAtoms == 3.5 && errors.ions == 0.5)
    var (wrongRich, wrongPoor) = (rich, poor)
    wrongRich.energy += 64 * 0.01
    wrongPoor.energy -= 56 * 0.02
    let right = try AverageVoltage(lithiated: rich, delithiated: poor, lithium: -1.9).volts
    let wrong = try AverageVoltage(lithiated: wrongRich, delithiated: wrongPoor, lithium: -1.9).volts
    #expect(abs(wrong - right - errors.error(lithiated: 0.01, delithiated: -0.02)) < 1e-12)
  }
}

/// Tables S3 and S6 of doi:10.1021/acs.jctc.4c00039, Ti to Cu, V.
@Suite struct AgreementStatisticsTests {
  private let labels = [1.82, 3.32, 4.16, 2.89, 3.94, 3.81, 4.64, 3.97]
  private let aenet = [2.13, 3.43, 3.89, 3.13, 4.63, 4.27, 4.38, 4.37]
  private let mtp = [2.30, 2.90, 3.73, 3.38, 4.07, 3.45, 4.27, 3.56]

  @Test func theTablesOfThePaper() throws {
    let first = try #require(AgreementStatistics(reference: labels, predicted: aenet))
    #expect(abs(first.meanAbsolute - 0.3425) < 1e-9 && abs(first.rootMeanSquare - 0.3798) < 5e-5)
    #expect(abs(first.meanSigned - 0.21) < 1e-9)
    #expect(abs(try #require(first.meanAbsolutePercentage) - 10.0508) < 5e-5)
    #expect(abs(try #require(first.pearson) - 0.92386) < 5e-6)
    #expect(abs(try #require(first.spearman) - 0.76190) < 5e-6)
    let second = try #require(AgreementStatistics(reference: labels, predicted: mtp))
    #expect(abs(second.meanAbsolute - 0.38625) < 1e-9 && abs(second.rootMeanSquare - 0.40052) < 5e-6)
    #expect(abs(second.meanSigned + 0.11125) < 1e-9)
    #expect(abs(try #require(second.meanAbsolutePercentage) - 12.1707) < 5e-5)
    #expect(abs(try #require(second.pearson) - 0.90448) < 5e-6)
    #expect(abs(try #require(second.spearman) - 0.90476) < 5e-6)
  }

  /// The printed columns of errors, rounded as they are.
  @Test func thePrintedErrorColumns() {
    #expect(abs(AgreementStatistics.mean([0.31, 0.12, 0.27, 0.24, 0.69, 0.46, 0.26, 0.39]) - 0.3425) < 1e-12)
    let percent = [17.01, 3.59, 6.42, 8.27, 17.54, 12.12, 5.56, 9.92]
    #expect(abs(AgreementStatistics.mean(percent) - 10.05375) < 1e-9)
    #expect(abs(AgreementStatistics.mean([0.48, 0.42, 0.43, 0.49, 0.13, 0.36, 0.37, 0.41]) - 0.38625) < 1e-12)
    let second = [26.35, 12.67, 10.34, 17.10, 3.21, 9.37, 7.97, 10.44]
    #expect(abs(AgreementStatistics.mean(second) - 12.18125) < 1e-9)
  }

  @Test func whatIsUndefinedIsAbsent() throws {
    let one = try #require(AgreementStatistics(reference: [0], predicted: [1]))
    #expect(one.pearson == nil && one.spearman == nil && one.meanAbsolutePercentage == nil && one.meanAbsolute == 1)
    #expect(AgreementStatistics(reference: [], predicted: []) == nil)
    #expect(AgreementStatistics.ranks([3, 1, 3, 2]) == [3.5, 1, 3.5, 2])
  }
}
