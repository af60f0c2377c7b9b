import Foundation
import Potentials
import Structures

/// Potentials as commands read them.
enum PotentialFiles {
  static let positional = Positional(
    "POTENTIAL",
    help:
      "Halite's file (.safetensors), aenet's (a folder, predict.in or .nn), LAMMPS's .snapcoeff, quip's gap.xml, MLIP's .mtp"
  )

  /// What a command that reads a potential must not write over. Results may lie in a folder of aenet: its files have
  /// names that results do not have.
  static func inputs(_ path: String) -> [String] {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue ? [] : [path]
  }

  /// A potential; what is to be known of another program's is said.
  /// - Throws: `InputError` where it cannot be read.
  static func read(_ path: String, _ console: Console) throws -> FittedPotential {
    let (potential, notes) = try PotentialFile.readWithNotes(path)
    for note in notes { console.note(note) }
    return potential
  }

  /// SHA-256 of a potential as Halite would write it, whatever file it came from.
  static func hash(of potential: FittedPotential) throws -> String {
    FrameIdentity.sha256(Array(try PotentialFile.encode(potential)))
  }
}
