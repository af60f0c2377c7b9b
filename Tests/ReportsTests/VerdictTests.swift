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
