import Reports
import Structures

/// `halite data spins FILES`: oxidation and spin states from the moments, and structures in more than one state.
enum DataSpinsCommand: Command {
  static let name = "data spins"
  static let summary = "oxidation and spin states by moment; structures that occur in more than one spin state"
  static let discussion = """
    The state of a transition metal from Ti to Cu follows from |m| in the windows that are printed; a moment in no window, or in those of
    two states, is ambiguous. Frames of one structure (same cell, same order of atoms, within --tolerance) whose moments differ by more than
    --moment-tolerance on some atom are listed as its spin states, from the lowest energy up.
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
    let data = try DataFiles.read(arguments[DataFiles.positional], options: arguments.readOptions, console: console)
    let diagnosis = SpinDiagnosis(
      data, tolerance: arguments[tolerance], momentTolerance: arguments[momentTolerance])
    guard diagnosis.framesWithMoments > 0 else {
      throw InputError(
        "no frame has moments", remedy: "halite data import reads them from OUTCAR (LORBIT 10 or 11)")
    }
    try console.result(diagnosis, text: diagnosis.text, json: arguments.json)
  }
}
