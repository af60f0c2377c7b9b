import Foundation
import Structures
import TestSupport
import Testing

@testable import Potentials

private let hasPotentials = SharedData.holds("reference/mtp_mlip2_level8.json")

/// The text of an `.mtp` file from the numbers of a reference.
private func text(_ entry: [String: Any], tag: String) throws -> String {
  let p = try #require(entry["potential"] as? [String: Any])
  func list(_ values: [Double], _ whole: Bool = false) -> String {
    "{" + values.map { whole ? "\(Int($0))" : "\($0)" }.joined(separator: ", ") + "}"
  }
  func rows(_ key: String) -> String {
    "{" + doubleRows(p[key]).map { list($0, true) }.joined(separator: ", ") + "}"
  }
  func number(_ key: String) -> String { "\((p[key] as? NSNumber) ?? 0)" }
  var lines = [
    "MTP", "version = 1.1.0", "potential_name = MTP1m", "scaling = " + number("scaling"),
    "species_count = " + number("species_count"), "potential_tag = " + tag, "radial_basis_type = RBChebyshev",
    "\tmin_dist = " + number("rmin"), "\tmax_dist = " + number("rmax"), "\tradial_basis_size = " + number("R"),
    "\tradial_funcs_count = " + number("K"), "\tradial_coeffs",
  ]
  for (a, row) in (p["c"] as? [[Any]] ?? []).enumerated() {
    for (b, block) in row.enumerated() {
      lines += ["\t\t\(a)-\(b)"] + doubleRows(block).map { "\t\t\t" + list($0) }
    }
  }
  let (basic, times) = (doubleRows(p["basic"]), doubleRows(p["times"]))
  lines += [
    "alpha_moments_count = " + number("n"), "alpha_index_basic_count = \(basic.count)",
    "alpha_index_basic = " + rows("basic"), "alpha_index_times_count = \(times.count)",
    "alpha_index_times = " + rows("times"), "alpha_scalar_moments = \(doubles(p["map"]).count)",
    "alpha_moment_mapping = " + list(doubles(p["map"]), true), "species_coeffs = " + list(doubles(p["sc"])),
    "moment_coeffs = " + list(doubles(p["mc"])),
  ]
  return lines.joined(separator: "\n") + "\n"
}

private func potential(_ name: String, tag: String) throws -> (FittedPotential, Structure, [String: Any]) {
  let entry = try SharedData.json("reference/\(name).json")
  let fitted = try MLIPPotentialFile.read(bytes: Array(text(entry, tag: tag).utf8), file: "pot.mtp").potential
  let cell = vectors(entry["cell"])
  let structure = Structure(
    lattice: Lattice(a: cell[0], b: cell[1], c: cell[2]),
    elements: doubles(entry["types"]).map { fitted.elements[Int($0)] }, positions: vectors(entry["positions"]))
  return (fitted, structure, entry)
}

private let small = """
  MTP
  version = 1.1.0
  potential_name = MTP1m
  species_count = 1
  potential_tag = Li
  radial_basis_type = RBChebyshev
  \tmin_dist = 2
  \tmax_dist = 5
  \tradial_basis_size = 2
  \tradial_funcs_count = 1
  \tradial_coeffs
  \t\t0-0
  \t\t\t{0.5, -0.25}
  alpha_moments_count = 2
  alpha_index_basic_count = 1
  alpha_index_basic = {{0, 0, 0, 0}}
  alpha_index_times_count = 1
  alpha_index_times = {{0, 0, 1, 1}}
  alpha_scalar_moments = 2
  alpha_moment_mapping = {0, 1}
  species_coeffs = {-1}
  moment_coeffs = {0.1, 0.2}

  """

