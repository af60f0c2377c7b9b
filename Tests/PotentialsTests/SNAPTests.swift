import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

private let hasPairs = SharedData.holds("reference/snap_pair.json")

/// A potential of the reference numbers: its files' text, or the text made of its numbers.
private func potential(_ entry: [String: Any]) throws -> FittedPotential {
  let coefficients: String
  let parameters: String
  if let text = entry["snapcoeff"] as? String {
    (coefficients, parameters) = (text, try #require(entry["snapparam"] as? String))
  } else {
    let beta = doubles(entry["beta"])
    let head =
      "# mlearn\n1 \(beta.count)\n\(entry["element"] ?? "") \(entry["radius"] ?? 0) \(entry["weight"] ?? 0)\n"
    coefficients = head + beta.map { "\($0)" }.joined(separator: "\n") + "\n"
    let values = try #require(entry["param"] as? [String: Any]).mapValues { ($0 as? NSNumber)?.doubleValue ?? 0 }
    // As in mlearn's files: whole numbers as such, an old keyword, and no end of line behind the last one.
    parameters =
      "diagonalstyle 3\n"
      + values.sorted { $0.key < $1.key }
      .map { $0.value == $0.value.rounded() ? "\($0.key) \(Int($0.value))" : "\($0.key) \($0.value)" }
      .joined(separator: "\n")
  }
  return try SNAPFiles.read(
    coefficients: coefficients, parameters: parameters, files: ("a.snapcoeff", "a.snapparam"))
}

private func frame(_ entry: [String: Any], _ elements: [ChemicalElement]) -> Structure {
  let cell = vectors(entry["cell"])
  return Structure(
    lattice: Lattice(a: cell[0], b: cell[1], c: cell[2]),
    elements: doubles(entry["types"]).map { elements[Int($0) - 1] }, positions: vectors(entry["positions"]))
}

private func message(_ body: () throws -> Void) -> String {
  do { try body() } catch { return "\(error)" }
  return ""
}

@Suite struct SNAPTests {
  /// Energies, forces and virials of LAMMPS for potentials of mlearn and for two elements with radii and weights.
  @Test(.enabled(if: hasPairs), arguments: ["Mo_snap", "Mo_qsnap", "AB_linear_bzero1", "AB_quadratic_bzero0"])
  func potentialsOfLAMMPS(name: String) throws {
    let entry = try #require(try SharedData.json("reference/snap_pair.json")[name] as? [String: Any])
    let fitted = try potential(entry)
    let prediction = try Predictor(fitted).predict([frame(entry, fitted.elements)])[0]
    let lammps = try #require(entry["lammps"] as? [String: Any])
    let energy = try #require(lammps["E"] as? Double)
    #expect(abs(prediction.energy - energy) < 1e-10 * abs(energy))
    for (a, b) in zip(prediction.siteEnergies, doubles(lammps["E_atoms"])) { #expect(abs(a - b) < 1e-10) }
    let forces = vectors(lammps["F"])
    #expect(forces.count == prediction.forces.count)
    for (a, b) in zip(prediction.forces, forces) { #expect(length(a - b) < 1e-8) }
    let voigt = prediction.virial.voigt
    let virial = [voigt[0], voigt[1], voigt[2], voigt[5], voigt[4], voigt[3]]
    // The reference took LAMMPS's pressures times volume for 1,602,176.6208 bar Å³ in an eV; LAMMPS means 1,602,176.5.
    let factor = 1_602_176.6208 / 1_602_176.5
    for (a, b) in zip(virial, doubles(lammps["virial_eV_xx_yy_zz_xy_xz_yz"])) {
      #expect(abs(a - factor * b) < 1e-9 * max(1, abs(b)))
    }
  }

  @Test(.enabled(if: hasPairs), arguments: ["Mo_qsnap", "AB_linear_bzero1"])
  func filesOfLAMMPSRoundTrip(name: String) throws {
    let entry = try #require(try SharedData.json("reference/snap_pair.json")[name] as? [String: Any])
    let fitted = try potential(entry)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer {
      for suffix in [".snapcoeff", ".snapparam"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }
    let lines = try SNAPFiles.write(fitted, to: path + ".snapcoeff")
    #expect(lines[0] == "pair_style snap")
    let back = try PotentialFile.read(path + ".snapparam")
    let (a, b) = (
      try Predictor(fitted).predict([frame(entry, fitted.elements)])[0],
      try Predictor(back).predict([frame(entry, fitted.elements)])[0]
    )
    #expect(a.energy == b.energy)
    #expect(a.forces == b.forces)
  }

  @Test func referenceEnergiesBecomeConstants() throws {
    let elements = ["Li", "O"].compactMap { ChemicalElement($0) }
    var hyperparameters = SNAP.defaults
    hyperparameters.twojmax = 2
    let model = try SNAP(elements: elements, hyperparameters: hyperparameters, seed: 1)
    let references = ReferenceEnergies(given: [elements[0]: -1.5, elements[1]: 2.25])
    let fitted = FittedPotential(model: model, referenceEnergies: references)
    let text = try SNAPFiles.text(of: fitted)
    let back = try SNAPFiles.read(
      coefficients: text.coefficients, parameters: text.parameters, files: ("a", "b"))
    let cell = RandomRocksalt.cell(cubes: 1, cations: ["Li"], seed: 1)
    let (a, b) = (try Predictor(fitted).predict([cell])[0], try Predictor(back).predict([cell])[0])
    #expect(abs(a.energy - b.energy) < 1e-12 * abs(a.energy))
    #expect(a.forces == b.forces)
  }

  @Test func badFilesAreNamed() {
    func coefficients(_ text: String) -> String {
      message {
        _ = try SNAPFiles.read(
          coefficients: text, parameters: "rcutfac 4\ntwojmax 2\n", files: ("a.snapcoeff", "a.snapparam"))
      }
    }
    let good = "1 6\nLi 0.5 1\n1\n2\n3\n4\n5\n6\n"
    #expect(coefficients(good) == "")
    #expect(coefficients("1 7\nLi 0.5 1\n1\n2\n3\n4\n5\n6\n").contains("take 9 lines, found 8"))
    #expect(coefficients("1 5\nLi 0.5 1\n1\n2\n3\n4\n5\n").contains("has 5 coefficients an element"))
    #expect(coefficients("1 6\nXx 0.5 1\n1\n2\n3\n4\n5\n6\n").hasPrefix("a.snapcoeff:2: expected an element"))
    #expect(coefficients("1 6\nLi 0.5 1\n1\n2\nx\n4\n5\n6\n").hasPrefix("a.snapcoeff:5: expected one coefficient"))
    #expect(coefficients("").contains("expected the numbers of elements"))
    func parameters(_ text: String) -> String {
      message {
        _ = try SNAPFiles.read(coefficients: good, parameters: text, files: ("a.snapcoeff", "a.snapparam"))
      }
    }
    #expect(
      parameters("rcutfac 4\ntwojmx 2\n") == "a.snapparam:2: unknown keyword 'twojmx'; did you mean 'twojmax'?")
    #expect(parameters("twojmax 2\n").contains("rcutfac is missing"))
    #expect(parameters("rcutfac 4\ntwojmax 2\ndiagonalstyle 1\n").contains("only 3 is in use"))
    #expect(parameters("rcutfac 4\ntwojmax 2\nbzeroflag 2\n").contains("0 or 1"))
    #expect(parameters("rcutfac 4\nrcutfac 4\ntwojmax 2\n").contains("stands twice"))
  }

  /// The design rows are what the potential predicts, column by column.
  @Test(arguments: [false, true]) func designRowsArePredictions(isQuadratic: Bool) throws {
    func check<Form: SNAPForm>(_: Form.Type) throws {
      let elements = ["Li", "O", "Mn"].compactMap { ChemicalElement($0) }
      var hyperparameters = SNAPHyperparameters()
      (hyperparameters.twojmax, hyperparameters.rcutfac) = (3, 4.1)
      hyperparameters.weightRule = .distinct
      var model = try BispectrumPotential<Form>(elements: elements, hyperparameters: hyperparameters, seed: 2)
      var random = RandomSource(seed: 7)
      model.coefficients = model.coefficients.map { _ in 1e-4 * (random.uniform() - 0.5) }
      let cell = RandomRocksalt.cell(cubes: 1, cations: ["Li", "Mn"], rattle: 0.2, seed: 3)
      let prediction = try Predictor(model).predict([cell])[0]
      let frame = LabeledStructure(
        structure: cell,
        labels: Labels(energy: prediction.energy, forces: prediction.forces, virial: prediction.virial))
      let fit = LinearFit(
        model: model, frames: [frame], weights: [RowWeights(energy: 1, forces: 1, virial: 1, shear: 1)], threads: 1,
        chunkRows: 100)
      let columns = Array(0..<model.coefficients.count)
      let rows = try fit.designRows(of: 0, columns: columns)
      var sums = [Double](repeating: 0, count: rows.count)
      for (column, coefficient) in model.coefficients.enumerated() {
        for row in 0..<rows.count { sums[row] += coefficient * rows.values[column * rows.count + row] }
      }
      let expected =
        [prediction.energy] + prediction.forces.flatMap { [$0.x, $0.y, $0.z] } + prediction.virial.voigt
      let scale = expected.map(abs).max() ?? 1
      #expect(sums.count == expected.count)
      for (a, b) in zip(sums, expected) { #expect(abs(a - b) < 1e-11 * scale) }
      // Energies alone, by the other way.
      var energies = DesignRows(atoms: cell.count, columns: columns, of: columns.count, hasDerivatives: false)
      model.addDesignRows(try model.neighborList(of: [cell]), to: &energies)
      for column in columns {
        let other = rows.values[column * rows.count]
        #expect(abs(energies.values[column] - other) < 1e-11 * max(1, abs(other)))
      }
    }
    if isQuadratic { try check(QuadraticForm.self) } else { try check(LinearForm.self) }
  }
}
