import Structures
import Testing

@testable import Reports

@Test func meanOfEnergiesPerAtom() throws {
  let baseline = try #require(EnergyBaseline(of: Sample.frames, part: .train))
  #expect(baseline.meanPerAtom == -5.5)
  #expect(baseline.compositionEnergy(of: Sample.monoxide.structure) == nil)
  #expect(EnergyBaseline(of: [Sample.atom], part: .train) == nil)
}

@Test func compositionModelIsFitted() throws {
  let isolated = Sample.frame([Sample.lithium], energy: 100, group: "IsolatedAtom", index: 3)
  let data = Dataset([Sample.monoxide, Sample.dioxide, isolated])
  let baseline = try #require(try EnergyBaseline(fitting: data, part: .train))
  // Two frames and two elements: e(Li) + e(O) = −10 and e(Li) + 2 e(O) = −18.
  #expect(abs((baseline.elementEnergies?[Sample.lithium] ?? 0) + 2) < 1e-9)
  #expect(abs((baseline.elementEnergies?[Sample.oxygen] ?? 0) + 8) < 1e-9)
  #expect(baseline.meanPerAtom == -5.5)
  #expect(try EnergyBaseline(fitting: Dataset([Sample.atom]), part: .train) == nil)
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
