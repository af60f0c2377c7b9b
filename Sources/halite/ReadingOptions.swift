import Formats
import Structures

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

  static let species = Option<SpeciesList?>(
    "species", placeholder: "Li,Mn,O",
    help: "formats with numbered atom types (cfg, deepmd, lammps): the elements of the types, in order")
  static let stressOrder = Option<StressOrder?>(
    "stress-order", placeholder: "xx,yy,…",
    help: "pymatgen-json: order of the six stresses, where it is not VASP's xx,yy,zz,xy,yz,zx")

  static let all: [any OptionDeclaration] = [energyKey, forcesKey, stressKey, species, stressOrder]
}

extension ParsedArguments {
  /// How to read, for a command that declares `ReadingOptions.all`.
  var readOptions: ReadOptions {
    var options = ReadOptions()
    options.keys = KeyChoice(
      energy: self[ReadingOptions.energyKey], forces: self[ReadingOptions.forcesKey],
      stress: self[ReadingOptions.stressKey])
    options.species = self[ReadingOptions.species]?.elements ?? []
    options.stressOrder = self[ReadingOptions.stressOrder]
    return options
  }
}

/// Elements in an order: `Li,Mn,O`.
struct SpeciesList: ArgumentValue {
  static let expectation = "elements in order (`Li,Mn,O`)"
  static let placeholder = "Li,Mn,O"

  var elements: [ChemicalElement]

  init?(argument: String) {
    guard let elements = speciesList(argument) else { return nil }
    self.elements = elements
  }

  var argument: String { elements.map(\.symbol).joined(separator: ",") }
}

extension StressOrder: ArgumentValue {
  static var expectation: String { "six components (`xx,yy,zz,xy,yz,zx`)" }
  static var placeholder: String { "xx,yy,…" }
  init?(argument: String) { self.init(argument) }
  var argument: String { description }
}
