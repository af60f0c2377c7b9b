import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

private let elements = ["Li", "Mn", "O"].compactMap { ChemicalElement($0) }

/// Small potentials of every kind that takes grades.
private func examples() throws -> [any GradedPotential] {
  var snap = SNAPHyperparameters()
  (snap.twojmax, snap.rcutfac) = (3, 4.1)
  var mtp = MTP.defaults
  (mtp.level, mtp.radialSize, mtp.rMin, mtp.rMax) = (8, 4, 1.6, 4.1)
  return [
    try SNAP(elements: elements, hyperparameters: snap, seed: 2),
    try QSNAP(elements: elements, hyperparameters: snap, seed: 2),
    try MTP(elements: elements, hyperparameters: mtp, seed: 2),
  ]
}

private let kinds = 0..<3
private let rules = [
  ActiveRule(), ActiveRule(.configurations),
  ActiveRule(.configurations, weights: LabelWeights(energy: 1, forces: 0.3, stress: 0.1)),
]

private func frames(_ seeds: Range<Int>, rattle: Double = 0.2) -> [LabeledStructure] {
  seeds.map {
    LabeledStructure(
      structure: RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], rattle: rattle, seed: UInt64($0)),
      labels: Labels(energy: Double($0)))
  }
}

private func graded(_ kind: Int, _ rule: ActiveRule = ActiveRule(), count: Int = 60) throws -> FittedPotential {
  func make<Model: GradedPotential>(_ model: Model) throws -> FittedPotential {
    var potential = FittedPotential(model: model, referenceEnergies: ReferenceEnergies(given: [:]))
    potential.activeSet = try ActiveSet.build(model, frames: frames(0..<count), rule: rule, threads: 2)
    return potential
  }
  return try make(examples()[kind])
}

private func grades(
  _ potential: FittedPotential, _ structures: [Structure], threads: Int = 1
) throws -> [ExtrapolationGrade] {
  try ActiveGrader(potential, file: "p", threads: threads).grades(structures)
}

private func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-7) -> Bool {
  abs(a - b) < tolerance * max(1, abs(b))
}

@Suite struct ActiveSetTests {
  /// No row of the training part is above 1 and the threshold, and those that own a place have grade 1.
  @Test(arguments: kinds, rules) func trainingFramesAreInside(kind: Int, rule: ActiveRule) throws {
    let potential = try graded(kind, rule)
    let set = try #require(potential.activeSet)
    let data = frames(0..<60)
    let found = try grades(potential, data.map(\.structure))
    #expect(found.allSatisfy { $0.frame < 1.001 + 1e-7 }, "\(found.map(\.frame).max() ?? 0)")
    let places = Dictionary(uniqueKeysWithValues: data.indices.map { (TrainingMembers.key(data[$0].id), $0) })
    for member in set.members.joined() {
      guard let member else { continue }
      let grade = found[try #require(places[member.frame])]
      let own = rule.rows == .neighbourhoods ? grade.atoms[member.row] : grade.frame
      #expect(own > 1 - 1e-7)
    }
    #expect(set.rowCount + set.emptyCount == set.widths.reduce(0, +))
    #expect(set.frameCount > 0)
  }

  @Test func widthsAreThoseOfTheColumns() throws {
    #expect(try (0..<3).map { try #require(try graded($0).activeSet).widths } == [[9, 9, 9], [45, 45, 45], [12]])
    // Level 16 and eleven species: 92 contractions and 11 energies.
    let eleven = ["Li", "O", "F", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu"].compactMap { ChemicalElement($0) }
    let model = try MTP(elements: eleven, hyperparameters: MTP.defaults, seed: 1)
    #expect(ActiveRows.widths(model, ActiveRule()) == [103] && model.parameterCount == 3975)
  }

  /// What no training frame is like lies outside, the more the further.
  @Test(arguments: kinds) func compressedFramesLieOutside(kind: Int) throws {
    let potential = try graded(kind)
    let frame = RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], rattle: 0.2, seed: 900)
    let found = try grades(
      potential, [0, 0.1, 0.2].map { size in frame.strained(by: -size * Matrix3.identity) }
    ).map(\.frame)
    #expect(found[1] > ActiveSet.selectThreshold && found[2] > found[1] && found[1] > found[0])
    // Lithium on the sites of oxygen; SNAP with equal weights does not tell neighbours apart.
    guard potential.kind == "mtp" else { return }
    var other = frame
    other.elements = other.elements.map { $0.symbol == "O" ? elements[0] : $0 }
    #expect(try grades(potential, [other])[0].frame > ActiveSet.selectThreshold)
  }

