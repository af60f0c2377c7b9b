import Formats
import Potentials
import Structures

/// `halite data select FILES -o OUT`: the frames that fulfil every condition; the others can be kept too.
enum DataSelectCommand: Command {
  static let name = "data select"
  static let summary = "the frames that fulfil conditions, as a data set of their own"
  static let discussion = """
    Conditions add up; a frame without the label that one asks about does not fulfil it. --energy-window X keeps frames
    at most X eV/atom above the lowest one, energies being taken after reference energies (least squares, or --reference
    Li=-0.3,O=-1.7). Frames that are left out are counted; --rest writes them to a file.
    """
  private static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "file to write")
  private static let rest = Option<String?>(
    "rest", placeholder: "FILE", help: "file for the frames that are left out")
  private static let window = Option<Double?>(
    "energy-window", unit: "eV/atom", help: "largest distance from the lowest energy after reference energies")
  private static let reference = Option<[String]>(
    list: "reference", placeholder: "El=E", help: "reference energies of the elements, eV")
  private static let force = Option<Double?>("max-force", unit: "eV/Å", help: "largest |F| of an atom")
  private static let value = Option<[String]>(
    repeated: "where", placeholder: "KEY=VALUE", help: "value of a key, as config_type=litmo2")
  private static let labels = Option<[LabelName]>(
    list: "with", placeholder: "LABEL", help: "labels that a frame must have: energy, forces, stress, moments")

  static let positionals = [DataFiles.positional]
  static let options: [any OptionDeclaration] =
    [output, rest, window, reference, force, value, labels] + ReadingOptions.all

  private struct Result: Encodable {
    var output: String
    var frames: Int
    var left_out: Int
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let paths = arguments[DataFiles.positional]
    try DataFiles.requireWritable([arguments[output], arguments[rest]], inputs: paths)
    let data = try DataFiles.read(paths, options: arguments.readOptions, console: console)
    var keeps = [Bool](repeating: true, count: data.count)
    func require(_ holds: (LabeledStructure) throws -> Bool) rethrows {
      for k in data.indices where keeps[k] { keeps[k] = try holds(data[k]) }
    }
    for label in arguments[labels] { require(label.isPresent) }
    for text in arguments[value] {
      let (key, wanted) = try pair(text, option: "where")
      require { $0.value(ofKey: key) == wanted }
    }
    if let limit = arguments[force] { require { $0.labels.forces?.allSatisfy { length($0) <= limit } ?? false } }
    if let limit = arguments[window] {
      let above = try energiesAboveLowest(data, arguments[reference])
      for k in data.indices where keeps[k] { keeps[k] = above[k].map { $0 <= limit } ?? false }
    }
    let chosen = data.indices.filter { keeps[$0] }.map { data[$0] }
    let others = data.indices.filter { !keeps[$0] }.map { data[$0] }
    guard !chosen.isEmpty else {
      throw InputError("none of \(counted(data.count, "frame")) fulfils the conditions")
    }
    try DataFiles.write(Dataset(chosen), to: arguments[output], console: console)
    if let path = arguments[rest], !others.isEmpty {
      try DataFiles.write(Dataset(others), to: path, console: console)
    }
    let result = Result(output: arguments[output], frames: chosen.count, left_out: others.count)
    try console.result(
      result, text: "\(counted(chosen.count, "frame")): \(arguments[output]); \(others.count) left out",
      json: arguments.json)
  }

  /// eV/atom after reference energies, from the lowest of all frames; nil for a frame without energy.
  private static func energiesAboveLowest(_ data: Dataset, _ given: [String]) throws -> [Double?] {
    var references = given.isEmpty ? try ReferenceEnergies.fit(data) : ReferenceEnergies(given: [:])
    for text in given {
      let (symbol, number) = try pair(text, option: "reference")
      guard let element = ChemicalElement(symbol), let energy = Double(argument: number) else {
        throw usageError("option --reference: expected as Li=-0.3 (eV), found `\(text)`")
      }
      references.energies[element] = energy
    }
    if let element = data.elements.first(where: { references.energies[$0] == nil }) {
      throw usageError("option --reference has no energy for \(element)", remedy: "give one for every element")
    }
    let energies = data.map { frame in
      frame.labels.energy.map { ($0 - references.sum(over: frame.structure)) / Double(frame.structure.count) }
    }
    guard let lowest = energies.compactMap({ $0 }).min() else { throw InputError("no frame has an energy") }
    return energies.map { $0.map { $0 - lowest } }
  }

  private static func pair(_ text: String, option: String) throws -> (String, String) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw usageError("option --\(option): expected KEY=VALUE, found `\(text)`") }
    return (parts[0], parts[1])
  }
}

/// The labels that `--with` asks for.
enum LabelName: String, ArgumentChoice {
  case energy, forces, stress, moments

  func isPresent(_ frame: LabeledStructure) -> Bool {
    switch self {
    case .energy: frame.labels.energy != nil
    case .forces: frame.labels.forces != nil
    case .stress: frame.labels.virial != nil
    case .moments: frame.structure.moments != nil
    }
  }
}
