import Foundation
import TestSupport
import Testing

private let vasp = "data/fixtures/vasp"

/// `halite data import` says what became of every frame and file.
@Suite(.enabled(if: Program.isBuilt && SharedData.holds(vasp), "the program or ../shared is not there"))
struct ImportAccountTests {
  private func verdicts(_ object: [String: Any]) -> [String: Int] {
    (object["verdicts"] as? [String: Any] ?? [:]).compactMapValues { ($0 as? NSNumber)?.intValue }
  }

  private func data(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: SharedData.path(vasp + "/" + name)))
  }

  /// The OUTCAR of a run cut within the energy of its fifth step.
  private func cutOUTCAR() throws -> Data {
    let bytes = try data("dpdata/OUTCAR.h2o.md.10")
    let mark = try #require(bytes.range(of: Data("free  energy   TOTEN  =       -28.40826020".utf8)))
    return bytes[..<(mark.upperBound - ".40826020".utf8.count)]
  }

  /// Water has 32 Å³ an atom.
  private let anyVolume = ["--max-volume", "1000", "--min-volume", "0", "--max-net-force", "1"]

  @Test func ofACutOUTCARAndAWholeVasprunTheWholeOneCounts() throws {
    try Program.withFolder { folder in
      let run = folder.appendingPathComponent("run")
      try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
      try cutOUTCAR().write(to: run.appendingPathComponent("OUTCAR"))
      let out = folder.appendingPathComponent("a.extxyz").path
      let alone = try Program.run(["data", "import", run.path, "-o", out, "--json"] + anyVolume).json()
      #expect(verdicts(alone) == ["ok": 4, "truncated": 1])
      #expect(try !String(contentsOfFile: out, encoding: .utf8).contains("REF_energy=-28.0"))
      try data("dpdata/vasprun.h2o.md.10.xml").write(to: run.appendingPathComponent("vasprun.xml"))
      let pair = try Program.run(["data", "import", run.path, "-o", out, "--json"] + anyVolume).json()
      #expect(verdicts(pair) == ["ok": 10])
      #expect((pair["lost"] as? [String])?.isEmpty ?? false)
      #expect(try String(contentsOfFile: out, encoding: .utf8).contains("REF_energy=-28.4082602"))
    }
  }

  @Test func theWholeStepsOfACutPackedFileEnterAndTheRestIsSaid() throws {
    try Program.withFolder { folder in
      let packed = try data("LiNiO2_r2SCANU/OUTCAR.bz2")
      let path = folder.appendingPathComponent("OUTCAR.bz2")
      try packed.prefix(packed.count - 2000).write(to: path)
      let out = folder.appendingPathComponent("a.extxyz").path
      let run = try Program.run(["data", "import", path.path, "-o", out, "--json"])
      let report = try run.json()
      let found = verdicts(report)
      let lost = (report["lost"] as? [String])?.count ?? 0
      #expect((report["frames"] as? Int ?? 0) > 0)
      #expect((found["truncated"] ?? 0) + lost == 1, "the step in which the file ends is counted: \(run.output)")
      #expect(run.errors.contains("read in part, ") && run.errors.contains("the bzip2 data end early"))
    }
  }

  /// DeePMD folders of all kinds, a dump, and a text, in one tree.
  @Test(.enabled(if: SharedData.holds("data/fixtures/deepmd"), "the fixtures are absent"))
  func foldersOfDeePMDAreReadAndOtherFilesNamed() throws {
    try Program.withFolder { folder in
      let tree = folder.appendingPathComponent("tree")
      try FileManager.default.createDirectory(at: tree, withIntermediateDirectories: true)
      let source = tree.appendingPathComponent("a.extxyz").path
      let water = try Program.run([
        "convert", SharedData.path(vasp + "/dpdata/OUTCAR.h2o.md.10"), source,
      ])
      #expect(water.status == 0, "\(water.errors)")
      for kind in ["npy", "raw", "mixed"] {
        let made = try Program.run(["convert", source, tree.appendingPathComponent("set.\(kind).d").path])
        #expect(made.status == 0, "\(made.errors)")
      }
      #expect(try Program.run(["convert", source, tree.appendingPathComponent("md.dump").path]).status == 0)
      try FileManager.default.removeItem(atPath: source)
      try Data("nothing\n".utf8).write(to: tree.appendingPathComponent("README.md"))
      let out = folder.appendingPathComponent("all.extxyz").path
      let run = try Program.run(["data", "import", tree.path, "-o", out, "--json", "--species", "H,O"])
      let report = try run.json()
      #expect(verdicts(report) == ["ok": 10, "duplicate": 20, "energy-missing": 10], "\(run.output)")
      #expect(
        (report["other_file_names"] as? [String])?.map { ($0 as NSString).lastPathComponent } == ["README.md"])
      let alone = try Program.run([
        "data", "import", tree.appendingPathComponent("set.npy.d").path, "-o",
        folder.appendingPathComponent("b.extxyz").path,
      ])
      #expect(
        alone.status == 0 && alone.output.contains("ok                  10"), "\(alone.output)\(alone.errors)")
      let text = try Program.run([
        "data", "import", tree.path, "-o", folder.appendingPathComponent("c.extxyz").path,
      ])
      #expect(text.output.contains("1 file of no use: \(tree.path)/README.md"))
      let again = try Program.run(["data", "import", tree.path, "-o", out, "--json"]).json()
      #expect(again["runs_read"] as? Int == 0)
    }
  }

  /// Numbered types need their elements, and what failed is tried again.
  @Test(.enabled(if: SharedData.holds("data/fixtures/mlip-cfg"), "the fixtures are absent"))
  func typesOfACfgAreNamedBySpecies() throws {
    try Program.withFolder { folder in
      let path = folder.appendingPathComponent("a.cfg").path
      try Data(
        """
        BEGIN_CFG
         Size
            1
         Supercell
            3.0 0.0 0.0
            0.0 3.0 0.0
            0.0 0.0 3.0
         AtomData:  id type cartes_x cartes_y cartes_z fx fy fz
            1 0 0.0 0.0 0.0 0.0 0.0 0.0
         Energy
            -1.5
        END_CFG

        """.utf8
      ).write(to: URL(fileURLWithPath: path))
      let out = folder.appendingPathComponent("a.extxyz").path
      let without = try Program.run(["data", "import", path, "-o", out])
      #expect(without.status == 1 && without.errors.contains("--species Li,Mn,O"))
      let with = try Program.run(["data", "import", path, "-o", out, "--species", "Li", "--json"])
      #expect(try with.status == 0 && verdicts(with.json()) == ["ok": 1], "\(with.errors)")
    }
  }

  /// A run that was cut off is completed later: nothing is quarantined any more, and no file says so.
  @Test func theQuarantineDoesNotOutliveItsFrames() throws {
    try Program.withFolder { folder in
      let path = folder.appendingPathComponent("OUTCAR")
      try cutOUTCAR().write(to: path)
      let out = folder.appendingPathComponent("a.extxyz").path
      let aside = folder.appendingPathComponent("a.quarantine.extxyz").path
      let first = try Program.run(["data", "import", path.path, "-o", out, "--json"] + anyVolume).json()
      #expect(first["quarantine"] as? String == aside && FileManager.default.fileExists(atPath: aside))
      try data("dpdata/OUTCAR.h2o.md.10").write(to: path)
      let second = try Program.run(["data", "import", path.path, "-o", out, "--json"] + anyVolume).json()
      #expect(verdicts(second) == ["ok": 10] && second["quarantine"] == nil)
      #expect(!FileManager.default.fileExists(atPath: aside))
    }
  }

  /// Counts are printed also where nothing enters.
  @Test func countsArePrintedWithoutAnOkFrame() throws {
    try Program.withFolder { folder in
      let path = folder.appendingPathComponent("OUTCAR")
      try data("dpdata/OUTCAR.h2o.md.10").write(to: path)
      let call = [
        "data", "import", path.path, "-o", folder.appendingPathComponent("a.extxyz").path, "--max-force", "0",
      ]
      let json = try Program.run(call + ["--json"])
      #expect(try json.status == 1 && verdicts(json.json()) == ["geometry-suspect": 10])
      #expect(json.errors.contains("no frame to keep of 10 frames"))
      let text = try Program.run(call)
      #expect(text.status == 1 && text.output.contains("geometry-suspect    10"))
    }
  }

  /// The limits of VASP runs are those of oxides, and each can be changed.
  @Test func limitsAreThoseOfOxides() throws {
    try Program.withFolder { folder in
      let path = SharedData.path(vasp + "/dpdata/OUTCAR.h2o.md.10")
      let out = folder.appendingPathComponent("a.extxyz").path
      let strict = try Program.run(["data", "import", path, "-o", out, "--json"])
      #expect(try strict.status == 1 && verdicts(strict.json()) == ["geometry-suspect": 10])
      let wide = try Program.run(["data", "import", path, "-o", out, "--json"] + anyVolume)
      #expect(try wide.status == 0 && verdicts(wide.json()) == ["ok": 10], "\(wide.output)")
    }
  }

  /// An OUTCAR that is named brings its POSCAR: five decimals become eight.
  @Test func aNamedOUTCARIsPairedWithItsPOSCAR() throws {
    try Program.withFolder { folder in
      let run = "FeO_AFM_PBEU_custodian"
      let wrong = folder.appendingPathComponent("run")
      try FileManager.default.createDirectory(at: wrong, withIntermediateDirectories: true)
      try data(run + "/OUTCAR").write(to: wrong.appendingPathComponent("OUTCAR"))
      try data("LiNiO2_r2SCANU/POSCAR").write(to: wrong.appendingPathComponent("POSCAR"))
      let out = folder.appendingPathComponent("a.extxyz").path
      let path = wrong.appendingPathComponent("OUTCAR").path
      let report = try Program.run(["data", "import", path, "-o", out, "--json"])
      #expect(try report.status == 1 && verdicts(report.json()) == ["geometry-suspect": 28])
    }
  }

  /// Twenty-four cells of about one energy and one 3 eV above them: it enters, marked.
  @Test func energiesFarFromTheOthersAreMarked() throws {
    try Program.withFolder { folder in
      let path = folder.appendingPathComponent("set.extxyz")
      let frames = (0..<25).map { place in
        let edge = 4.0 + 0.01 * Double(place)
        let energy = place == 7 ? -9.0 : -12.0 + 0.001 * Double(place * place % 11)
        return """
          2
          Lattice="\(edge) 0 0 0 4.1 0 0 0 4.1" Properties=species:S:1:pos:R:3:REF_forces:R:3 REF_energy=\(energy) pbc="T T T"
          Li 0 0 0 0 0 0
          O 2 2 2 0 0 0

          """
      }
      try Data(frames.joined().utf8).write(to: path)
      let out = folder.appendingPathComponent("a.extxyz").path
      let call = ["data", "import", path.path, "-o", out, "--json"]
      for again in [[], ["--anew"], []] {
        let report = try Program.run(call + again).json()
        let outliers = report["energy_outliers"] as? [[String: Any]] ?? []
        #expect(verdicts(report) == ["ok": 25] && report["frames"] as? Int == 25)
        #expect(outliers.count == 1)
        let lines = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n")
        let marked = lines.filter { $0.contains("energy_outlier=\"energy 1.498 eV/atom") }
        #expect(marked.count == 1)
        #expect(marked.allSatisfy { $0.contains("REF_energy=-9") && $0.contains(" verdict=ok ") })
      }
      let wide = try Program.run(call + ["--anew", "--max-energy-deviation", "1e9"]).json()
      #expect((wide["energy_outliers"] as? [Any])?.isEmpty ?? false)
      #expect(try !String(contentsOfFile: out, encoding: .utf8).contains("energy_outlier"))
    }
  }

  /// A run that is gone keeps its frames, and is said.
  @Test func goneRunsAreSaid() throws {
    try Program.withFolder { folder in
      let tree = folder.appendingPathComponent("tree")
      for (name, source) in [("1", "LiNiO2_r2SCANU"), ("2", "LiCoO2_r2SCANU")] {
        let run = tree.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
        try data(source + "/OUTCAR.bz2").write(to: run.appendingPathComponent("OUTCAR.bz2"))
      }
      let out = folder.appendingPathComponent("a.extxyz").path
      let first = try Program.run(["data", "import", tree.path, "-o", out, "--json"]).json()
      try FileManager.default.removeItem(at: tree.appendingPathComponent("1"))
      let second = try Program.run(["data", "import", tree.path, "-o", out, "--json"]).json()
      #expect((second["gone"] as? [String])?.count == 1)
      #expect(verdicts(second).values.reduce(0, +) == verdicts(first).values.reduce(0, +))
    }
  }
}

