import Potentials
import Structures

/// `halite potential convert IN OUT`: a potential from one program's files to another's.
enum PotentialConvertCommand: Command {
  static let name = "potential convert"
  static let summary = "a potential from aenet's, LAMMPS's, quip's or MLIP's files to Halite's, or back"
  static let discussion = """
    `halite potential convert FOLDER potential.safetensors` reads aenet's network files (binary or text) by the folder's
    predict.in, or all *.nn in it. `halite potential convert potential.safetensors FOLDER` writes Ti.nn, Ti.nn.ascii, …
    and predict.in for aenet's predict.x; what the files cannot hold (ZBL repulsion, another kind of potential) is
    refused. Reference energies become E_atom.
    NAME.snapcoeff and NAME.snapparam of LAMMPS are read and written as pairs: `halite potential convert IN NAME.snapcoeff`.
    gap.xml of quip with its sparseX files is read and written likewise: `halite potential convert IN gap.xml`.
    NAME.mtp of MLIP is read and written, NAME.almtp read; these number their types, and --species names the elements.
    `--untrained` writes an .mtp without coefficients, for MLIP to train.
    """
  private static let species = Option<SpeciesList?>(
    "species", placeholder: "Li,Mn,O",
    help: ".mtp and .almtp: the elements of the types, in order; else those of potential_tag in the file")
  private static let untrained = Option(flag: "untrained", help: ".mtp: write the basis without coefficients")
  private static let output = Positional(
    "OUT", help: "file to write (.safetensors, .snapcoeff, gap.xml, .mtp), or a new folder for aenet")

  static let positionals = [PotentialFiles.positional, output]
  static let options: [any OptionDeclaration] = [species, untrained]

  private struct Result: Encodable {
    var potential: String
    var output: String
    var kind: String
    var elements: [String]
    /// Names of the files in a folder; empty for one file.
    var files: [String]
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let (input, path) = (arguments.one(PotentialFiles.positional), arguments.one(output))
    let potential = try read(input, arguments, console)
    if arguments[untrained], !path.hasSuffix(".mtp") {
      throw usageError("--untrained is for an .mtp file as OUT, found \(path)")
    }
    var files: [String] = []
    if path.hasSuffix(".safetensors") {
      try requireWritable([path], inputs: PotentialFiles.inputs(input))
      try PotentialFile.write(potential, to: path)
    } else if potential.isCommittee {
      throw InputError(
        "is a committee, for which other programs have no file", file: input,
        remedy: "convert its members, member-1/potential.safetensors and so on, one by one")
    } else if SNAPFiles.isForeign(path) {
      try requireWritable([path], inputs: [input])
      for line in try SNAPFiles.write(potential, to: path) { console.say(line) }
    } else if GAPFile.isForeign(path) {
      try requireWritable([path], inputs: [input])
      files = try GAPFile.write(potential, to: path)
    } else if path.hasSuffix(".mtp") {
      try requireWritable([path], inputs: [input])
      try MLIPPotentialFile.write(potential, to: path, isUntrained: arguments[untrained])
    } else {
      files = try AENETFolder.write(potential, to: path)
    }
    let title = potential.title
    let result = Result(
      potential: input, output: path, kind: title, elements: potential.elements.map(\.symbol), files: files)
    let names = files.isEmpty ? "" : " (" + files.joined(separator: ", ") + ")"
    try console.result(
      result, text: "\(title) for \(result.elements.joined(separator: " ")): \(path)\(names)",
      json: arguments.json)
  }

  private static func read(
    _ input: String, _ arguments: ParsedArguments, _ console: Console
  ) throws -> FittedPotential {
    guard let given = arguments[species] else { return try PotentialFiles.read(input, console) }
    guard MLIPPotentialFile.isForeign(input) else {
      throw usageError("--species is for an .mtp or .almtp file as IN, found \(input)")
    }
    let (potential, notes) = try MLIPPotentialFile.read(input, elements: given.elements)
    for note in notes { console.note(note) }
    return potential
  }
}
