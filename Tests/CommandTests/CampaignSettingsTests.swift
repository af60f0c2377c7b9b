import Foundation
import Testing

/// What the commands say of settings, limits and copies.
@Suite(.enabled(if: CampaignFolder.isPossible, "the program or python3 is missing"))
struct CampaignSettingsTests {
  private func text(_ campaign: CampaignFolder, _ name: String) throws -> String {
    try String(contentsOf: campaign.folder.appendingPathComponent(name), encoding: .utf8)
  }

  /// Two cells of one crystal: the longer one has fewer than four k-points.
  @Test func twoKindsOfSmearingAreCounted() throws {
    try CampaignFolder.with { campaign in
      try campaign.run("add", "set.extxyz", "--isolated-atoms", "Li")
      let run = try campaign.run("prepare", "--json")
      #expect(try run.json()["kinds"] as? [String: Int] == ["ISMEAR -5": 4] && run.errors.isEmpty)
    }
    try CampaignFolder.with(edit: { $0.replacing("density: 1000", with: "density: 60") }) { campaign in
      let long = """
        8
        Lattice="2.9 0 0 0 5.8 0 0 0 4.1" Properties=species:S:1:pos:R:3 pbc="T T T"
        O 0 0 0
        Li 1.45 1.45 0
        O 1.45 1.45 2.05
        Mn 0 0 2.05
        O 0 2.9 0
        Mn 1.45 4.35 0
        O 1.45 4.35 2.05
        Li 0 2.9 2.05

        """
      try campaign.write(long, to: "long.extxyz")
      try campaign.run("add", "set.extxyz", "long.extxyz", "--isolated-atoms", "Li")
      let run = try campaign.run("prepare")
      #expect(
        run.output
          == "6 run folders prepared\n  ISMEAR -5: 4 runs, ISMEAR 0: 1 run (fewer than 4 irreducible k-points have no tetrahedra)\n"
      )
      #expect(run.errors.contains("more than one smearing"))
      for entry in 1...6 { try campaign.python("finished", in: "c/runs/00000\(entry)/1") }
      #expect(try campaign.run("scan").output.contains("finished 6"))
      #expect(try campaign.run("accept").output == "6 accepted, 0 refused\n")
      let export = try campaign.run("export", "-o", "data.extxyz")
      #expect(
        export.errors.contains("mixed settings: smearing (ISMEAR SIGMA): -5 0.05 (4 frames), 0 0.05 (1 frame)"),
        "\(export.errors)")
    }
  }

  @Test func limitsAreThoseOfTheContract() throws {
    try CampaignFolder.with { campaign in
      let near = try text(campaign, "set.extxyz").replacing("Li 1.45 1.45 0\n", with: "Li 0.1 0 0\n")
      try campaign.write(near, to: "near.extxyz")
      let added = try campaign.run("add", "near.extxyz")
      #expect(added.status == 0 && added.output.hasPrefix("4 added"))
      #expect(added.errors.contains("near.extxyz frame 0: Li-O distance 0.1 Å below 1.5 Å"), "\(added.errors)")
      #expect(try campaign.run("add", "near.extxyz", "--json").json()["known"] as? Int == 4)
      try campaign.run("prepare")
      for entry in 1...4 { try campaign.python("finished", in: "c/runs/00000\(entry)/1") }
      // 30 eV/Å on one atom and as much the other way on the next.
      let path = "c/runs/000002/1/OUTCAR"
      var rows = try text(campaign, path).components(separatedBy: "\n")
      let first = try #require(rows.firstIndex { $0.contains("TOTAL-FORCE") }) + 2
      for (row, force) in [
        (first, "30.000000"), (first + 1, "-30.000000"), (first + 2, "0.000000"), (first + 3, "0.000000"),
      ] {
        let words = rows[row].split(separator: " ")
        rows[row] = "  " + words[..<3].joined(separator: "  ") + "  \(force)  0.000000  0.000000"
      }
      try campaign.write(rows.joined(separator: "\n"), to: path)
      try campaign.run("scan")
      let refused = try campaign.run("accept")
      #expect(
        refused.output.hasPrefix("2 accepted, 2 refused") && refused.output.contains("distance 0.1 Å below 1.5 Å"))
      #expect(
        refused.output.contains("entry 2:") && refused.output.contains("|F| 30 eV/Å on atom"), "\(refused.output)")
      #expect(refused.output.contains("--max-volume and its like change them"))
      let json = try campaign.run("accept", "--json").json()
      let limits = try #require(json["limits"] as? [String: Any])
      #expect(limits["maximum_force"] as? Double == 25 && limits["maximum_net_force"] as? Double == 0.01)
      #expect(limits["minimum_volume"] as? Double == 7.5 && limits["maximum_volume"] as? Double == 13)
      #expect(
        try campaign.run("accept", "--min-distance", "0.05", "--max-force", "50").output.hasPrefix("2 accepted"))
    }
  }

  @Test func aShiftedCopyIsNamed() throws {
    try CampaignFolder.with { campaign in
      try campaign.run("add", "set.extxyz")
      let copy = """
        4
        Lattice="2.9 0 0 0 2.9 0 0 0 4.1" Properties=species:S:1:pos:R:3 pbc="T T T"
        Mn 0.5 0.5 2.55
        O 1.95 1.95 2.55
        Li 1.95 1.95 -3.6
        O 0.5 3.4 0.5

        """
      try campaign.write(copy, to: "copy.extxyz")
      let added = try campaign.run("add", "copy.extxyz")
      #expect(
        added.output == "0 added, 1 known already; 4 entries in all\n"
          + "  copy.extxyz frame 0 is entry 1, wrapped, shifted or with its atoms in another order\n")
    }
  }

  /// An OUTCAR prints 3.25 eV as 3.2; the INCAR beside it has all digits.
  @Test func anImportTakesUFromTheINCAR() throws {
    try CampaignFolder.with { campaign in
      let vanadium = try text(campaign, "set.extxyz").replacing("Mn ", with: "V ").replacing("Li ", with: "Co ")
      try campaign.write(vanadium, to: "v.extxyz")
      try campaign.run("add", "v.extxyz")
      try campaign.run("prepare")
      for entry in 1...2 { try campaign.python("finished", in: "c/runs/00000\(entry)/1") }
      let runs = campaign.folder.path + "/c/runs"
      try FileManager.default.removeItem(atPath: runs + "/000002/1/INCAR")
      for (path, u) in [
        ("000001/1", "Co=3.32 O=0 V=3.25"), ("000001/1/OUTCAR", "Co=3.32 O=0 V=3.25"),
        ("000002/1", "Co=3.3 O=0 V=3.2"),
      ] {
        let run = try Program.run(
          ["data", "import", runs + "/" + path, "-o", "u.extxyz", "--anew", "--json"], in: campaign.folder)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try text(campaign, "u.extxyz").contains("hubbard_u=\"\(u)\""), "\(path)")
      }
      // What one decimal makes of a number is no other setting.
      let both = try Program.run(
        ["data", "import", runs, "-o", "u.extxyz", "--anew", "--json"], in: campaign.folder
      ).json()
      #expect((both["verdicts"] as? [String: Int] ?? [:])["settings-differ"] == nil && both["frames"] as? Int == 2)
    }
  }
}
