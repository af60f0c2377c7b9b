import Foundation
import Formats
import Settings
import Structures
import TestSupport
import Testing

@testable import Campaigns

/// Campaigns whose outputs a stand-in for VASP writes.
@Suite(.enabled(if: StandIn.isPossible, "python3 is missing"))
struct CampaignTests {
  private func states(_ campaign: Campaign) throws -> [String] { try campaign.entries().map(\.state.rawValue) }

  @Test func addingTwiceAddsOnce() throws {
    try withCampaign(4) { campaign, _ in
      #expect(try campaign.add(oxides(5)).added == 1)
      let report = try campaign.add(oxides(5))
      #expect(report.added == 0 && report.known == 5 && report.total == 5)
      // The same atoms in another order are the same structure.
      let moved = try frame(
        ["Li", "O", "O", "Mn"], cell: [2.9, 2.9, 9.1],
        positions: [[0, 0, 2.275], [0, 0, 0], [0, 0, 4.55], [0, 0, 6.825]])
      let copy = try campaign.add([moved])
      #expect(copy.total == 5 && copy.known == 1 && copy.copies.map(\.entry) == [1])
    }
  }

  @Test func preparedFoldersHoldTheInputs() throws {
    try withCampaign(3) { campaign, folder in
      #expect(try campaign.prepare(threads: 2) == 3)
      #expect(try campaign.prepare(threads: 2) == 0)
      let run = folder + "/runs/000001/1"
      let names = try FileManager.default.contentsOfDirectory(atPath: run)
      #expect(Set(names) == ["INCAR", "KPOINTS", "POSCAR", "POTCAR", "run.json"])
      let poscar = try readFrames(run + "/POSCAR").frames[0].structure
      // Atoms of one element stand together.
      #expect(poscar.elements.map(\.symbol) == ["O", "O", "Li", "Mn"])
      #expect(try String(contentsOfFile: run + "/POTCAR", encoding: .utf8).contains("Li_sv"))
    }
  }

