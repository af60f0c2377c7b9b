import Formats
import Potentials
import Structures

/// `halite predict POTENTIAL FILES -o OUT`: energies, forces and stresses of structures.
enum PredictCommand: Command {
  static let name = "predict"
  static let summary = "energy, forces and stress of structures by a potential"
  static let discussion = """
    extxyz holds the predictions as halite_energy (eV), the column halite_forces (eV/Å) and halite_stress (eV/Å³,
    tensile positive), beside the labels of the file; of a committee also its deviations: halite_energy_deviation
    (eV/atom), halite_max_force_deviation and the column halite_force_deviation (eV/Å). Other formats have one place for labels: the predictions take it.
    """
  private static let potential = PotentialFiles.positional
  private static let files = Positional("FILES", .many, help: "structures: extxyz (also .gz), XSF, POSCAR")
  private static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "file to write")

  static let positionals = [potential, files]
  static let options: [any OptionDeclaration] = [output] + ReadingOptions.all + [threadsOption]

  private struct Result: Encodable {
    var output: String
    var frames: Int
    var atoms: Int
    /// eV, one for each frame.
    var energies: [Double]
    /// Of a committee, eV/atom.
    var energyDeviations: [Double]?
    /// The largest of each frame, eV/Å.
    var forceDeviations: [Double]?

    enum CodingKeys: String, CodingKey {
      case output, frames, atoms, energies
      case energyDeviations = "energy_deviations"
      case forceDeviations = "max_force_deviations"
    }
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let path = arguments[output]
    try DataFiles.requireWritable(
      [path], inputs: PotentialFiles.inputs(arguments.one(potential)) + arguments[files])
    let fitted = try PotentialFiles.read(arguments.one(potential), console)
    let data = try DataFiles.read(arguments[files], options: arguments.readOptions, console: console)
    warnOfOpenZero(fitted, data, console)
    let said = try CommitteePredictor(fitted, threads: arguments.threads())
      .predict(data.map(\.structure), names: data.map(\.name))
    let predictions = said.map(\.mean)
    let isExtended = [".extxyz", ".xyz", ".extxyz.gz", ".xyz.gz"].contains { path.hasSuffix($0) }
    let frames = zip(data, said).map { frame, said in
      isExtended ? PredictedFrame.beside(frame, said.mean, members: said.members) : inPlace(frame, said.mean)
    }
    try DataFiles.write(Dataset(frames), to: path, console: console)
    let result = Result(
      output: path, frames: frames.count, atoms: data.atomCount, energies: predictions.map(\.energy),
      energyDeviations: fitted.isCommittee ? said.map(\.deviation.energy) : nil,
      forceDeviations: fitted.isCommittee ? said.map(\.deviation.largestForce) : nil)
    try console.result(
      result, text: "\(counted(frames.count, "frame")), \(counted(data.atomCount, "atom")): \(path)",
      json: arguments.json)
  }

  private static func inPlace(_ frame: LabeledStructure, _ prediction: Prediction) -> LabeledStructure {
    var result = frame
    result.labels = Labels(
      energy: prediction.energy, forces: prediction.forces,
      virial: frame.structure.volume == nil ? nil : prediction.virial)
    return result
  }
}
