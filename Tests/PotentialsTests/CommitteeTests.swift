import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

private let elements = ["Li", "Mn", "O"].compactMap { ChemicalElement($0) }

private func member(_ seed: UInt64, elements: [ChemicalElement] = elements) throws -> FittedPotential {
  var settings = AENET.defaults
  settings.radialCutoff = 5
  settings.angularCutoff = 4
  var potential = FittedPotential(
    model: try AENET(elements: elements, hyperparameters: settings, seed: seed),
    referenceEnergies: ReferenceEnergies(given: [elements[0]: -1 - Double(seed), elements[1]: -2]))
  potential.members = TrainingMembers(numbers: [Double(seed), 100])
  return potential
}

private let frame = RandomRocksalt.cell(cubes: 2, cations: ["Li", "Mn"], seed: 4)

@Suite struct CommitteeTests {
  @Test func itSaysTheMeanOfItsMembers() throws {
    let members = try (1...4).map { try member($0) }
    let committee = try FittedPotential(committee: members)
    let alone = try members.map { try Predictor($0).predict([frame])[0] }
    let said = try Predictor(committee).predict([frame])[0]
    #expect(abs(said.energy - alone.map(\.energy).reduce(0, +) / 4) < 1e-9)
    for atom in 0..<frame.count {
      let mean = 0.25 * alone.reduce(SIMD3<Double>.zero) { $0 + $1.forces[atom] }
      #expect(length(said.forces[atom] - mean) < 1e-10)
    }
    let asked = try CommitteePredictor(committee).predict([frame])[0]
    #expect(abs(asked.mean.energy - said.energy) < 1e-9)
    #expect(length(asked.mean.forces[3] - said.forces[3]) < 1e-10)
    #expect(abs(asked.mean.virial.x.y - said.virial.x.y) < 1e-9)
    #expect(asked.members.map(\.energy) == alone.map(\.energy))
    #expect(committee.title == "committee of 4 aenet" && committee.committee.count == 4)
    #expect(committee.members == TrainingMembers(numbers: [1, 2, 3, 4, 100]))
  }

  /// Forces are the gradient of the mean energy, and virial its derivative by strain.
  @Test func itsForcesAreItsGradient() throws {
    let committee = try FittedPotential(committee: (1...3).map { try member($0) })
    let predictor = Predictor(committee)
    let here = try predictor.predict([frame])[0]
    var (up, down) = (frame, frame)
    up.positions[5].y += 1e-4
    down.positions[5].y -= 1e-4
    let slope = (try predictor.predict([up])[0].energy - predictor.predict([down])[0].energy) / 2e-4
    #expect(abs(here.forces[5].y + slope) < 1e-6)
    let strain = Matrix3([0, 1e-4, 0], [1e-4, 0, 0], .zero)
    let sheared = try predictor.predict([frame.strained(by: strain), frame.strained(by: -1 * strain)])
    let derivative = (sheared[0].energy - sheared[1].energy) / 4e-4
    #expect(abs(here.virial.x.y + derivative) < 1e-4 * max(1, abs(derivative)))
  }

  @Test func oneFileHoldsAllMembers() throws {
    let committee = try FittedPotential(committee: (1...3).map { try member($0) })
    let bytes = Array(try PotentialFile.encode(committee))
    let read = try PotentialFile.read(bytes: bytes)
    #expect(read.committee.count == 3 && read.members == committee.members)
    #expect(Array(try PotentialFile.encode(read)) == bytes)
    let (a, b) = (try Predictor(committee).predict([frame])[0], try Predictor(read).predict([frame])[0])
    #expect(a.energy == b.energy && a.forces == b.forces)
    for length in stride(from: 0, to: bytes.count, by: 997) {
      #expect(throws: InputError.self) { try PotentialFile.read(bytes: Array(bytes.prefix(length))) }
    }
  }

  @Test func membersThatDoNotFitAreRefused() throws {
    let other = try member(2, elements: Array(elements.reversed()))
    #expect(throws: InputError.self) { try FittedPotential(committee: [member(1), other]) }
    #expect(throws: InputError.self) { try FittedPotential(committee: []) }
    let committee = try FittedPotential(committee: [member(1), member(2)])
    #expect(throws: InputError.self) { try FittedPotential(committee: [committee, member(3)]) }
  }

  /// DP-GEN's numbers (reference/active.json).
  @Test(.enabled(if: SharedData.holds("reference/active.json"), "shared/reference is absent"))
  func deviationsAsDPGENHasThem() throws {
    let reference = try #require(SharedData.json("reference/active.json")["dpgen"] as? [String: Any])
    let forces = try #require(reference["forces_models_atoms_xyz"] as? [Any]).map(vectors)
    let deviations = CommitteeDeviation.forces(forces)
    #expect(zip(deviations, doubles(reference["devi_f_per_atom"])).allSatisfy { abs($0 - $1) < 1e-14 })
    let relative = CommitteeDeviation.relativeForces(forces, level: 1)
    #expect(zip(relative, doubles(reference["relative_level_1"])).allSatisfy { abs($0 - $1) < 1e-14 })
    let whole = CommitteeDeviation(
      forces.map { Prediction(energy: 0, forces: $0, virial: .zero, siteEnergies: []) })
    #expect(abs(whole.largestForce - 1.854092331843266) < 1e-14)
    #expect(abs(whole.smallestForce - 1.2604845794376067) < 1e-14)
    #expect(abs(whole.meanForce - 1.6267170778541453) < 1e-14)
  }

  @Test func deviationsOfEnergyAndVirial() {
    let members = [1.0, 3.0].map { k in
      Prediction(energy: 10 * k, forces: [.zero, .zero], virial: k * Matrix3.identity, siteEnergies: [])
    }
    let deviation = CommitteeDeviation(members)
    #expect(deviation.energy == 5 && deviation.largestForce == 0 && deviation.largestVirial == 1)
    #expect(abs(deviation.meanVirial - (3.0 / 9).squareRoot()) < 1e-15)
  }

  /// As many frames, others each time, all elements, isolated atoms kept.
  @Test func bootstrapDraws() throws {
    var frames = (0..<40).map { k in
      LabeledStructure(
        structure: RandomRocksalt.cell(cubes: 1, cations: k == 7 ? ["Ti"] : ["Li", "Mn"], seed: UInt64(k)),
        labels: Labels(energy: Double(k)))
    }
    frames.append(
      LabeledStructure(
        structure: Structure(lattice: nil, elements: [elements[0]], positions: [.zero]), labels: Labels(energy: -1),
        configType: "IsolatedAtom"))
    let data = Dataset(frames)
    var missed = 0
    for seed in 1...20 as ClosedRange<UInt64> {
      let draw = data.bootstrapped(seed: seed)
      #expect(draw.elements == data.elements)
      #expect(draw.count(where: \.isIsolatedAtom) == 1)
      #expect((41...43).contains(draw.count))
      #expect(draw.frames == data.bootstrapped(seed: seed).frames)
      missed += 40 - Set(draw.filter { !$0.isIsolatedAtom }.map(\.id)).count
    }
    // A draw leaves out (1 − 1/40)^40 = 36 % of the frames.
    #expect(abs(Double(missed) / 20 / 40 - 0.36) < 0.03, "\(missed)")
  }
}
