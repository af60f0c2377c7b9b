import Formats
import Potentials
import Structures

/// `halite predict POTENTIAL FILES -o OUT`: energies, forces and stresses of structures.
enum PredictCommand: Command {
  static let name = "predict"
  static let summary = "energy, forces and stress of structures by a potential"
  static let discussion = """
    extxyz holds the predictions as halite_energy (eV), the column halite_forces (eV/Å) and halite_stress (eV/Å³,
    tensile positive), beside the labels of the file. Other formats have one place for labels: the predictions take it.
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
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let path = arguments[output]
    try DataFiles.requireWritable(
      [path], inputs: PotentialFiles.inputs(arguments.one(potential)) + arguments[files])
    let fitted = try PotentialFiles.read(arguments.one(potential), console)
    let data = try DataFiles.read(arguments[files], options: arguments.readOptions, console: console)
    warnOfOpenZero(fitted, data, console)
    let predictions = try Predictor(fitted, threads: arguments.threads())
      .predict(data.map(\.structure), names: data.map(\.name))
    let isExtended = [".extxyz", ".xyz", ".extxyz.gz", ".xyz.gz"].contains { path.hasSuffix($0) }
    let frames = zip(data, predictions).map { frame, prediction in
      isExtended ? beside(frame, prediction) : inPlace(frame, prediction)
    }
    try DataFiles.write(Dataset(frames), to: path, console: console)
    let result = Result(
      output: path, frames: frames.count, atoms: data.atomCount, energies: predictions.map(\.energy))
    try console.result(
      result, text: "\(counted(frames.count, "frame")), \(counted(data.atomCount, "atom")): \(path)",
      json: arguments.json)
  }

  private static func beside(_ frame: LabeledStructure, _ prediction: Prediction) -> LabeledStructure {
    var result = frame
    result.info.removeAll { $0.key.hasPrefix("halite_") }
    result.columns.removeAll { $0.name.hasPrefix("halite_") }
    result.info.append(InfoItem(key: "halite_energy", value: "\(prediction.energy)"))
    if let volume = frame.structure.volume {
      let stress = ((-1 / volume) * prediction.virial).rows.map { "\($0)" }.joined(separator: " ")
      result.info.append(InfoItem(key: "halite_stress", value: stress))
    }
    let values = prediction.forces.flatMap { ["\($0.x)", "\($0.y)", "\($0.z)"] }
    result.columns.append(AtomColumn(name: "halite_forces", kind: .real, width: 3, values: values))
    return result
  }

  private static func inPlace(_ frame: LabeledStructure, _ prediction: Prediction) -> LabeledStructure {
    var result = frame
    result.labels = Labels(
      energy: prediction.energy, forces: prediction.forces,
      virial: frame.structure.volume == nil ? nil : prediction.virial)
    return result
  }
}
