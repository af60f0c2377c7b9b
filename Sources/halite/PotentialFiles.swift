import Potentials

/// Potentials as commands read them.
enum PotentialFiles {
  static let positional = Positional(
    "POTENTIAL", help: "potential file (.safetensors), or aenet's: a folder, predict.in or a network file (.nn)")

  /// A potential; what is to be known of another program's is said.
  /// - Throws: `InputError` where it cannot be read.
  static func read(_ path: String, _ console: Console) throws -> FittedPotential {
    let (potential, notes) = try PotentialFile.readWithNotes(path)
    for note in notes { console.note(note) }
    return potential
  }
}