  @Test(arguments: kinds, rules) func gradesObeyTheLaws(kind: Int, rule: ActiveRule) throws {
    let potential = try graded(kind, rule)
    let frame = RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], rattle: 0.3, seed: 77)
    let here = try grades(potential, [frame])[0]
    var moved = frame
    moved.positions = frame.positions.map { $0 + [3.3, -1.7, 0.4] }
    #expect(close(try grades(potential, [moved])[0].frame, here.frame))
    let order = Array(frame.elements.indices.reversed())
    var shuffled = frame
    shuffled.elements = order.map { frame.elements[$0] }
    shuffled.positions = order.map { frame.positions[$0] }
    let other = try grades(potential, [shuffled])[0]
    #expect(close(other.frame, here.frame))
    let four = try grades(potential, [frame.repeated(1, 2, 2)])[0]
    if rule.rows == .neighbourhoods {
      #expect(zip(order, other.atoms).allSatisfy { close($1, here.atoms[$0]) })
      #expect(zip(here.atoms, four.atoms).allSatisfy { close($1, $0) } && four.atoms.count == 4 * frame.count)
    }
    // Forces of a repeated cell are the same rows; its energy and its virial are taken per atom.
    #expect(close(four.frame, here.frame))
    // Directions of forces turn with the frame: only scalars stay as they are.
    guard rule.weights.forces == 0 else { return }
    var turned = frame
    let (c, s) = (cos(0.7), sin(0.7))
    func turn(_ v: SIMD3<Double>) -> SIMD3<Double> { [c * v.x - s * v.y, s * v.x + c * v.y, v.z] }
    turned.positions = frame.positions.map(turn)
    turned.lattice = frame.lattice.map { Lattice(a: turn($0.a), b: turn($0.b), c: turn($0.c)) }
    #expect(close(try grades(potential, [turned])[0].frame, here.frame))
  }

  @Test(arguments: kinds) func sameBitsAtAnyThreadCount(kind: Int) throws {
    func build<Model: GradedPotential>(_ model: Model, threads: Int) throws -> ActiveSet {
      try ActiveSet.build(model, frames: frames(0..<30), threads: threads)
    }
    let (one, three) = (try build(examples()[kind], threads: 1), try build(examples()[kind], threads: 3))
    #expect(one.members == three.members && one.rows == three.rows)
    let potential = try graded(kind)
    let large = RandomRocksalt.cell(cubes: 6, cations: ["Li", "Mn"], seed: 3)
    let (a, b) = (try grades(potential, [large], threads: 1)[0], try grades(potential, [large], threads: 3)[0])
    #expect(a.atoms == b.atoms && a.frame == b.frame)
  }

  @Test(arguments: kinds, rules) func theFileHoldsIt(kind: Int, rule: ActiveRule) throws {
    let potential = try graded(kind, rule)
    let bytes = Array(try PotentialFile.encode(potential))
    let back = try PotentialFile.read(bytes: bytes)
    #expect(back.activeSet?.rule == rule && back.activeSet?.members == potential.activeSet?.members)
    #expect(Array(try PotentialFile.encode(back)) == bytes)
    let frame = RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], rattle: 0.3, seed: 78)
    let (a, b) = (try grades(potential, [frame])[0], try grades(back, [frame])[0])
    #expect(a.frame.bitPattern == b.frame.bitPattern && a.atoms == b.atoms)
    for length in stride(from: 0, to: bytes.count, by: 4999) {
      #expect(throws: InputError.self) { try PotentialFile.read(bytes: Array(bytes.prefix(length))) }
    }
  }

  @Test func potentialsWithoutOneSayWhatMakesIt() throws {
    var potential = try graded(2)
    potential.activeSet = nil
    #expect(try PotentialFile.read(bytes: Array(PotentialFile.encode(potential))).activeSet == nil)
    let missing = #expect(throws: InputError.self) { try ActiveGrader(potential, file: "p.safetensors") }
    #expect(missing?.description.contains("halite active build p.safetensors --data FILES") == true)
    let selection = #expect(throws: InputError.self) { try ActiveSelection(potential, file: "p.safetensors") }
    #expect(selection?.description == missing?.description)
    let aenet = FittedPotential(
      model: try AENET(elements: elements, hyperparameters: AENET.defaults, seed: 1),
      referenceEnergies: ReferenceEnergies(given: [:]))
    let kind = #expect(throws: InputError.self) { try ActiveGrader(aenet, file: "p") }
    #expect(kind?.message.contains("kind aenet have no extrapolation grade (snap, qsnap, mtp have)") == true)
    let committee = try FittedPotential(committee: [potential, potential])
    #expect(throws: InputError.self) { try ActiveGrader(committee, file: "p") }
  }

  /// Frames that come in batches, or later, leave a dominant set, too.
  @Test(arguments: kinds) func batchesAndStarts(kind: Int) throws {
    func check<Model: GradedPotential>(_ model: Model) throws {
      let data = frames(0..<60)
      let first = try ActiveSet.build(model, frames: Array(data[..<25]), threads: 1)
      let whole = try ActiveSet.build(model, frames: data, start: first, threads: 1)
      var builder = try ActiveSetBuilder(model, ActiveRule(), threads: 1)
      var swaps = 1
      for _ in 0..<ActiveSelection.passLimit where swaps > 0 {
        swaps = 0
        for start in stride(from: 0, to: data.count, by: 7) {
          let part = Array(data[start..<min(start + 7, data.count)])
          let batch = try builder.batch(part, keys: part.map { TrainingMembers.key($0.id) })
          swaps += try builder.absorb(batch)
        }
      }
      #expect(swaps == 0)
      for set in [whole, builder.finished()] {
        var potential = FittedPotential(model: model, referenceEnergies: ReferenceEnergies(given: [:]))
        potential.activeSet = set
        let found = try grades(potential, data.map(\.structure)).map(\.frame)
        #expect((found.max() ?? 9) < 1.001 + 1e-7)
      }
      // An earlier frame that keeps its place keeps its name.
      let known = Set(data.map { TrainingMembers.key($0.id) })
      #expect(whole.members.joined().allSatisfy { $0.map { known.contains($0.frame) } ?? true })
      #expect(Set(whole.members.joined().compactMap { $0 }) != Set(first.members.joined().compactMap { $0 }))
    }
    try check(examples()[kind])
  }

  /// Of a pool, frames that are new are chosen; what is known already and what stands twice is not.
  @Test(arguments: kinds) func choosesWhatIsNew(kind: Int) throws {
    let potential = try graded(kind)
    let known = frames(0..<10)
    let new = frames(500..<503).map { frame in
      LabeledStructure(structure: frame.structure.strained(by: -0.12 * Matrix3.identity), labels: Labels())
    }
    let inside = try grades(potential, known.map(\.structure)).map(\.frame)
    let outside = try grades(potential, new.map(\.structure)).map(\.frame)
    #expect(inside.allSatisfy { $0 <= ActiveSet.selectThreshold })
    #expect(outside.allSatisfy { $0 > ActiveSet.selectThreshold })
    // Candidates alone go into the choice.
    let pool = new + new
    func choose(batch: Int) throws -> [Int] {
      var selection = try ActiveSelection(potential, file: "p")
      var swaps = 1
      for _ in 0..<ActiveSelection.passLimit where swaps > 0 {
        swaps = 0
        for start in stride(from: 0, to: pool.count, by: batch) {
          let places = Array(start..<min(start + batch, pool.count))
          swaps += try selection.absorb(places.map { pool[$0] }, places: places)
        }
      }
      return selection.chosen
    }
    let chosen = try choose(batch: pool.count)
    #expect(!chosen.isEmpty && chosen == chosen.sorted())
    #expect(chosen.allSatisfy { (0..<3).contains($0) }, "\(chosen)")
    #expect(try choose(batch: 3).allSatisfy { (0..<3).contains($0) })
  }

  /// θ times the rows is the energy, the forces and the virial.
  @Test(arguments: kinds) func rowsGiveThePrediction(kind: Int) throws {
    func check<Model: GradedPotential>(_ model: Model, _ theta: [Double]) throws {
      let frame = RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], rattle: 0.3, seed: 79)
      let prediction = try Predictor(model).predict([frame])[0]
      let list = try model.neighborList(of: [frame])
      let sites = model.siteRows(list)
      let (width, groups) = (model.siteRowWidth, model.siteRowGroups)
      for site in frame.elements.indices {
        let first = groups[list.types[site]] * width
        let energy = (0..<width).reduce(0.0) { $0 + theta[first + $1] * sites[site * width + $1] }
        #expect(close(energy, prediction.siteEnergies[site], 1e-10))
      }
      #expect(theta.count == model.columnCount)
      for hasDerivatives in [false, true] {
        var rows = DesignRows(
          atoms: frame.count, columns: Array(theta.indices), of: theta.count, hasDerivatives: hasDerivatives)
        model.addDesignRows(list, to: &rows)
        let values = (0..<rows.count).map { row in
          theta.indices.reduce(0.0) { $0 + theta[$1] * rows.values[$1 * rows.count + row] }
        }
        #expect(close(values[0], prediction.energy, 1e-10))
        guard hasDerivatives else { continue }
        for (atom, force) in prediction.forces.enumerated() {
          for d in 0..<3 { #expect(abs(values[1 + 3 * atom + d] - force[d]) < 1e-9) }
        }
        for (k, value) in prediction.virial.voigt.enumerated() {
          #expect(close(values[1 + 3 * frame.count + k], value, 1e-9))
        }
      }
    }
    let model = try examples()[kind]
    if let model = model as? SNAP { try check(model, model.coefficients) }
    if let model = model as? QSNAP { try check(model, model.coefficients) }
    if let model = model as? MTP { try check(model, model.coefficients + model.speciesEnergies) }
  }
}
