import Foundation
import Settings
import Structures
import TestSupport
import Testing

@testable import Potentials

/// A kind of potential with settings over its defaults.
private struct Variant: Sendable {
  let type: any TrainablePotential.Type
  /// `key=value`, as behind `--set`.
  var settings: [String] = []

  func hyperparameters<P: TrainablePotential>(of type: P.Type) throws -> P.Hyperparameters {
    try settings.reduce(P.defaults) {
      try merged(defaults: $0, with: SettingsValue(override: $1), file: nil)
    }
  }
}

/// Symmetry functions, and a fingerprint of its own for each species.
private let aenetVariants = [
  Variant(type: AENET.self, settings: ["fingerprint=behler", "radial_cutoff=6", "angular_cutoff=4.5"]),
  Variant(
    type: AENET.self,
    settings: [
      """
      setups={
        Li: {environment: [Ti, O, Mn, Li], chebyshev: \(chebyshev(radial: 6, angular: 4))},
        O: {environment: [Li, O, Mn, Ti], functions: ["G=1 type2=Li Rc=4", "G=2 type2=O Rc=6.2 Rs=1.5 eta=0.8",
          "G=3 type2=Ti Rc=5 kappa=1.3", "G=4 type2=Ti type3=Li Rc=5 lambda=-1 zeta=1.5 eta=0.02",
          "G=5 type2=Mn type3=Mn Rc=4.4 lambda=1 zeta=4 eta=0.01", "G=2 type2=Mn Rc=4 Rs=0 eta=0.1"]},
        Mn: {environment: [Ti, O, Mn, Li], chebyshev: \(chebyshev(radial: 6, angular: 4)), network: ["5:twist"]},
        Ti: {environment: [Ti, V, O, Mn, Li], chebyshev: \(chebyshev(radial: 5, angular: 5)), network: ["7:tanh"]}}
      """
    ]),
]

private func chebyshev(radial: Double, angular: Double) -> String {
  "{radial_cutoff: \(radial), radial_order: 6, angular_cutoff: \(angular), angular_order: 3, angular_domain: cosine}"
}

/// What Halite trains, in every form.
private let shipped = potentialKinds.map { Variant(type: $0) } + aenetVariants

/// The potentials under the laws: what Halite trains, and the toy of the documentation.
private let kinds = shipped + [Variant(type: ToyPotential.self)]

private let elements = ["Li", "O", "Mn", "Ti"].compactMap { ChemicalElement($0) }

/// A small free-standing instance with random parameters, its energies scaled to a few eV.
private func example(_ kind: Variant, seed: UInt64 = 1) throws -> any Potential {
  func make<P: TrainablePotential>(_ type: P.Type) throws -> any Potential {
    try P(elements: elements, hyperparameters: kind.hyperparameters(of: type), seed: seed)
  }
  return try make(kind.type)
}

private func frame(seed: UInt64 = 4) -> Structure {
  let cell = RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn", "Ti"], rattle: 0.25, seed: seed)
  let strain = Matrix3([0.02, 0.05, 0], [0, -0.03, 0.04], [0.06, 0, 0.01])
  return cell.strained(by: strain)
}

private func predict(_ potential: any Potential, _ frame: Structure, threads: Int = 1) throws -> Prediction {
  try Predictor(potential, threads: threads).predict([frame])[0]
}

private func rotation() -> Matrix3 {
  let (c, s) = (cos(0.7), sin(0.7))
  let (d, t) = (cos(-1.1), sin(-1.1))
  // About z, then about x.
  return Matrix3([c, -s, 0], [d * s, d * c, -t], [t * s, t * c, d])
}

private func close(_ a: [SIMD3<Double>], _ b: [SIMD3<Double>], _ tolerance: Double) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { length($0 - $1) <= tolerance }
}

/// ∂L/∂θ against differences: labels of another seed, groups, a missing virial.
func expectLossGradient<P: GradientTrained>(of model: P, _ kind: LossKind) throws {
  let other = try P(elements: model.elements, hyperparameters: model.hyperparameters, seed: 7)
  let structures = [frame(seed: 1), frame(seed: 2).repeated(1, 1, 2)]
  let labels = try Predictor(other).predict(structures)
  var frames = zip(structures, labels).map { structure, label in
    LabeledStructure(
      structure: structure, labels: Labels(energy: label.energy, forces: label.forces, virial: label.virial),
      configType: "a")
  }
  frames[1].configType = "b"
  frames[1].labels.virial = nil
  let weights = LossWeights(energy: 1, forces: 0.3, virial: 0.2, groups: ["b": 2.5], kind: kind)
  let blocks = FrameBlocks<P>(Dataset(frames), weights: weights, threads: 2)
  let gradient = try blocks.sums(model, over: frames, needsGradient: true).gradient
  func loss(_ parameters: [Double]) throws -> Double {
    var moved = model
    moved.parameters = parameters
    return try blocks.sums(moved, over: frames, needsGradient: false).sums.loss(weights)
  }
  let size = gradient.map(abs).max() ?? 0
  #expect(size > 0)
  // The last ones are those beside the networks, where there are such.
  let last = max(0, gradient.count - 4)..<gradient.count
  for k in Array(stride(from: 0, to: last.lowerBound, by: max(1, gradient.count / 40))) + Array(last) {
    let h = 1e-4
    var parameters = model.parameters
    parameters[k] += h
    let up = try loss(parameters)
    parameters[k] -= 2 * h
    let down = try loss(parameters)
    #expect(abs((up - down) / (2 * h) - gradient[k]) < 1e-6 * size + 1e-6 * abs(gradient[k]))
  }
}

