import Foundation
import Potentials
import Structures
import Testing

@testable import Reports

/// Small frames whose errors can be worked out on paper, and a large report of random numbers.
enum Sample {
  static let lithium = ChemicalElement("Li")!
  static let oxygen = ChemicalElement("O")!
  static let cube = Lattice(a: [2, 0, 0], b: [0, 2, 0], c: [0, 0, 2])

  /// LiO: energy off by +50 meV/atom, force components off by 0.1 and 0.2 eV/Å.
  static let monoxide = frame(
    [lithium, oxygen], energy: -10, forces: [[1, 0, 0], [-1, 0, 0]], group: "oxide", index: 0)
  static let monoxidePrediction = prediction(energy: -9.9, forces: [[1.1, 0, 0], [-1, 0.2, 0]])

  /// LiO2 without forces: energy off by −100 meV/atom.
  static let dioxide = frame([lithium, oxygen, oxygen], energy: -18, group: "oxide", index: 1)
  static let dioxidePrediction = prediction(energy: -18.3, forces: [.zero, .zero, .zero])

  /// Li without energy: one force component off by 1 eV/Å.
  static let atom = frame([lithium], forces: [[0, 0, 2]], index: 2)
  static let atomPrediction = prediction(energy: 1, forces: [[0, 0, 1]])

  static let frames = [monoxide, dioxide, atom]
  static let predictions = [monoxidePrediction, dioxidePrediction, atomPrediction]
  static let baseline = EnergyBaseline(
    meanPerAtom: -5.5, elementEnergies: [lithium: -3, oxygen: -7], part: .train)

  /// LiO at −5 ± 0.1 and LiO2 at −6 ± 0.1 eV/atom.
  static let fourOxides = [
    oxide(oxygens: 1, energy: -10.2, index: 0), oxide(oxygens: 1, energy: -9.8, index: 1),
    oxide(oxygens: 2, energy: -18.3, index: 2), oxide(oxygens: 2, energy: -17.7, index: 3),
  ]

  static func oxide(oxygens: Int, energy: Double, index: Int) -> LabeledStructure {
    frame([lithium] + [ChemicalElement](repeating: oxygen, count: oxygens), energy: energy, index: index)
  }

  static func frame(
    _ elements: [ChemicalElement], energy: Double? = nil, forces: [SIMD3<Double>]? = nil, virial: Matrix3? = nil,
    group: String? = nil, index: Int
  ) -> LabeledStructure {
    let positions = elements.indices.map { SIMD3<Double>(Double($0), 0, 0) }
    return LabeledStructure(
      structure: Structure(lattice: cube, elements: elements, positions: positions),
      labels: Labels(energy: energy, forces: forces, virial: virial),
      provenance: Provenance(file: "data/small.extxyz", index: index), configType: group)
  }

  static func prediction(
    energy: Double, forces: [SIMD3<Double>] = [], virial: Matrix3 = .zero
  ) -> Prediction {
    Prediction(energy: energy, forces: forces, virial: virial, siteEnergies: [])
  }

  /// Frames of eight atoms and predictions off by noise of the sizes given, eV/atom and eV/Å.
  static func noisy(
    _ part: DataPart, frames count: Int, energyNoise: Double, forceNoise: Double, seed: UInt64
  ) throws -> PartReport {
    var random = RandomSource(seed: seed)
    func uniform() -> Double { 2 * random.uniform() - 1 }
    func vector(_ size: Double) -> SIMD3<Double> { [size * uniform(), size * uniform(), size * uniform()] }
    var frames: [LabeledStructure] = []
    var predictions: [Prediction] = []
    for index in 0..<count {
      let elements = (0..<8).map { _ in random.below(2) == 0 ? lithium : oxygen }
      let energy = -40 + uniform()
      let forces = elements.map { _ in vector(1) }
      let virial = uniform() * Matrix3.identity
      frames.append(
        frame(
          elements, energy: energy, forces: forces, virial: virial, group: "g\(index % 3)", index: index))
      predictions.append(
        prediction(
          energy: energy + 8 * energyNoise * uniform(), forces: forces.map { $0 + vector(forceNoise) },
          virial: (1 + 0.1 * uniform()) * virial))
    }
    return try PartReport(part, frames: frames, predictions: predictions)
  }

  static func report(parts: [PartReport], training: RunReport.Training? = nil) -> RunReport {
    var run = RunReport.Run(
      potential: "aenet", potentialFile: "run/potential.safetensors", command: "halite train aenet --data 'a & b'",
      version: "0.1.0", dataHash: String(repeating: "a", count: 64), splitHash: nil)
    run.fittedLabels = ["energy", "forces", "stress"]
    run.seconds = 12.5
    run.peakBytes = 1_234_567
    run.threads = 2
    return RunReport(
      run, parts: parts, training: training, census: [RunReport.Fact("Elements <all>", "Li & O")],
      stages: [RunReport.Stage("Training", seconds: 10)], settings: "kind: aenet\nnote: \"<script>\"\n",
      notes: ["Labels are <b>random</b>."])
  }

  /// A learning curve that falls as 1/epoch.
  static func log(_ epochs: Int, forces: Bool = false) -> [EpochRecord] {
    (0..<epochs).map { epoch in
      var record = EpochRecord(epoch: epoch, of: epochs, loss: 1, seconds: Double(epoch))
      record.trainingEnergyRMSE = 0.1 / Double(epoch + 1)
      record.validationEnergyRMSE = 0.12 / Double(epoch + 1)
      if forces { record.trainingForceRMSE = 1 / Double(epoch + 1) }
      return record
    }
  }

  /// A training report with all three parts.
  static func report(frames: Int) throws -> RunReport {
    let parts = [
      try noisy(.train, frames: frames, energyNoise: 0.004, forceNoise: 0.1, seed: 1),
      try noisy(.validation, frames: frames / 4 + 1, energyNoise: 0.004, forceNoise: 0.1, seed: 2),
      try noisy(.test, frames: frames / 4 + 1, energyNoise: 0.004, forceNoise: 0.1, seed: 3),
    ]
    return Sample.report(
      parts: parts, training: RunReport.Training(log: log(300), bestEpoch: 299, stopReason: .patience))
  }

  /// A folder of its own that the caller removes.
  static func temporaryFolder() throws -> String {
    let folder = NSTemporaryDirectory() + "reports-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }
}
