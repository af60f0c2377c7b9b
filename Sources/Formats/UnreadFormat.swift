import Structures

/// Files that users have and that Halite does not read, with the way from them to one that it reads.
enum UnreadFormat {
  /// What ASE reads and what carries energies and forces (or at least a structure), by the name's beginning or end.
  private static let names: [(beginning: String, description: String)] = [
    ("XDATCAR", "a VASP XDATCAR")
  ]

  private static let suffixes: [(suffix: String, description: String)] = [
    (".traj", "an ASE trajectory"), (".pdb", "a PDB file"), (".gen", "a DFTB+ structure"),
    (".cell", "a CASTEP cell"), (".castep", "a CASTEP output"), (".pwo", "a Quantum ESPRESSO output"),
    (".xml", "an XML file"),
  ]

  private static let packers: [(suffix: String, command: String)] = [
    (".xz", "unxz"), (".zst", "unzstd"), (".zip", "unzip"), (".tar.gz", "tar xf"),
    (".tar", "tar xf"), (".tgz", "tar xf"),
  ]

  /// What to say of a file that no reader takes; nil where nothing is known of its name.
  static func error(for path: String) -> InputError? {
    let name = uncompressed(lastComponent(path))
    let packer = packers.first { lastComponent(path).lowercased().hasSuffix($0.suffix) }
    let inner = packer.map { String(lastComponent(path).dropLast($0.suffix.count)) } ?? name
    if let description = description(of: inner) {
      return InputError("\(description), which is not read yet", file: path, remedy: way(from: path, named: inner))
    }
    guard let packer else { return nil }
    return InputError(
      "packed as \(packer.suffix), which is not read", file: path, remedy: "unpack it: \(packer.command) \(path)")
  }

  private static func description(of name: String) -> String? {
    let lower = name.lowercased()
    return names.first { lower.hasPrefix($0.beginning.lowercased()) }?.description
      ?? suffixes.first { lower.hasSuffix($0.suffix) }?.description
  }

  private static func way(from path: String, named name: String) -> String {
    let ase = "make it extxyz by ASE: ase convert \(path) frames.extxyz"
    return name.lowercased().hasSuffix(".json") ? ase + " (a split file belongs to --split)" : ase
  }
}