@Suite struct PotentialLawsTests {
  @Test(arguments: kinds.indices) func forcesAreTheGradient(kind: Int) throws {
    let potential = try example(kinds[kind])
    let frame = frame()
    let forces = try predict(potential, frame).forces
    for atom in [0, 3, 6] {
      for d in 0..<3 {
        let h = 1e-4
        var moved = frame
        moved.positions[atom][d] += h
        let up = try predict(potential, moved).energy
        moved.positions[atom][d] -= 2 * h
        let down = try predict(potential, moved).energy
        #expect(abs(-(up - down) / (2 * h) - forces[atom][d]) < 1e-6 * max(1, abs(forces[atom][d])))
      }
    }
  }

  @Test(arguments: kinds.indices) func virialIsTheStrainDerivative(kind: Int) throws {
    let potential = try example(kinds[kind])
    let frame = frame()
    let virial = try predict(potential, frame).virial
    let h = 1e-5
    for (i, j) in [(0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (2, 0)] {
      func energy(_ size: Double) throws -> Double {
        var rows = [Double](repeating: 0, count: 9)
        rows[3 * i + j] = size
        return try predict(potential, frame.strained(by: Matrix3(rows: rows))).energy
      }
      let derivative = (try energy(h) - energy(-h)) / (2 * h)
      #expect(abs(-derivative - virial.rows[3 * i + j]) < 1e-5 * max(1, abs(derivative)))
    }
  }

  @Test(arguments: kinds.indices) func translationAndRotation(kind: Int) throws {
    let type = kinds[kind].type
    let potential = try example(kinds[kind])
    let frame = frame()
    let original = try predict(potential, frame)
    var moved = frame
    moved.positions = frame.positions.map { $0 + [11.3, -7.1, 0.9] }
    let translated = try predict(potential, moved)
    #expect(abs(translated.energy - original.energy) < 1e-10 * max(1, abs(original.energy)))
    #expect(close(translated.forces, original.forces, 1e-9))
    guard type.exemptions[.rotation] == nil else { return }
    let turn = rotation()
    var turned = frame
    turned.positions = frame.positions.map { turn * $0 }
    turned.lattice = frame.lattice.map { Lattice(a: turn * $0.a, b: turn * $0.b, c: turn * $0.c) }
    let rotated = try predict(potential, turned)
    #expect(abs(rotated.energy - original.energy) < 1e-10 * max(1, abs(original.energy)))
    #expect(close(rotated.forces, original.forces.map { turn * $0 }, 1e-9))
  }

  @Test(arguments: kinds.indices) func permutation(kind: Int) throws {
    let potential = try example(kinds[kind])
    let frame = frame()
    var random = RandomSource(seed: 2)
    let order = random.permutation(of: frame.count)
    var shuffled = frame
    shuffled.elements = order.map { frame.elements[$0] }
    shuffled.positions = order.map { frame.positions[$0] }
    let (a, b) = (try predict(potential, frame), try predict(potential, shuffled))
    #expect(abs(a.energy - b.energy) < 1e-10 * max(1, abs(a.energy)))
    #expect(close(order.map { a.forces[$0] }, b.forces, 1e-9))
  }

  @Test(arguments: kinds.indices) func choiceOfSupercell(kind: Int) throws {
    let potential = try example(kinds[kind])
    let frame = frame()
    let one = try predict(potential, frame)
    let six = try predict(potential, frame.repeated(1, 3, 2))
    #expect(abs(six.energy - 6 * one.energy) < 1e-10 * max(1, abs(six.energy)))
    #expect(close(Array(six.forces.prefix(frame.count)), one.forces, 1e-9))
    // The same crystal by other vectors: a' = a + b.
    var other = frame
    other.lattice = frame.lattice.map { Lattice(a: $0.a + $0.b, b: $0.b, c: $0.c - 2 * $0.b) }
    let same = try predict(potential, other)
    #expect(abs(same.energy - one.energy) < 1e-10 * max(1, abs(one.energy)))
  }

  @Test(arguments: kinds.indices) func farPartsAdd(kind: Int) throws {
    let potential = try example(kinds[kind])
    func cluster(_ shift: Double, _ seed: UInt64) -> ([ChemicalElement], [SIMD3<Double>]) {
      let cell = frame(seed: seed)
      return (cell.elements, cell.positions.map { $0 + [shift, 0, 0] })
    }
    func energy(_ parts: [([ChemicalElement], [SIMD3<Double>])]) throws -> Double {
      let structure = Structure(lattice: nil, elements: parts.flatMap(\.0), positions: parts.flatMap(\.1))
      return try predict(potential, structure).energy
    }
    let far = 3 * potential.influenceDistance + 20
    let together = try energy([cluster(0, 1), cluster(far, 2)])
    let apart = try energy([cluster(0, 1)]) + energy([cluster(far, 2)])
    #expect(abs(together - apart) < 1e-10 * max(1, abs(apart)))
  }

  /// Energy and force just inside and just outside the cutoff differ by no more than the distance moved.
  @Test(arguments: kinds.indices) func continuousThroughTheCutoff(kind: Int) throws {
    let potential = try example(kinds[kind])
    func dimer(_ distance: Double) throws -> Prediction {
      try predict(
        potential,
        Structure(
          lattice: nil, elements: [elements[0], elements[1], elements[2]],
          positions: [.zero, [0, distance, 0], [1.9, 0, 0.3]]))
    }
    let h = 1e-5
    let (inside, outside) = (try dimer(potential.cutoff - h), try dimer(potential.cutoff + h))
    #expect(abs(inside.energy - outside.energy) < 1e-7)
    #expect(close(inside.forces, outside.forces, 1e-4))
  }

  /// ∂L/∂θ of a loss of energies, forces and virials against differences, for every potential that descends one.
  @Test(arguments: kinds.indices, LossKind.allCases) func lossGradient(kind: Int, loss: LossKind) throws {
    func check<P: GradientTrained>(_ type: P.Type) throws {
      let hyperparameters = try kinds[kind].hyperparameters(of: type)
      try expectLossGradient(of: P(elements: elements, hyperparameters: hyperparameters, seed: 6), loss)
    }
    guard let type = kinds[kind].type as? any GradientTrained.Type else { return }
    try check(type)
  }

  @Test(arguments: shipped.indices) func fileRoundTrip(kind: Int) throws {
    func check<P: TrainablePotential>(_ type: P.Type) throws {
      let model = try P(elements: elements, hyperparameters: shipped[kind].hyperparameters(of: type), seed: 9)
      let references = ReferenceEnergies(given: [elements[0]: -1.5, elements[1]: -4.25])
      let potential = FittedPotential(
        model: model, referenceEnergies: references, prior: try ZBL(inner: 0.7, outer: 1.7))
      let data = try PotentialFile.encode(potential)
      let back = try PotentialFile.read(bytes: Array(data))
      #expect(try PotentialFile.encode(back) == data)
      let (a, b) = (try predict(potential, frame()), try predict(back, frame()))
      #expect(a.energy.bitPattern == b.energy.bitPattern)
      #expect(a.forces == b.forces)
    }
    try check(shipped[kind].type)
  }

  @Test(arguments: kinds.indices) func sameBitsAtAnyThreadCount(kind: Int) throws {
    let potential = try example(kinds[kind])
    let large = RandomRocksalt.cell(cubes: 6, cations: ["Li", "Mn", "Ti"], seed: 3)
    let results = try [1, 2, 3].map { try predict(potential, large, threads: $0) }
    for result in results.dropFirst() {
      #expect(result.energy.bitPattern == results[0].energy.bitPattern)
      #expect(result.forces == results[0].forces)
      #expect(result.virial == results[0].virial)
    }
  }

  @Test(arguments: kinds.indices) func namesAnUnknownElement(kind: Int) throws {
    let potential = try example(kinds[kind])
    var frame = frame()
    frame.elements[2] = ChemicalElement("Fe")!
    let error = #expect(throws: InputError.self) { try predict(potential, frame) }
    #expect(error?.message.contains("atom 3 is Fe") == true)
  }

  /// Every hyperparameter is explained, and none is explained that is not there.
  @Test(arguments: kinds.indices) func everyHyperparameterIsExplained(kind: Int) throws {
    func keys<P: TrainablePotential>(_ type: P.Type) throws -> [String] {
      let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(P.defaults))
      return (object as? [String: Any] ?? [:]).keys.sorted()
    }
    #expect(try keys(kinds[kind].type) == kinds[kind].type.explanations.map(\.key).sorted())
  }
}