@Suite struct MTPFileTests {
  /// Energies, forces and stresses that MLIP-2 wrote, to the digits that it wrote.
  @Test(
    .enabled(if: hasPotentials), arguments: [("mtp_mlip2_level8", "Li Mn O"), ("mtp_mlip2_level16", "Cu")])
  func potentialsOfMLIP(name: String, tag: String) throws {
    let (fitted, structure, entry) = try potential(name, tag: tag)
    let prediction = try Predictor(fitted).predict([structure])[0]
    #expect(abs(prediction.energy - (entry["E"] as? Double ?? .nan)) < 1e-10)
    for (a, b) in zip(prediction.siteEnergies, doubles(entry["E_atoms_numpy"])) { #expect(abs(a - b) < 1e-10) }
    for (a, b) in zip(prediction.forces, vectors(entry["forces"])) {
      for d in 0..<3 { #expect(abs(a[d] - b[d]) < 0.51e-6) }
    }
    let stress = doubles(entry["PlusStress_xx_yy_zz_yz_xz_xy_eV"])
    #expect(stress.count == 6)
    for (a, b) in zip(prediction.virial.voigt, stress) { #expect(abs(a - b) < 0.51e-5) }
  }

  /// Three species at level 10: all B of all atoms, forces and strain derivatives.
  @Test(.enabled(if: hasPotentials)) func threeSpecies() throws {
    let (fitted, structure, entry) = try potential("mtp_level10_3species", tag: "Li-Mn-O")
    let model = try #require(fitted.model as? MTP)
    let list = try model.neighborList(of: [structure])
    let width = model.tables.scalars.count
    let values = model.scalars(list)
    for (k, row) in doubleRows(entry["B"]).enumerated() {
      for (c, value) in row.enumerated() {
        #expect(abs(values[k * width + c] - value) < 1e-10 * max(1, abs(value)))
      }
    }
    let prediction = try Predictor(fitted).predict([structure])[0]
    #expect(abs(prediction.energy - (entry["E_total"] as? Double ?? .nan)) < 1e-10 * 106)
    for (a, b) in zip(prediction.siteEnergies, doubles(entry["E_atoms"])) { #expect(abs(a - b) < 1e-10 * 50) }
    // The reference differentiates by differences with h = 1e-4.
    for (a, b) in zip(prediction.forces, vectors(entry["forces"])) { #expect(length(a - b) < 1e-5) }
    for (a, b) in zip(prediction.virial.rows, doubleRows(entry["dE_dstrain"]).flatMap { $0 }) {
      #expect(abs(a + b) < 1e-4)
    }
  }

  /// What was read is written the same, and a potential of Halite's own program too, untrained or not.
  @Test func filesRoundTrip() throws {
    let elements = ["Li", "O"].compactMap { ChemicalElement($0) }
    var hyperparameters = MTP.defaults
    hyperparameters.level = 12
    hyperparameters.rMin = 1.7
    let model = try MTP(elements: elements, hyperparameters: hyperparameters, seed: 4)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".mtp").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let fitted = FittedPotential(model: model, referenceEnergies: ReferenceEnergies(given: [elements[1]: -4]))
    try MLIPPotentialFile.write(fitted, to: path)
    let back = try PotentialFile.read(path)
    let frame = RandomRocksalt.cell(cubes: 1, cations: ["Li"], rattle: 0.2, seed: 3)
    let (a, b) = (try Predictor(fitted).predict([frame])[0], try Predictor(back).predict([frame])[0])
    #expect(abs(a.energy - b.energy) < 1e-12 * abs(a.energy))
    for (f, g) in zip(a.forces, b.forces) { #expect(length(f - g) < 1e-12) }
    let first = try Data(contentsOf: URL(fileURLWithPath: path))
    try MLIPPotentialFile.write(back, to: path)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == first)
    // And through Halite's own file, which then holds the program.
    let stored = try PotentialFile.read(bytes: Array(PotentialFile.encode(back)))
    #expect(try Predictor(stored).predict([frame])[0].energy == b.energy)
    try MLIPPotentialFile.write(fitted, to: path, isUntrained: true)
    let error = #expect(throws: InputError.self) { try PotentialFile.read(path) }
    #expect(error?.message.contains("untrained") == true)
    let settings = try MTP.foreignSettings(path).hyperparameters
    #expect((settings.level, settings.rMin, settings.radialSize) == (12, 1.7, 8))
  }

  @Test func anActiveSetIsLeftOut() throws {
    let (_, notes) = try MLIPPotentialFile.read(
      bytes: Array(small.utf8) + Array("#MVS_v1.1\n".utf8) + [0, 255, 7, 10, 61], file: "a.almtp")
    #expect(notes.count == 1)
  }

  /// What is wrong is named with its line.
  @Test(
    arguments: [
      ("MTP\n", "MPT\n", "expected MTP", 1), ("version = 1.1.0", "version = 2.0", "version 2.0", 2),
      ("species_count = 1", "species_count = x", "species_count", 4),
      ("max_dist", "max_dits", "did you mean max_dist", 8),
      ("RBChebyshev", "RBShapeev", "RBShapeev", 6), ("0-0", "0-1", "0-1", 12), ("-0.25}", "}", "1 rows of 2", 12),
      ("{{0, 0, 1, 1}}", "{{0, 1, 1, 1}}", "before it is complete", nil),
      ("{{0, 0, 1, 1}}", "{{0, 0, 1, 7}}", "not there", nil), ("{0, 1}", "{0, 2}", "names moment 2", 20),
      ("potential_tag = Li", "potential_tag = pot", "names no elements", nil),
      ("{0.1, 0.2}", "{0.1, 0.2", "do not close", 22),
      ("{{0, 0, 0, 0}}", "{{0, 0, 0}}", "3 numbers, expected 4", 16),
      ("{{0, 0, 0, 0}}", "{{0, 99, 0, 0}}", "out of range", nil),
      ("species_coeffs = {-1}\n", "", "species_coeffs is missing", nil),
    ] as [(String, String, String, Int?)])
  func errorsNameTheLine(old: String, new: String, message: String, line: Int?) throws {
    let damaged = small.replacingOccurrences(of: old, with: new)
    #expect(damaged != small)
    let error = #expect(throws: InputError.self) {
      try MLIPPotentialFile.read(bytes: Array(damaged.utf8), file: "pot.mtp")
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.file == "pot.mtp")
    if let line { #expect(error?.line == line) }
  }
}
