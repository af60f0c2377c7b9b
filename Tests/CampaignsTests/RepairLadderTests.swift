import Settings
import Structures
import Testing

@testable import Campaigns

func shippedLadder() throws -> RepairLadder {
  try RepairLadder(
    readYAML(bytes: #require(CampaignFiles.bytes("repair.yaml")), file: "repair.yaml"), file: "repair.yaml")
}

struct RepairLadderTests {
  private func inputs(_ rungs: [RepairRung], _ preset: String = "lithium-drx-2024-static") throws -> VASPInputs {
    try VASPInputs(
      frame(["Li", "Mn", "O", "O"], cell: [2.9, 2.9, 9]), settings: vaspSettings(preset), order: .ferromagnetic,
      fixes: rungs)
  }

  @Test func theElectronicLadderGoesDown() throws {
    let ladder = try shippedLadder()
    let error = try #require(ladder.error(for: "scf-unconverged"))
    let incar = try inputs([]).incar
    // The benchmark begins with Fast: VeryFast → Fast does not fit.
    let names = error.rungs.filter { $0.fits(incar, atoms: 4) }.map(\.name)
    #expect(names == ["algo-normal", "algo-all", "linear-mixing", "strong-mixing"])
    let rungs = error.rungs.filter { $0.fits(incar, atoms: 4) }
    #expect(try inputs(Array(rungs.prefix(1))).incar["ALGO"] == .text("Normal"))
    let second = try inputs(Array(rungs.prefix(2))).incar
    #expect(second["ALGO"] == .text("All") && second.number("NELM") == 200)
    #expect(error.rungs.allSatisfy { $0.labels == .neutral })
  }

  /// A denser mesh is for cells below 50 atoms, more cores for an orbital for the smallest ones.
  @Test func someRungsAreForSmallCells() throws {
    let ladder = try shippedLadder()
    let incar = try inputs([]).incar
    func names(_ error: String, atoms: Int) throws -> [String] {
      try #require(ladder.error(for: error)).rungs.filter { $0.fits(incar, atoms: atoms) }.map(\.name)
    }
    #expect(try names("tetrahedron", atoms: 49) == ["denser-mesh", "gaussian-smearing"])
    #expect(try names("tetrahedron", atoms: 50) == ["gaussian-smearing"])
    #expect(try names("edddav", atoms: 4) == ["edddav-all", "edddav-more-cores"])
    #expect(try names("edddav", atoms: 64) == ["edddav-all"])
    let rung = try #require(ladder.rung(named: "edddav-more-cores"))
    #expect(try inputs([rung]).incar["NCORE"] == .integer(2))
  }

  @Test func everyRungOfTheLadderApplies() throws {
    for rung in try shippedLadder().errors.flatMap(\.rungs) {
      for preset in ["lithium-drx-2024-static", "lithium-drx-2024-relax"] { _ = try inputs([rung], preset) }
    }
  }

  @Test func anOddMeshIsOddAlongEveryAxis() throws {
    let rung = try #require(try shippedLadder().rung(named: "brmix-odd-mesh"))
    for cell in [[2.9, 2.9, 9], [4.2, 4.2, 8.4], [3, 5, 7], [20, 4, 4]] {
      let made = try frame(["Li", "Mn", "O", "O"], cell: cell)
      func mesh(_ fixes: [RepairRung]) throws -> [Int] {
        try VASPInputs(
          made, settings: vaspSettings("lithium-drx-2024-static"), order: .ferromagnetic, fixes: fixes
        ).mesh.divisions
      }
      let (before, after) = try (mesh([]), mesh([rung]))
      #expect(after.allSatisfy { $0 % 2 == 1 } && zip(before, after).allSatisfy { $1 - $0 <= 1 && $1 >= $0 })
    }
  }

  @Test func labelsChangeOnlyWhereItIsSaid() throws {
    let before = try inputs([])
    let neutral: Set<String> = [
      "ALGO", "NELM", "NELMIN", "IMIX", "AMIX", "BMIX", "AMIN", "ISTART", "ICHARG", "ISYM", "SYMPREC", "POTIM",
      "IBRION",
      "NSW", "EDIFF", "KPAR", "NSIM", "NBANDS", "NCORE",
    ]
    for rung in try shippedLadder().errors.flatMap(\.rungs) where rung.labels == .neutral {
      let after = try inputs([rung])
      let changed = after.incar.tags.filter { before.incar[$0.name] != $0.value }.map(\.name)
      #expect(Set(changed).isSubset(of: neutral), "\(rung.name)")
      if let ediff = after.incar.number("EDIFF") { #expect(ediff <= 1e-5) }
      if rung.swap_axes != true { #expect(after.mesh == before.mesh, "\(rung.name)") }
    }
  }

  @Test func messagesOfVASP() throws {
    let ladder = try shippedLadder()
    for (text, name) in [
      ("WARNING: Sub-Space-Matrix is not hermitian in DAV", "subspace"), (" BRMIX: very serious problems", "brmix"),
      ("Error EDDDAV: Call to ZHEGV failed. Returncode =  9", "edddav"),
      ("ZBRENT: fatal error in bracketing", "zbrent"),
      ("slurmstepd: error: *** JOB 12 CANCELLED AT x DUE TO TIME LIMIT ***", "walltime"),
      ("LAPACK: Routine ZPOTRF failed! 3", "cholesky"), ("TOO FEW BANDS!!", "bands"),
    ] { #expect(ladder.error(in: text)?.name == name) }
    #expect(ladder.error(in: "1 F= -.24E+02 E0= -.24E+02") == nil)
  }

  @Test func aHistoryIsReadBack() throws {
    let ladder = try shippedLadder()
    var rung = try #require(ladder.rung(named: "more-bands"))
    rung.found = ["NBANDS": 120]
    let text = "algo-normal;retry;" + rung.record
    let rungs = try ladder.rungs(recorded: text)
    #expect(rungs.map(\.name) == ["algo-normal", "more-bands"])
    #expect(try inputs(rungs).incar.number("NBANDS") == 132)
    #expect(throws: InputError.self) { try ladder.rungs(recorded: "no-such-rung") }
  }
}
