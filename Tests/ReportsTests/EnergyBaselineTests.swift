import Structures
import Testing

@testable import Reports

@Test func meanOfEnergiesPerAtom() throws {
  let baseline = try #require(EnergyBaseline(of: Sample.frames, part: .train))
  #expect(baseline.meanPerAtom == -5.5)
  #expect(baseline.compositionEnergy(of: Sample.monoxide.structure) == nil)
  #expect(EnergyBaseline(of: [Sample.atom], part: .train) == nil)
}

@Test func compositionEnergyNeedsEveryElement() {
  let baseline = EnergyBaseline(meanPerAtom: 0, elementEnergies: [Sample.lithium: -3], part: .train)
  #expect(baseline.compositionEnergy(of: Sample.atom.structure) == -3)
  #expect(baseline.compositionEnergy(of: Sample.monoxide.structure) == nil)
}

@Test func unknownElementTakesTheBaselineAway() throws {
  let baseline = EnergyBaseline(meanPerAtom: -5.5, elementEnergies: [Sample.lithium: -3], part: .train)
  let part = try PartReport(
    .test, frames: Sample.frames, predictions: Sample.predictions, baseline: baseline)
  #expect(part.errors.baselines?.compositionRMSE == nil)
  #expect(part.errors.baselines?.meanEnergyRMSE != nil)
  #expect(Verdict([part]).warnings.contains { $0.contains("composition model was not fitted to") })
}