  @Test func everyVerdict() throws {
    try withCampaign(6) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      let kinds = ["finished", "unconverged", "truncated", "brmix"]
      for (index, kind) in kinds.enumerated() { try output(folder + "/runs/00000\(index + 1)/1", kind) }
      try Data(" BRMIX: very serious problems".utf8).write(
        to: URL(fileURLWithPath: folder + "/runs/000004/1/job.out"))
      try Data("status=1\n".utf8).write(to: URL(fileURLWithPath: folder + "/runs/000005/1/run.done"))
      let report = try campaign.scan(threads: 2)
      #expect(report.states == ["finished": 1, "failed": 4, "prepared": 1])
      #expect(report.failures == ["scf-unconverged": 1, "truncated": 1, "brmix": 1, "no-output": 1])
      let again = try campaign.scan(threads: 2)
      #expect(again.read == 0 && again.changed == 0 && again.states == report.states)
      // A truncated run that goes on to its end is read again.
      try output(folder + "/runs/000003/1", "finished")
      #expect(try campaign.scan(threads: 2).changed == 1)
      #expect(try states(campaign) == ["finished", "failed", "finished", "failed", "failed", "prepared"])
    }
  }

  /// Outputs are deleted to save space, and a foreign one may come in: a result that was read stays.
  @Test func resultsOutliveTheirOutputs() throws {
    try withCampaign(2) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      for entry in ["000001", "000002"] { try output(folder + "/runs/\(entry)/1", "finished") }
      #expect(try campaign.scan(threads: 1).states == ["finished": 2])
      let files = FileManager.default
      try files.removeItem(atPath: folder + "/runs/000001/1/OUTCAR")
      try files.moveItem(atPath: folder + "/runs/000002/1/OUTCAR", toPath: folder + "/runs/000001/1/OUTCAR")
      let report = try campaign.scan(threads: 1)
      #expect(report.states == ["finished": 2] && report.read == 0 && report.changed == 0)
    }
  }

  @Test func outputsOfOthersAreSeen() throws {
    try withCampaign(4) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      try output(folder + "/runs/000001/1", "finished")
      let files = FileManager.default
      try files.moveItem(atPath: folder + "/runs/000001/1/OUTCAR", toPath: folder + "/runs/000002/1/OUTCAR")
      try files.moveItem(atPath: folder + "/runs/000003/1", toPath: folder + "/elsewhere")
      try files.moveItem(atPath: folder + "/runs/000004/1", toPath: folder + "/runs/000003/1")
      let report = try campaign.scan(threads: 1)
      #expect(report.failures == ["foreign-output": 1, "foreign-folder": 1, "folder-missing": 1])
      let detail = try campaign.attempts(of: 4)[0].detail ?? ""
      #expect(detail.contains("runs/000004/1") && detail.contains("retry 4"))
      // Put back, all is as before.
      try files.moveItem(atPath: folder + "/runs/000003/1", toPath: folder + "/runs/000004/1")
      try files.moveItem(atPath: folder + "/elsewhere", toPath: folder + "/runs/000003/1")
      try files.moveItem(atPath: folder + "/runs/000002/1/OUTCAR", toPath: folder + "/runs/000001/1/OUTCAR")
      _ = try campaign.scan(threads: 1)
      #expect(try states(campaign) == ["finished", "prepared", "prepared", "prepared"])
    }
  }

  @Test func changedInputsAndOtherSettingsAreSeen() throws {
    try withCampaign(2) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      for entry in ["000001", "000002"] { try output(folder + "/runs/\(entry)/1", "finished") }
      let incar = folder + "/runs/000001/1/INCAR"
      try (try String(contentsOfFile: incar, encoding: .utf8)).replacing("ENCUT = 520", with: "ENCUT = 400")
        .write(toFile: incar, atomically: true, encoding: .utf8)
      let outcar = folder + "/runs/000002/1/OUTCAR"
      try (try String(contentsOfFile: outcar, encoding: .utf8)).replacing("  3.9", with: "  3.0")
        .write(toFile: outcar, atomically: true, encoding: .utf8)
      #expect(try campaign.scan(threads: 1).failures == ["inputs-changed": 1, "settings-differ": 1])
      #expect(try campaign.attempts(of: 2)[0].detail?.contains("U of Mn is 3.0 eV") ?? false)
    }
  }

  @Test func workersRunEveryEntryOnce() throws {
    try withCampaign(6) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      let report = try campaign.runLocally(workers: 3)
      #expect(report.submitted == 6 && report.finished == 6 && report.failed == 0)
      #expect(try states(campaign) == Array(repeating: "finished", count: 6))
      for index in 1...6 {
        #expect(try String(contentsOfFile: folder + "/runs/00000\(index)/1/begun", encoding: .utf8) == "begun\n")
      }
      #expect(try campaign.accept([]) { _ in [] }.accepted == 6)
      let frames = try campaign.acceptedFrames()
      #expect(frames.count == 6 && frames.allSatisfy { $0.labels.forces?.count == 4 && $0.labels.energy != nil })
      #expect(
        frames.allSatisfy {
          $0.value(ofKey: "campaign") == "test" && $0.value(ofKey: "source")?.hasPrefix("runs/") ?? false
        })
      let planned = try oxides(6)
      #expect(frames.map { $0.value(ofKey: "planned_id") } == planned.map(\.id))
      // Eight digits of POSCAR, not the five of OUTCAR.
      #expect(frames[1].structure.lattice == planned[1].structure.lattice)
    }
  }

  @Test func aPausedCampaignSubmitsNothing() throws {
    try withCampaign(2) { campaign, _ in
      _ = try campaign.prepare(threads: 1)
      try campaign.pause(true)
      let report = try campaign.runLocally(workers: 1)
      #expect(report.submitted == 0 && report.remark != nil)
      try campaign.pause(false)
      #expect(try campaign.runLocally(workers: 1, limit: 1).submitted == 1)
    }
  }

  @Test func theLadderBringsRunsHome() throws {
    try withCampaign(8, command: "by-algo") { campaign, _ in
      _ = try campaign.prepare(threads: 1)
      _ = try campaign.runLocally(workers: 2)
      let failed = try campaign.entries().count { $0.state == .failed }
      #expect(failed > 0)
      #expect(try campaign.repair(allowsLabelChanges: false).repaired == ["algo-normal": failed])
      _ = try campaign.runLocally(workers: 2)
      let still = try campaign.entries().count { $0.state == .failed }
      #expect(try campaign.repair(allowsLabelChanges: false).repaired == ["algo-all": still])
      _ = try campaign.runLocally(workers: 2)
      #expect(try campaign.entries().allSatisfy { $0.state == .finished })
      let success = try campaign.rungSuccess()
      #expect(success.map(\.rung) == ["algo-normal", "algo-all"])
      #expect(success[1].tried == still && success[1].succeeded == still && success[0].failed == still)
      let last = try #require(try campaign.entries().last { $0.attempt == 3 })
      let attempts = try campaign.attempts(of: last.id)
      #expect(attempts.map(\.fixes) == ["", "algo-normal", "algo-normal;algo-all"])
      #expect(Set(attempts.map(\.inputs)).count == 3)
    }
  }

  @Test func labelChangesNeedConsent() throws {
    try withCampaign(1) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      try output(folder + "/runs/000001/1", "truncated")
      try Data(" Tetrahedron method fails for NKPT<4".utf8).write(
        to: URL(fileURLWithPath: folder + "/runs/000001/1/job.out"))
      #expect(try campaign.scan(threads: 1).failures == ["tetrahedron": 1])
      let refused = try campaign.repair(allowsLabelChanges: false)
      #expect(refused.repaired.isEmpty && refused.needs_consent == ["denser-mesh": 1])
      #expect(try campaign.repair(allowsLabelChanges: true).repaired == ["denser-mesh": 1])
      let meshes = try ["1", "2"].map {
        try String(contentsOfFile: folder + "/runs/000001/\($0)/KPOINTS", encoding: .utf8)
      }
      #expect(meshes[0] != meshes[1])
    }
  }

  @Test func aRelaxationGoesOnFromItsEndOnlyIfThatIsOne() throws {
    try withCampaign(2, preset: "lithium-drx-2024-relax") { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      for entry in ["000001", "000002"] {
        let run = folder + "/runs/\(entry)/1"
        try output(run, "finished")
        try (try String(contentsOfFile: run + "/OUTCAR", encoding: .utf8))
          .replacing("reached required accuracy", with: "did not reach").write(
            toFile: run + "/OUTCAR", atomically: true, encoding: .utf8)
      }
      let start = try String(contentsOfFile: folder + "/runs/000001/1/POSCAR", encoding: .utf8)
      try start.replacing("9.1", with: "9.3").write(
        toFile: folder + "/runs/000001/1/CONTCAR", atomically: true, encoding: .utf8)
      try "".write(toFile: folder + "/runs/000002/1/CONTCAR", atomically: true, encoding: .utf8)
      #expect(try campaign.scan(threads: 1).failures == ["ionic-unconverged": 2])
      let report = try campaign.repair(allowsLabelChanges: false)
      #expect(report.repaired == ["go-on": 1] && report.given_up == ["ionic-unconverged": 1])
      // It is said why: of the three rungs none can go on from an empty file.
      #expect(report.passed_over.map(\.entry) == [2])
      #expect(
        report.passed_over[0].rungs
          == ["go-on: CONTCAR is empty", "newton: CONTCAR is empty", "go-on-longer: CONTCAR is empty"])
      let next = try readFrames(folder + "/runs/000001/2/POSCAR").frames[0].structure
      #expect(next.lattice?.c.z == 9.3)
      let meshes = try ["1", "2"].map {
        try String(contentsOfFile: folder + "/runs/000001/\($0)/KPOINTS", encoding: .utf8)
      }
      #expect(meshes[0] == meshes[1], "a mesh does not change with the cell")
    }
  }

  @Test func settingsOfLabelsAreFixed() throws {
    try withCampaign(1) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      let file = folder + "/campaign.yaml"
      let text = try String(contentsOfFile: file, encoding: .utf8)
      try text.replacing("ALGO: Fast", with: "ALGO: Normal").write(toFile: file, atomically: true, encoding: .utf8)
      #expect(try Campaign(folder).prepare(threads: 1) == 0, "how an energy is found may change")
      try text.replacing("Mn: 3.9", with: "Mn: 4.0").write(toFile: file, atomically: true, encoding: .utf8)
      let error = #expect(throws: InputError.self) { try Campaign(folder).prepare(threads: 1) }
      #expect(error?.description.contains("3.9") ?? false)
    }
  }

  /// What network file systems need: no write-ahead log, and every transaction on the disk before it counts.
  @Test func aRollbackJournalAndFullSynchronization() throws {
    try withCampaign(1) { campaign, folder in
      try campaign.locked { database in
        let journal = try database.database.prepare("PRAGMA journal_mode").rows { $0.text(0) ?? "" }
        let synchronous = try database.database.prepare("PRAGMA synchronous").rows { $0.integer(0) }
        #expect(journal == ["delete"] && synchronous == [2])
      }
      #expect(!FileManager.default.fileExists(atPath: folder + "/campaign.db-wal"))
    }
  }

  /// Electrons that are lost, not bound.
  @Test func aPositiveEnergyIsAFailure() throws {
    try withCampaign(1) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      let run = folder + "/runs/000001/1"
      try output(run, "finished")
      let text = try String(contentsOfFile: run + "/OUTCAR", encoding: .utf8)
      let old = try #require(text.firstMatch(of: /TOTEN  = +(-[0-9.]+) eV/)?.output.1)
      try edit(run + "/OUTCAR", String(old), "20.00000000")
      #expect(try campaign.scan(threads: 1).failures == ["positive-energy": 1])
      #expect(try campaign.repair(allowsLabelChanges: false).repaired == ["positive-normal": 1])
    }
  }

  @Test func aSecondCampaignInOneFolderIsRefused() throws {
    try withCampaign(1) { _, folder in
      let preset = try #require(CampaignFiles.bytes("mp-relax.yaml"))
      #expect(
        refusal { try Campaign.create(folder, name: "other", preset: preset, command: "vasp") }.contains("`test`"))
      #expect(try Campaign(folder).entries().count == 1)
    }
  }

  @Test func aDatabaseOfANewerVersionIsRefused() throws {
    try withCampaign(1) { campaign, folder in
      try age(campaign)
      #expect(refusal { _ = try Campaign(folder) }.contains("update halite"))
      #expect(refusal { _ = try Campaign(folder + "/runs") }.contains("no campaign is here"))
    }
  }

  private func age(_ campaign: Campaign) throws {
    try campaign.locked { database in try database.transaction { try database.set("version", "2") } }
  }

  @Test(.enabled(if: Peers.arePresent, Comment(rawValue: Peers.absence)))
  func aseReadsTheDatabase() throws {
    try withCampaign(4) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      for (entry, kind) in [("000001", "finished"), ("000002", "finished"), ("000003", "unconverged")] {
        try output(folder + "/runs/\(entry)/1", kind)
      }
      _ = try campaign.scan(threads: 1)
      let script = """
        import sys
        from ase.db import connect
        db = connect(sys.argv[1])
        print(len(db), db.count("state=finished"), db.count("state=failed"), db.count("reason=scf-unconverged"), db.count("Mn=1"))
        row = db.get(state="prepared")
        print(row.attempt, row.formula, "energy" in row)
        atoms = next(db.select("state=finished")).toatoms()
        print(round(atoms.get_potential_energy(), 6), atoms.get_forces().shape)
        """
      let lines = try Peers.ask(script, arguments: [folder + "/campaign.db"]).split(separator: "\n")
      #expect(lines[0] == "4 2 1 1 4")
      #expect(lines[1].hasPrefix("1 ") && lines[1].hasSuffix("False"))
      #expect(lines[2].hasSuffix("(4, 3)"))
    }
  }

  @Test func cellsOfOneShapeForTheGammaPoint() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gamma-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Campaign.create(folder, name: "g", preset: CampaignFiles.bytes("gfn1-xtb.yaml") ?? [], command: "true")
    let campaign = try Campaign(folder)
    #expect(try campaign.add(oxides(3)).added == 3)
    let long = try frame(["Li", "O"], cell: [2.9, 2.9, 12])
    let error = #expect(throws: InputError.self) { try campaign.add([long]) }
    #expect(error?.description.contains("Γ point only") ?? false)
    #expect(try campaign.entries().count == 3)
  }
}
