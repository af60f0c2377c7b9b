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

  /// 363 energy and 12,672 force rows of 31 columns to 1e−8 of each column's largest value, 2,178 stress rows to 2e−8:
  /// these cells are rounded to 1e−8 Å. From the JSON files that they were made of, all rows agree to 1e−12.
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

  /// Energies, forces and virials less the repulsion that FitSNAP takes off (ZBL from 4.0 to 4.8 Å).
  private func withoutRepulsion(_ frames: [LabeledStructure]) throws -> [LabeledStructure] {
    let prior = try ZBL(inner: 4, outer: 4.8)
    let repulsion = try Predictor(PriorPotential(elements: [tantalum], zbl: prior), threads: 2)
      .predict(frames.map(\.structure))
    return zip(frames, repulsion).map { frame, repulsion in
      var frame = frame
      frame.labels.energy? -= repulsion.energy
      frame.labels.forces = frame.labels.forces.map { zip($0, repulsion.forces).map { $0 - $1 } }
      frame.labels.virial = frame.labels.virial.map { $0 - repulsion.virial }
      return frame
    }
  }

  /// RMSE of energies (eV/atom) and of force components (eV/Å).
  private func errors(
    _ model: some Potential, _ frames: [LabeledStructure]
  ) throws -> (energy: Double, forces: Double) {
    var (energy, forces, count) = (0.0, 0.0, 0)
    for (frame, prediction) in zip(frames, try Predictor(model, threads: 2).predict(frames.map(\.structure))) {
      let error = (prediction.energy - (frame.labels.energy ?? 0)) / Double(frame.structure.count)
      energy += error * error
      for (a, b) in zip(prediction.forces, frame.labels.forces ?? []) { forces += dot(a - b, a - b) }
      count += 3 * frame.structure.count
    }
    return ((energy / Double(frames.count)).squareRoot(), (forces / Double(count)).squareRoot())
  }

  /// FitSNAP's weights multiply rows; its stresses are in bar.
  private func rowWeights(
    _ frame: LabeledStructure, energy: Double, forces: Double, stress: Double
  ) throws -> RowWeights {
    let stress = stress * Tantalum.bar / (try #require(frame.structure.volume))
    return RowWeights(
      energy: energy * energy, forces: forces * forces, virial: stress * stress, shear: stress * stress)
  }

  /// The errors that FitSNAP ships for its linear example.
  @Test func shippedErrors() throws {
    let set = try matched().set
    let weights = try set.frames.enumerated().map { k, frame in
      let place = set.places[k]
      return try rowWeights(
        frame, energy: set.weights[place], forces: set.weights[set.forceStarts[place]],
        stress: set.weights[set.firstStress + 6 * place])
    }
    let frames = try withoutRepulsion(set.frames)
    let fit = try fit(LinearForm.self, frames, weights)
    let factor = try fit.factor(of: Array(frames.indices), from: nil) { _, _ in false }.whole
    var model = fit.model
    model.coefficients = try #require(LinearSolver(singularCutoff: 1e-13).solve(factor)).x
    let (energy, forces) = try errors(model, frames)
    #expect(abs(energy - 0.379769) < 1e-6)
    #expect(abs(forces - 0.160973) < 1e-6)
  }

  /// The errors that FitSNAP ships for its quadratic example: 2J = 8, 5.594 Å, bzeroflag, which has no constant
  /// column there, and weights 100, 1 and 1e−12 for every group.
  @Test func shippedQuadraticErrors() throws {
    let frames = try withoutRepulsion(Tantalum().frames)
    let weights = try frames.map { try rowWeights($0, energy: 100, forces: 1, stress: 1e-12) }
    var settings = settings()
    settings.rcutfac = 5.594
    settings.twojmax = 8
    settings.bzeroflag = true
    let fit = LinearFit(
      model: try BispectrumPotential<QuadraticForm>(elements: [tantalum], hyperparameters: settings, seed: 1),
      frames: frames, weights: weights, threads: 2, chunkRows: 1024)
    let factor = try fit.factor(of: Array(frames.indices), from: nil) { _, _ in false }.whole
    #expect(factor.size == 1 + 55 + 55 * 56 / 2 + 1)
    // R without its first column is no triangle any more: it is rows of a smaller fit.
    var block = Array(factor.values[factor.size...])
    var rest = TriangularFactor(size: factor.size - 1)
    rest.absorb(&block, rows: factor.size, stride: factor.size, threads: 2, counted: factor.rows)
    var model = fit.model
    model.coefficients = [0] + (try #require(LinearSolver(singularCutoff: 1e-13).solve(rest))).x
    let (energy, forces) = try errors(model, frames)
    #expect(abs(energy - 0.000540195) < 1e-8)
    #expect(abs(forces - 0.0269927) < 1e-6)
  }
}
