import Structures
import Testing

@testable import Reports

@Test func betterThanItsBaselines() throws {
  let train = try Sample.noisy(.train, frames: 60, energyNoise: 0.004, forceNoise: 0.1, seed: 1)
  let test = try Sample.noisy(.test, frames: 30, energyNoise: 0.005, forceNoise: 0.1, seed: 2)
  let verdict = Verdict([train, test])
  #expect(verdict.sentence.hasPrefix("On 30 test frames this potential is better than every baseline: energy "))
  #expect(verdict.sentence.contains("times better than the mean energy; forces "))
  #expect(verdict.warnings.isEmpty)
}

@Test func worseThanABaselineIsSaidInWords() throws {
  let all = try Sample.noisy(.all, frames: 30, energyNoise: 0.004, forceNoise: 2, seed: 3)
  let verdict = Verdict([all])
  #expect(verdict.sentence.hasPrefix("On 30 frames this potential is worse than knowing nothing in forces: "))
  #expect(verdict.warnings.count == 1)
  #expect(verdict.warnings[0].hasPrefix("Worse than a baseline: forces "))
  #expect(verdict.warnings[0].hasSuffix("Do not use this potential for forces."))
}

@Test func overfittingAndThinEvidence() throws {
  let train = try Sample.noisy(.train, frames: 60, energyNoise: 0.001, forceNoise: 0.1, seed: 4)
  let test = try Sample.noisy(.test, frames: 8, energyNoise: 0.02, forceNoise: 0.1, seed: 5)
  let warnings = Verdict([train, test]).warnings
  #expect(warnings.count == 2)
  #expect(warnings[0].hasPrefix("Overfitting: the test energy error is "))
  #expect(warnings[1] == "The test part has 8 test frames only: its errors are rough.")
  #expect(
    Verdict([train]).warnings == [
      "There is no test part: these errors say how well frames were fitted, not how new ones will fare."
    ])
}

@Test func nothingToJudge() throws {
  #expect(Verdict([]).sentence == "There are no frames, so nothing can be said.")
  let bare = try PartReport(
    .all, frames: [Sample.frame([Sample.lithium], index: 0)], predictions: [Sample.prediction(energy: 1)])
  #expect(Verdict([bare]).sentence == "On 1 frame there is no label to compare with.")
}

@Test func whatWasNotFittedIsSaidSo() throws {
  let all = try Sample.noisy(.all, frames: 30, energyNoise: 0.004, forceNoise: 2, seed: 3)
  let verdict = Verdict([all], fittedLabels: ["energy", "stress"])
  #expect(
    verdict.sentence.hasPrefix(
      "On 30 frames this potential is better than the baselines in energy and stress, but worse than knowing "
        + "nothing in forces, to which it was not fitted: energy "))
  #expect(verdict.warnings.count == 1)
  #expect(verdict.warnings[0].hasPrefix("Not fitted and worse than a baseline: forces "))
  let poor = try Sample.noisy(.all, frames: 30, energyNoise: 1, forceNoise: 2, seed: 3)
  #expect(
    Verdict([poor], fittedLabels: ["energy"]).sentence.hasPrefix(
      "On 30 frames this potential is worse than knowing nothing in energy, and in forces, to which it was not "))
}

@Test func barelyBetterIsNotBetter() throws {
  let forces = try Sample.noisy(.all, frames: 30, energyNoise: 0.004, forceNoise: 0.95, seed: 3)
  #expect(
    Verdict([forces]).sentence.hasPrefix(
      "On 30 frames this potential is better than the baselines, but barely so in forces: "))
  #expect(Verdict([forces]).sentence.contains(", barely better than zero forces ("))
  let onlyEnergies = try PartReport(
    .all, frames: [Sample.dioxide, Sample.dioxide],
    predictions: [Sample.dioxidePrediction, Sample.dioxidePrediction],
    baseline: EnergyBaseline(meanPerAtom: -6.11, part: .train))
  #expect(
    Verdict([onlyEnergies]).sentence.hasPrefix("On 2 frames this potential is barely better than the baselines: "))
  let alone = try PartReport(.all, frames: [Sample.dioxide], predictions: [Sample.dioxidePrediction])
  #expect(
    Verdict([alone]).sentence
      == "On 1 frame there is no baseline to compare this potential with: energy 100 meV/atom RMSE.")
}

@Test func threeQuantitiesAreListed() throws {
  let stress = 8 * Matrix3.identity
  let frame = Sample.frame([Sample.lithium], energy: -1, forces: [[1, 0, 0]], virial: stress, index: 0)
  let wrong = Sample.prediction(energy: 9, forces: [[-2, 0, 0]], virial: -3 * stress)
  let part = try PartReport(
    .all, frames: [frame, frame], predictions: [wrong, wrong],
    baseline: EnergyBaseline(meanPerAtom: -2, part: .train))
  #expect(
    Verdict([part]).sentence.hasPrefix(
      "On 2 frames this potential is worse than knowing nothing in energy, forces and stress: "))
  #expect(
    Verdict([part], fittedLabels: []).sentence.hasPrefix(
      "On 2 frames this potential is worse than knowing nothing in energy, forces and stress, to which it was not ")
  )
}
