import Foundation
import Formats
import Optimization
import Structures
import TestSupport
import Testing

@testable import Potentials

private let folder = "data/ta-fitsnap"

/// Numbers of a NumPy file of doubles.
private func numbers(_ name: String) throws -> [Double] {
  let data = try Data(contentsOf: SharedData.folder.appendingPathComponent(folder + "/reference-linear/" + name))
  let start = 10 + Int(data[8]) + 256 * Int(data[9])
  let header = String(decoding: data[10..<start], as: UTF8.self)
  try #require(header.contains("'<f8'") && header.contains("'fortran_order': False"))
  return data[start...].withUnsafeBytes { bytes in
    (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
  }
}

/// The tantalum set of Thompson et al. 2015 with FitSNAP's own design matrix and weights, made by LAMMPS.
private struct Tantalum {
  static let columns = 31
  /// LAMMPS's eV/Å³ in bar.
  static let bar = 1.6021765e6
  var frames: [LabeledStructure]
  var descriptors: [Double]
  var weights: [Double]
  /// For each frame, its number in the order of the matrix.
  var places: [Int] = []
  /// First force row of each number.
  var forceStarts: [Int] = []

  init() throws {
    frames = try readFrames(SharedData.path(folder + "/ta.extxyz")).frames
    descriptors = try numbers("Descriptors.npy")
    weights = try numbers("Weights.npy")
  }

  func row(_ k: Int) -> ArraySlice<Double> { descriptors[k * Self.columns..<(k + 1) * Self.columns] }

  /// Largest value of each column.
  func scales() -> [Double] {
    var result = [Double](repeating: 0, count: Self.columns)
    for (k, value) in descriptors.enumerated() {
      result[k % Self.columns] = max(result[k % Self.columns], abs(value))
    }
    return result
  }

  /// Finds each frame by its energy row: FitSNAP read its files in the order of a folder.
  mutating func match(_ energies: [[Double]]) throws {
    let scales = scales()
    var isFree = [Bool](repeating: true, count: frames.count)
    for own in energies {
      // The nearest free one: scans along a line hold nearly equal frames.
      func distance(_ k: Int) -> Double {
        zip(zip(own, row(k)), scales).map { abs($0.0 - $0.1) / max($1, .leastNormalMagnitude) }.max() ?? 0
      }
      let nearest = frames.indices.filter { isFree[$0] }.map { (place: $0, distance: distance($0)) }
        .min { $0.distance < $1.distance }
      let found = try #require(nearest.flatMap { $0.distance < 1e-8 ? $0.place : nil })
      isFree[found] = false
      places.append(found)
    }
    var atoms = [Int](repeating: 0, count: frames.count)
    for (frame, place) in zip(frames, places) { atoms[place] = frame.structure.count }
    var start = frames.count
    for count in atoms {
      forceStarts.append(start)
      start += 3 * count
    }
  }

  var firstStress: Int { frames.count + frames.reduce(0) { $0 + 3 * $1.structure.count } }
}

private func settings() -> SNAPHyperparameters {
  var result = SNAPHyperparameters()
  result.rcutfac = 4.67637
  result.bzeroflag = false
  return result
}

@Suite(.enabled(if: SharedData.holds(folder + "/reference-linear/Descriptors.npy")))
struct TantalumTests {
  private let tantalum = ChemicalElement("Ta")!

  private func fit<Form: SNAPForm>(
    _: Form.Type, _ frames: [LabeledStructure], _ weights: [RowWeights]
  ) throws -> LinearFit<BispectrumPotential<Form>> {
    let model = try BispectrumPotential<Form>(elements: [tantalum], hyperparameters: settings(), seed: 1)
    return LinearFit(model: model, frames: frames, weights: weights, threads: 2, chunkRows: 1024)
  }

  /// The set, matched to the matrix, with the rows that Halite makes.
  private func matched() throws -> (set: Tantalum, rows: [DesignRows]) {
    var set = try Tantalum()
    let ones = set.frames.map { _ in RowWeights(energy: 1, forces: 1, virial: 1, shear: 1) }
    let fit = try fit(LinearForm.self, set.frames, ones)
    let rows = try set.frames.indices.map { try fit.designRows(of: $0, columns: Array(0..<31)) }
    try set.match(rows.map { rows in (0..<31).map { rows.values[$0 * rows.count] / Double(rows.atoms) } })
    return (set, rows)
  }

  /// 363 energy and 12,672 force rows of 31 columns to 1e−8 of each column's largest value, 2,178 stress rows to 2e−8.
  @Test func designMatrixIsThatOfLAMMPS() throws {
    let (set, rows) = try matched()
    #expect(set.descriptors.count == 15_213 * 31)
    let scales = set.scales()
    var (worst, worstStress) = (0.0, 0.0)
    for (frame, rows) in rows.enumerated() {
      let place = set.places[frame]
      let volume = try #require(set.frames[frame].structure.volume)
      for column in 0..<31 where scales[column] > 0 {
        func compare(_ value: Double, _ row: Int) {
          worst = max(worst, abs(value - set.descriptors[row * 31 + column]) / scales[column])
        }
        let start = column * rows.count
        compare(rows.values[start] / Double(rows.atoms), place)
        for k in 0..<3 * rows.atoms { compare(rows.values[start + 1 + k], set.forceStarts[place] + k) }
        for k in 0..<6 {
          let own = rows.values[start + rows.count - 6 + k] * Tantalum.bar / volume
          let row = set.firstStress + 6 * place + k
          worstStress = max(worstStress, abs(own - set.descriptors[row * 31 + column]) / scales[column])
        }
      }
    }
    #expect(worst < 1e-8)
    #expect(worstStress < 2e-8)
  }

  /// The errors that FitSNAP ships for its linear example.
  @Test func shippedErrors() throws {
    let set = try matched().set
    let weights = try set.frames.enumerated().map { k, frame -> RowWeights in
      let place = set.places[k]
      // FitSNAP's weights multiply rows; stresses are in bar.
      let bar = Tantalum.bar / (try #require(frame.structure.volume))
      let stress = set.weights[set.firstStress + 6 * place] * bar
      let (energy, forces) = (set.weights[place], set.weights[set.forceStarts[place]])
      return RowWeights(
        energy: energy * energy, forces: forces * forces, virial: stress * stress, shear: stress * stress)
    }
    let prior = try ZBL(inner: 4, outer: 4.8)
    let repulsion = try Predictor(PriorPotential(elements: [tantalum], zbl: prior), threads: 2)
      .predict(set.frames.map(\.structure))
    var frames = set.frames
    for k in frames.indices {
      frames[k].labels.energy? -= repulsion[k].energy
      frames[k].labels.forces = frames[k].labels.forces.map { zip($0, repulsion[k].forces).map { $0 - $1 } }
      frames[k].labels.virial = frames[k].labels.virial.map { $0 - repulsion[k].virial }
    }
    func errors<Form: SNAPForm>(_ form: Form.Type) throws -> (energy: Double, forces: Double) {
      let fit = try fit(form, frames, weights)
      let factor = try fit.factor(of: Array(frames.indices), from: nil) { _, _ in false }.whole
      var model = fit.model
      model.coefficients = try #require(LinearSolver(singularCutoff: 1e-13).solve(factor)).x
      var (energy, forces, count) = (0.0, 0.0, 0)
      for (frame, prediction) in zip(frames, try Predictor(model, threads: 2).predict(frames.map(\.structure))) {
        let error = (prediction.energy - (frame.labels.energy ?? 0)) / Double(frame.structure.count)
        energy += error * error
        for (a, b) in zip(prediction.forces, frame.labels.forces ?? []) { forces += dot(a - b, a - b) }
        count += 3 * frame.structure.count
      }
      return ((energy / Double(frames.count)).squareRoot(), (forces / Double(count)).squareRoot())
    }
    let (energy, forces) = try errors(LinearForm.self)
    #expect(abs(energy - 0.379769) < 1e-6)
    #expect(abs(forces - 0.160973) < 1e-6)
  }
}
