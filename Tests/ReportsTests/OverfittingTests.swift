import Potentials
import Testing

@testable import Reports

/// Training error falls as 1/epoch, validation error falls to epoch 40 and rises again.
private func overfittedLog() -> [EpochRecord] {
  (0...200).map { epoch in
    var record = EpochRecord(epoch: epoch, of: 200, loss: 1, seconds: Double(epoch))
    record.trainingEnergyRMSE = 0.05 / Double(epoch + 1)
    record.validationEnergyRMSE = 0.005 + 1e-5 * Double(abs(epoch - 40))
    return record
  }
}

@Test func aRisingValidationErrorIsSaid() throws {
  let train = try Sample.noisy(.train, frames: 60, energyNoise: 0.004, forceNoise: 0.1, seed: 1)
  let test = try Sample.noisy(.test, frames: 30, energyNoise: 0.005, forceNoise: 0.1, seed: 2)
  let warnings = Verdict([train, test], log: overfittedLog()).warnings
  #expect(
    warnings == [
      "Overfitting: the validation energy error rose from 5.00 meV/atom at epoch 40 to 6.60 at epoch 200, while the "
        + "training error fell from 1.22 to 0.249. More frames, fewer parameters or an earlier stop bring the two together."
    ])
  #expect(Verdict([train, test], log: Sample.log(200)).warnings.isEmpty)
}

@Test func gapAndRiseAreOneLine() throws {
  let train = try Sample.noisy(.train, frames: 60, energyNoise: 0.001, forceNoise: 0.1, seed: 4)
  let test = try Sample.noisy(.test, frames: 30, energyNoise: 0.02, forceNoise: 0.1, seed: 5)
  let warnings = Verdict([train, test], log: overfittedLog()).warnings
  #expect(warnings.count == 1)
  #expect(warnings[0].hasPrefix("Overfitting: the test energy error is "))
  #expect(warnings[0].contains(" times the training error; the validation energy error rose from 5.00 meV/atom"))
}
