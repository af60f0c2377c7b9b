import Testing

@testable import Formats

@Test(arguments: [
  ("a.xyz", "extxyz"), ("b/a.EXTXYZ", "extxyz"), ("a.xyz.gz", "extxyz"), ("a.xsf", "xsf"), ("a.axsf.GZ", "xsf"),
  ("POSCAR", "poscar"), ("x/CONTCAR", "poscar"), ("POSCAR.relax1.gz", "poscar"), ("POSCAR_12", "poscar"),
  ("a.vasp", "poscar"), ("a.poscar", "poscar"), ("XSF.d/POSCAR", "poscar"), ("a.cfg", "cfg"), ("a.db", "ase-db"),
  ("a.npy", "deepmd/npy"), ("a.raw", "deepmd/raw"), ("a.cif.gz", "cif"), ("a.json", "pymatgen-json"),
  ("a.lmp", "lammps-data"), ("a.dump", "lammps-dump"), ("a.train.ascii", "aenet-train"),
])
func theNameTellsTheFormat(_ path: String, _ name: String) throws {
  #expect(try Formats.format(for: path).metadata.name == name)
}

@Test(arguments: [("extxyz", "extxyz"), ("xyz", "extxyz"), ("vasp", "poscar"), ("XSF", "xsf")])
func formatsAreNamed(_ asked: String, _ name: String) throws {
  #expect(try Formats.format(named: asked, for: "a.dat").metadata.name == name)
}

@Test func anUnknownFormatIsRefusedWithTheNearest() {
  let known = "known formats: " + Formats.all.map { $0.metadata.name }.joined(separator: ", ")
  #expect(
    message { _ = try Formats.format(named: "extxzy", for: "a") }
      == "unknown format \"extxzy\"; did you mean extxyz? \(known)")
  #expect(
    message { _ = try Formats.format(for: "a.extxy") }
      == "a.extxy: unknown suffix .extxy; did you mean .extxyz? \(known)")
  #expect(
    message { _ = try Formats.format(for: "data") }
      == "data: a name without suffix does not tell the format; \(known)")
  #expect(message { _ = try Formats.format(named: "qqq", for: "a") } == "unknown format \"qqq\"; \(known)")
}
