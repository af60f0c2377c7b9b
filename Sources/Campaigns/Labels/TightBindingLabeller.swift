import Foundation
import Settings
import Structures

/// GFN1-xTB by tblite, run by a Python script that halite writes: labels without a licence, at the Γ point only.
public struct TightBindingLabeller: Labeller {
  public static let name = "gfn1-xtb"
  private let settings: Settings
  private let tree: SettingsValue
  public let isRepairable = false
  public let knowsMoments = false
  public let outputs = ["result.json"]

  /// What `gfn1_xtb:` of campaign.yaml says.
  struct Settings: Decodable, Sendable {
    var method: String
    /// K.
    var electronic_temperature: Double
    var max_iterations: Int
    var accuracy: Double
    /// Fraction of a length, degrees.
    var length_tolerance: Double
    var angle_tolerance: Double
  }

  /// - Throws: `InputError` with file and line.
  public init(_ tree: SettingsValue, file: String?) throws {
    self.tree = tree
    settings = try tree.decoded(as: Settings.self, file: file)
    guard ["GFN1-xTB", "GFN2-xTB", "IPEA1-xTB"].contains(settings.method) else {
      throw InputError("method `\(settings.method)`: expected GFN1-xTB, GFN2-xTB or IPEA1-xTB", file: file)
    }
  }

  public var labelSettings: String { writeYAML(tree) }

  private struct Task: Encodable {
    var structure: String
    var method: String
    var electronic_temperature: Double
    var max_iterations: Int
    var accuracy: Double
    var numbers: [Int]
    var lattice: [[Double]]
    var positions: [[Double]]
  }

  public func inputs(of run: PlannedRun) throws -> [RunFile] {
    let structure = run.frame.structure
    guard let lattice = structure.lattice else { throw InputError("no cell") }
    let task = Task(
      structure: structure.identity, method: settings.method,
      electronic_temperature: settings.electronic_temperature, max_iterations: settings.max_iterations,
      accuracy: settings.accuracy, numbers: structure.elements.map(\.atomicNumber),
      lattice: [lattice.a, lattice.b, lattice.c].map { [$0.x, $0.y, $0.z] },
      positions: structure.positions.map { [$0.x, $0.y, $0.z] })
    return [RunFile("structure.json", try jsonText(task))]
  }

  /// One shape and one size: with the Γ point alone the error of an energy depends on the cell.
  public func admit(_ frame: LabeledStructure, after first: Structure?) throws {
    guard frame.structure.periodic == .all, let lattice = frame.structure.lattice else {
      throw InputError("\(settings.method) here needs a cell that repeats in three directions")
    }
    guard let reference = first?.lattice else { return }
    let (a, b) = (metric(lattice), metric(reference))
    let lengths = (0..<3).allSatisfy { abs(a[$0] / b[$0] - 1) <= settings.length_tolerance }
    let angles = (3..<6).allSatisfy { abs(a[$0] - b[$0]) <= settings.angle_tolerance }
    guard lengths && angles else {
      throw InputError(
        "the cell \(text(a)) is another one than that of the campaign, \(text(b)): \(settings.method) has the Γ point only, so "
          + "energies of cells of different shape or size are not comparable",
        remedy: "make a campaign for each cell")
    }
  }

  /// Lengths, Å, and angles α, β, γ, degrees.
  private func metric(_ lattice: Lattice) -> [Double] {
    let vectors = [lattice.a, lattice.b, lattice.c]
    let lengths = vectors.map(length)
    let angles = [(1, 2), (0, 2), (0, 1)].map { i, j in
      acos(max(-1, min(1, dot(vectors[i], vectors[j]) / (lengths[i] * lengths[j])))) * 180 / .pi
    }
    return lengths + angles
  }

  private func text(_ metric: [Double]) -> String {
    metric[..<3].map { String(format: "%.2f", $0) }.joined(separator: "×") + " Å, "
      + metric[3...].map { String(format: "%.1f°", $0) }.joined(separator: " ")
  }

  private struct Result: Decodable {
    var structure: String
    var method: String
    var code: String
    var error: String?
    var energy: Double?
    var forces: [[Double]]?
    var virial: [Double]?
    var seconds: Double?
  }

  public func outcome(of folder: String, planned: LabeledStructure, ladder: RepairLadder) throws -> RunOutcome? {
    let path = folder + "/result.json"
    guard access(path, F_OK) == 0 else { return nil }
    let result: Result
    do {
      result = try readJSON(Result.self, path: path)
    } catch let error as InputError {
      return RunOutcome(failure: "unreadable", detail: error.description)
    }
    guard result.structure == planned.structure.identity else {
      return RunOutcome(failure: "foreign-output", detail: "\(path) is of another structure")
    }
    if let error = result.error {
      let isSCF = error.lowercased().contains("converge")
      return RunOutcome(failure: isSCF ? "scf-unconverged" : "calculation-failed", detail: error)
    }
    guard let energy = result.energy, let forces = result.forces, forces.count == planned.structure.count,
      forces.allSatisfy({ $0.count == 3 }), result.virial?.count ?? 9 == 9
    else { return RunOutcome(failure: "unreadable", detail: "\(path) lacks energy or forces") }
    var labels = Labels(energy: energy, forces: forces.map { [$0[0], $0[1], $0[2]] })
    labels.virial = result.virial.map { Matrix3(rows: $0) }
    var structure = planned.structure
    structure.moments = nil
    var frame = LabeledStructure(structure: structure, labels: labels)
    frame.set(FrameVerdict.key, FrameVerdict.ok.rawValue)
    frame.set("functional", result.method)
    frame.set("code", result.code)
    var outcome = RunOutcome(frame: frame)
    outcome.seconds = result.seconds
    return outcome
  }
}
