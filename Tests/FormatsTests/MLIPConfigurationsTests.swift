import Structures
import Testing

@testable import Formats

private let text = """
  BEGIN_CFG
   Size
      2
   Supercell
      4 0 0
      0 4 0
      0.5 0 4
   AtomData:  id type cartes_x cartes_y cartes_z fx fy fz magmom_z site_en
      1 1 0 0 0.25 0.1 0.2 0.3 1.5 -1
      2 0 1 2 3 -0.1 -0.2 -0.3 -2 -2
   Energy
      -3.5
   PlusStress:  xx yy zz yz xz xy
      1 2 3 4 5 6
   Feature   EFS_by\tVASP 6.3
   Feature   config_type\tbulk
  END_CFG

  BEGIN_CFG
   Size
      1
   AtomData:  id type direct_x direct_y direct_z cartes_x cartes_y cartes_z
      1 0 0.5 0.5 0.5 1 1 1
   Supercell
      4 0 0
      0 4 0
      0 0 4
  END_CFG

  """

private let options = {
  var options = ReadOptions()
  options.species = [ChemicalElement("Li"), ChemicalElement("O")].compactMap { $0 }
  return options
}()

@Test func cfgIsRead() throws {
  let file = try read(text, as: MLIPConfigurations.self, options: options)
  let frame = file.frames[0]
  #expect(frame.structure.elements.map(\.symbol) == ["O", "Li"])
  #expect(frame.structure.lattice?.c == [0.5, 0, 4])
  #expect(frame.structure.moments == .collinear([1.5, -2]))
  #expect(frame.labels.energy == -3.5 && frame.labels.forces?[1] == [-0.1, -0.2, -0.3])
  #expect(frame.labels.virial?.voigt == [1, 2, 3, 4, 5, 6])
  #expect(frame.configType == "bulk" && frame.info == [InfoItem(key: "EFS_by", value: "VASP 6.3")])
  #expect(frame.columns == [AtomColumn(name: "site_en", kind: .real, width: 1, values: ["-1", "-2"])])
  #expect(file.frames[1].structure.positions == [[2, 2, 2]] && file.frames[1].labels == Labels())
  #expect(file.notes.contains("stress read from key PlusStress (1 frame)"))
}

@Test func whatCfgCarriesComesBack() throws {
  var random = RandomSource(seed: 3)
  for _ in 0..<60 {
    var frame = randomFrame(&random)
    frame.structure.periodic = frame.structure.lattice == nil ? .none : .all
    frame.info = [InfoItem(key: "EFS_by", value: "VASP"), InfoItem(key: "µ", value: "½ = {")]
    frame.columns = []
    if let virial = frame.labels.virial { frame.labels.virial = Matrix3(voigt: virial.voigt) }
    let back = try read(Formats_text(MLIPConfigurations.write([frame])), as: MLIPConfigurations.self).frames[0]
    #expect(back.structure == frame.structure && back.id == frame.id && back.configType == frame.configType)
    #expect(back.labels.energy == frame.labels.energy && back.labels.forces == frame.labels.forces)
    #expect(back.labels.virial == frame.labels.virial && back.info == frame.info)
  }
}

private func Formats_text(_ bytes: [UInt8]) -> String { FormatsTests.text(bytes) }

@Test(arguments: [
  (1e-5, "0.00001"), (-1.25e-7, "-0.000000125"), (1e17, "100000000000000000.0"), (0.5, "0.5"), (-3, "-3.0"),
  (1.5e20, "150000000000000000000.0"),
])
func numbersAreWrittenWithoutExponent(_ number: Double, _ text: String) {
  #expect(decimals(number) == text && Double(text) == number)
}

@Test(arguments: [
  ("BEGIN", "a.txt:1: found \"BEGIN\", expected BEGIN_CFG; is this an MLIP .cfg file?"),
  ("BEGIN_CFG\n Size\n 1\n", "a.txt:3: the file ends inside a configuration; the file may be truncated"),
  (
    "BEGIN_CFG\n Size\n 1\n AtomData: id type cartes_x cartes_y cartes_z\n 1 0 0 0 0\nEND_CFG\n",
    "a.txt:1: the atom types 0 to 0 are numbers, and nothing says their elements; name them in order, as --species Li,Mn,O"
  ),
  (
    "BEGIN_CFG\n Size\n 1\n Stress: xx yy zz yz xz xy\n 1 2 3 4 5 6\nEND_CFG\n",
    "a.txt:4: a legacy Stress: block, whose sign and unit depend on the program that wrote it; if it is -sigma V in eV, "
      + "rename it PlusStress:; --repair of halite convert leaves it out"
  ),
  (
    "BEGIN_CFG\n Size\n 2\n AtomData: id type cartes_x cartes_y cartes_z\n 1 0 0 0 0\nEND_CFG\n\n\n\n",
    "a.txt:6: id of atom 2 is \"END_CFG\", expected a finite number"
  ),
  (
    "BEGIN_CFG\n Size\n 1\n AtomData: id type x y z\n 1 0 0 0 0\nEND_CFG\n",
    "a.txt:4: AtomData names no column cartes_x"
  ),
  ("BEGIN_CFG\n Size\n 0\n", "a.txt:3: found \" 0\", expected the number of atoms"),
  ("BEGIN_CFG\nSupercell\n1 0 0\n0 1 0\n1 1 0\n", "a.txt:5: the Supercell has no volume"),
])
func brokenCfgIsRefused(_ text: String, _ message: String) {
  #expect(failure(text, as: MLIPConfigurations.self) == message)
}

@Test func aLegacyStressIsLeftOutOnDemand() throws {
  var options = options
  options.repair = true
  let text = """
    BEGIN_CFG
     Size
     1
     AtomData: id type cartes_x cartes_y cartes_z
     1 1 0 0 0
     Stress: xx yy zz yz xz xy
     1 2 3 4 5 6
    END_CFG
    """
  let file = try read(text, as: MLIPConfigurations.self, options: options)
  #expect(file.frames[0].labels.virial == nil && file.frames[0].structure.formula == "O")
  #expect(file.notes == ["legacy Stress: block left out (1 frame)"])
}

@Test func cfgKeysWithBlanksAreRefused() throws {
  var frame = try read(text, as: MLIPConfigurations.self, options: options).frames[0]
  frame.info = [InfoItem(key: "a b", value: "1")]
  #expect(
    message { _ = try MLIPConfigurations.write([frame]) }
      == "the key \"a b\" of a.txt frame 0 holds blanks, which cfg Features cannot")
  frame.info = [InfoItem(key: "a", value: "1\n2")]
  #expect(
    message { _ = try MLIPConfigurations.write([frame]) }
      == "the value of a of a.txt frame 0 holds a line break, which cfg Features cannot")
  frame.info = []
  var only = WriteOptions()
  only.species = options.species.filter { $0.symbol == "O" }
  #expect(
    message { _ = try MLIPConfigurations.write([frame], options: only) }
      == "Li occurs and is not among the species O; add it to --species")
}
