import Formats
import Potentials
import Structures

/// `halite active build POTENTIAL --data FILES`: the active set of a potential that has none, or another one.
enum ActiveBuildCommand: Command {
  static let name = "active build"
  static let summary = "the active set of a potential from the frames it was trained on"
  static let discussion = """
    halite train mtp, snap and qsnap leave the active set of the training part in the potential; this makes it for a potential
    of another program, for an older one, or by other rows: of neighbourhoods (∂E_i/∂θ of each atom) or of configurations
    (w_E ∂E/∂θ/N of each frame, and with their weights w_F ∂F/∂θ of each force and w_S ∂W/∂θ/N of the virial), θ the coefficients that the
    energy is linear in. Without -o the file of the potential is replaced.
    """
  private static let split = Option<String?>(
    "split", placeholder: "FILE", help: "split file of halite data split, of which the training part is taken")
  private static let rows = Option<ActiveRule.Rows>(
    "by", placeholder: "neighbourhoods|configurations", default: .neighbourhoods, help: "what the rows are of")
  private static let energyWeight = Option<Double>(
    "energy-weight", default: 1, help: "weight of the energy row, by configurations")
  private static let forceWeight = Option<Double>(
    "force-weight", default: 0, help: "weight of the force rows, by configurations")
  private static let stressWeight = Option<Double>(
    "stress-weight", default: 0, help: "weight of the virial rows, by configurations")
  private static let output = Option<String?>(
    "output", short: "o", placeholder: "FILE", help: "potential to write (.safetensors); else POTENTIAL is replaced"
  )

  static let positionals = [PotentialFiles.positional]
  static let options: [any OptionDeclaration] =
    [TrainOptions.data, split, rows, energyWeight, forceWeight, stressWeight, output, threadsOption]
    + ReadingOptions.all

  private struct Result: Encodable {
    var output: String
    var frames: Int
    var rule: ActiveRule
    /// Columns of each group.
    var columns: [Int]
    var active_rows: Int
    var active_frames: Int
    /// Directions that the frames leave open.
    var open_directions: Int
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let file = arguments.one(PotentialFiles.positional)
    let path = arguments[output] ?? file
    guard path.hasSuffix(".safetensors") else {
      throw usageError(
        "\(path) has no place for an active set, expected a .safetensors file", remedy: "give -o FILE.safetensors")
    }
    if arguments[output] != nil { try requireWritable([path], inputs: arguments[TrainOptions.data]) }
    var fitted = try PotentialFiles.read(file, console)
    let model = try ActiveGrader.gradedModel(of: fitted, file: file)
    let weights = LabelWeights(
      energy: arguments[energyWeight], forces: arguments[forceWeight], stress: arguments[stressWeight])
    let given = ["energy-weight", "force-weight", "stress-weight"].filter { arguments.given.contains($0) }
    if arguments[rows] == .neighbourhoods, let option = given.first {
      throw usageError("--\(option) is for --by configurations")
    }
    let rule = ActiveRule(arguments[rows], weights: weights)
    let data = try DataFiles.read(
      arguments[TrainOptions.data], options: arguments.readOptions, console: console)
    let threads = try arguments.threads()
    let part = try arguments[split].map { try readSplit($0).parts(of: data, threads: threads).training } ?? data
    let frames = part.filter { !$0.isIsolatedAtom }
    guard !frames.isEmpty else { throw InputError("the training part has no frames") }
    let unknown = frames.count - fitted.members.count(in: frames)
    if !fitted.members.isEmpty, unknown > 0 {
      console.warn(
        "\(unknown) of \(counted(frames.count, "frame")) are not among those that the potential was trained on: grades say how "
          + "far it lies from these frames, not from what it has learned")
    }
    let set = try ActiveSet.build(
      model, frames: frames, rule: rule, threads: threads,
      progress: { console.progress("frame", $0, of: $1) })
    console.endProgress()
    fitted.activeSet = set
    try PotentialFile.write(fitted, to: path)
    let result = Result(
      output: path, frames: frames.count, rule: rule, columns: set.widths, active_rows: set.rowCount,
      active_frames: set.frameCount, open_directions: set.emptyCount)
    try console.result(result, text: "\(set.summary): \(path)", json: arguments.json)
  }
}

extension ActiveRule.Rows: ArgumentChoice {}
