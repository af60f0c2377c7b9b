import Potentials
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
  let data = Dataset(Sample.fourOxides + [isolated])
  let baseline = try #require(try EnergyBaseline(fitting: data, part: .train))
  // Per atom: LiO −5 ± 0.1, LiO2 −6 ± 0.1; so (e(Li) + e(O))/2 = −5 and (e(Li) + 2 e(O))/3 = −6.
  #expect(abs((baseline.elementEnergies?[Sample.lithium] ?? 0) + 2) < 1e-9)
  #expect(abs((baseline.elementEnergies?[Sample.oxygen] ?? 0) + 8) < 1e-9)
  #expect(abs((baseline.meanPerAtom ?? 0) + 5.5) < 1e-12)
  #expect(baseline.frames == 4 && baseline.omission == nil)
  #expect(baseline.origin == "the whole training part, validation frames included (4 labelled frames)")
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

@Test func tooFewFramesGiveNoCompositionModel() throws {
  let three = try #require(try EnergyBaseline(fitting: Dataset(Array(Sample.fourOxides.prefix(3))), part: .all))
  #expect(three.elementEnergies == nil)
  #expect(three.omission == "3 labelled frames are too few for 2 elements")
  #expect(three.meanPerAtom != nil)
  #expect(try EnergyBaseline(fitting: Dataset([Sample.monoxide]), part: .all) == nil)
  let part = try PartReport(
    .all, frames: [Sample.monoxide], predictions: [Sample.monoxidePrediction],
    baseline: try EnergyBaseline(fitting: Dataset([Sample.monoxide]), part: .all))
  #expect(part.errors.baselines?.meanEnergyRMSE == nil && part.errors.baselines?.compositionRMSE == nil)
}

@Test func aModelThatFitsToRoundingIsNoBaseline() throws {
  let exact = (0..<4).flatMap {
    [
      Sample.oxide(oxygens: 1, energy: -10, index: $0),
      Sample.oxide(oxygens: 2, energy: -18, index: 4 + $0),
    ]
  }
  let baseline = try #require(try EnergyBaseline(fitting: Dataset(exact), part: .train))
  #expect(baseline.elementEnergies == nil)
  #expect(baseline.omission == "it goes through every energy that it is fitted to")
}

@Test func referencesOfAPotentialStandInForItsFrames() throws {
  let data = Dataset(Sample.fourOxides)
  var potential = FittedPotential(
    model: try AENET(elements: data.elements, hyperparameters: AENET.defaults, seed: 0),
    referenceEnergies: try ReferenceEnergies.fit(data))
  potential.card.trainingFrames = 4
  let baseline = try #require(EnergyBaseline(referencesOf: potential))
  #expect(baseline.elementEnergies == (try EnergyBaseline(fitting: data, part: .train))?.elementEnergies)
  #expect(baseline.meanPerAtom == nil && baseline.part == nil)
  potential.card.trainingFrames = 3
  #expect(EnergyBaseline(referencesOf: potential) == nil)
  potential.referenceEnergies = ReferenceEnergies(given: [Sample.lithium: -1, Sample.oxygen: -2])
  #expect(EnergyBaseline(referencesOf: potential) == nil)
}