/// Energies of different settings are not compared.
@Suite(
  .enabled(
    if: Program.isBuilt && SharedData.holds("data/tm-oxides-magmom-r2scan/tm_oxides.extxyz"),
    "the program or ../shared is not there"))
struct SettingsComparisonTests {
  private let oxides = SharedData.path("data/tm-oxides-magmom-r2scan/tm_oxides.extxyz")

  @Test func theLowestFrameOfEachFunctionalIsSelected() throws {
    try Program.withFolder { folder in
      let out = folder.appendingPathComponent("a.extxyz").path
      let run = try Program.run(["data", "select", oxides, "-o", out, "--above-minimum", "0"])
      #expect(run.status == 0 && run.errors.contains("energies are compared only among frames of equal settings"))
      let text = try String(contentsOfFile: out, encoding: .utf8)
      for functional in ["SCAN", "SCAN_U", "R2SCAN", "R2SCAN_U"] {
        #expect(text.contains(" functional=\(functional) "))
      }
    }
  }

  @Test func mistypedKeysAreAnsweredWithTheNearest() throws {
    try Program.withFolder { folder in
      let out = folder.appendingPathComponent("a.extxyz").path
      let run = try Program.run(["data", "select", oxides, "-o", out, "--where", "functionl=SCAN"])
      #expect(run.status == 2)
      #expect(
        run.errors.hasSuffix("halite: option --where: no frame has a key `functionl`; did you mean `functional`?\n")
      )
    }
  }
}
