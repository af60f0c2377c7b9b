import Formats

/// Options of commands that read labelled structures.
enum ReadingOptions {
  static let energyKey = Option<String?>(
    "energy-key", placeholder: "KEY", help: "extxyz: the only key to read energies from (eV)")
  static let forcesKey = Option<String?>(
    "forces-key", placeholder: "COLUMN", help: "extxyz: the only column to read forces from (eV/Å)")
  static let stressKey = Option<String?>(
    "stress-key", placeholder: "KEY",
    help: "extxyz: the only key to read stresses from (eV/Å³, tensile positive; a virial in eV if its name says so)"
  )

  static let all: [any OptionDeclaration] = [energyKey, forcesKey, stressKey]
}

extension ParsedArguments {
  /// How to read, for a command that declares `ReadingOptions.all`.
  var readOptions: ReadOptions {
    var options = ReadOptions()
    options.keys = KeyChoice(
      energy: self[ReadingOptions.energyKey], forces: self[ReadingOptions.forcesKey],
      stress: self[ReadingOptions.stressKey])
    return options
  }
}
