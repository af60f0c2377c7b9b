import Foundation
import Structures
import Testing

@testable import Reports

private func report(_ baseline: EnergyBaseline? = Sample.baseline) throws -> ErrorReport {
  try PartReport(.all, frames: Sample.frames, predictions: Sample.predictions, baseline: baseline).errors
}

private func isClose(_ a: Double?, _ b: Double) -> Bool { a.map { abs($0 - b) <= 1e-12 * max(1, abs(b)) } ?? false }

@Test func energyErrorsByHand() throws {
  let errors = try report()
  #expect(errors.frames == 3)
  #expect(errors.atoms == 6)
  #expect(isClose(errors.energy?.rmse, (0.5 * (50.0 * 50 + 100 * 100)).squareRoot()))
  #expect(isClose(errors.energy?.mae, 75))
  // Predicted energies per atom are −4.95 and −6.1 eV.
  #expect(isClose(errors.energy?.rangeNormalisedMAE, 0.075 / 1.15))
}

@Test func forceErrorsByHand() throws {
  let errors = try report()
  // Nine labelled components, off by 0.1, 0.2 and −1.
  #expect(isClose(errors.forces?.rmse, (1.05 / 9).squareRoot()))
  #expect(isClose(errors.forces?.mae, 1.3 / 9))
}

@Test func baselinesByHand() throws {
  let baselines = try report().baselines
  #expect(isClose(baselines?.meanEnergyRMSE, 500))
  // The composition model gives −10 for LiO (right) and −17 for LiO2 (1/3 eV/atom off).
  #expect(isClose(baselines?.compositionRMSE, 1000 / 3 / 2.0.squareRoot()))
  #expect(isClose(baselines?.zeroForceRMSE, (6.0 / 9).squareRoot()))
}

@Test func stressByHand() throws {
  let frame = Sample.frame([Sample.lithium], virial: 8 * .identity, index: 0)
  var virial = 8 * Matrix3.identity
  virial.x.x = 8.8
  let part = try PartReport(.all, frames: [frame], predictions: [Sample.prediction(energy: 0, virial: virial)])
  // σ_xx is −1.1 in place of −1 eV/Å³; five components are right.
  #expect(isClose(part.errors.stress?.rmse, (0.01 / 6).squareRoot() * 160.21766208))
  #expect(isClose(part.errors.stress?.mae, 0.1 / 6 * 160.21766208))
  #expect(isClose(part.errors.baselines?.zeroStressRMSE, (3.0 / 6).squareRoot() * 160.21766208))
  #expect(part.errors.energy == nil)
  #expect(part.errors.forces == nil)
}

@Test func absentLabelsAreAbsentKeys() throws {
  let part = try PartReport(.all, frames: [Sample.dioxide], predictions: [Sample.dioxidePrediction])
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  let json = String(decoding: try encoder.encode(part.errors), as: UTF8.self)
  // One frame: no range of predictions, and no mean energy but its own.
  #expect(json.hasPrefix(#"{"atoms":3,"energy":{"mae":100"#))
  #expect(!json.contains("forces") && !json.contains("stress") && !json.contains("range_normalised_mae"))
}

@Test func keysAreThoseOfTheConventions() throws {
  let frames = Sample.frames + [Sample.frame([Sample.lithium], virial: .identity, index: 3)]
  let predictions = Sample.predictions + [Sample.prediction(energy: 0)]
  let part = try PartReport(.all, frames: frames, predictions: predictions, baseline: Sample.baseline)
  let data = try JSONEncoder().encode(part.errors)
  let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  #expect(object.keys.sorted() == ["atoms", "baselines", "energy", "forces", "frames", "stress"])
  let keys = { (name: String) in (object[name] as? [String: Any])?.keys.sorted() }
  #expect(keys("energy") == ["mae", "range_normalised_mae", "rmse"])
  #expect(keys("forces") == ["mae", "rmse"])
  #expect(keys("stress") == ["mae", "rmse"])
  #expect(keys("baselines") == ["composition_rmse", "mean_energy_rmse", "zero_force_rmse", "zero_stress_rmse"])
  #expect(try JSONDecoder().decode(ErrorReport.self, from: data) == part.errors)
}

@Test func noFramesNoNumbers() {
  let errors = ErrorReport([], meanEnergy: -1)
  #expect(errors.frames == 0)
  #expect(errors.energy == nil && errors.forces == nil && errors.stress == nil && errors.baselines == nil)
}
