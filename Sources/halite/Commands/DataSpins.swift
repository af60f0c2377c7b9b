import Reports
import Structures

/// `halite data spins FILES`: oxidation and spin states from the moments, and structures in more than one state.
enum DataSpinsCommand: Command {
  static let name = "data spins"
  static let summary = "oxidation and spin states by moment; structures that occur in more than one spin state"
  static let discussion = """
    The state of a transition metal from Ti to Cu follows from |m| in the windows that are printed. Of two states with one moment (Fe2+ and
    Fe4+) the one is taken that makes the frame neutral; where none or both do, or where a moment is in no window, the site is ambiguous.
    Frames of one structure (same cell, same order of atoms, within --tolerance) whose moments differ by more than
    --moment-tolerance on some atom are listed as its spin states, from the lowest energy up; where frames carry DFT settings, only those
    of equal settings are compared.
    """
  private static let defaults = SpinDiagnosis(Dataset([]))
  private static let tolerance = Option<Double>(
    "tolerance", unit: "Å", default: defaults.tolerance,
    help: "atoms and lattice vectors of one structure are no further apart")
  private static let momentTolerance = Option<Double>(
    "moment-tolerance", unit: "μB", default: defaults.momentTolerance,
    help: "moments of one state differ by no more")
  static let positionals = [DataFiles.positional]
  static let options: [any OptionDeclaration] = [tolerance, momentTolerance] + ReadingOptions.all

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    for option in [tolerance, momentTolerance] where arguments[option] <= 0 {
      throw usageError("option --\(option.name): expected a number above 0, found \(arguments[option].argument)")
    }
    let files = try FrameFiles(
      arguments[DataFiles.positional], options: arguments.readOptions, console: console)
    var counter = SpinCounter(tolerance: arguments[tolerance], momentTolerance: arguments[momentTolerance])
    try files.forEach { counter.add($0) }
    let twins = counter.candidates
    if !twins.isEmpty { try files.forEachAgain { if twins.contains($0) { counter.addTwin($1) } } }
    let diagnosis = counter.diagnosis
    guard diagnosis.framesWithMoments > 0 else {
      throw InputError(
        "no frame has moments", remedy: "halite data import reads them from OUTCAR (LORBIT 10 or 11)")
    }
    try console.result(diagnosis, text: diagnosis.text, json: arguments.json)
  }
}
