import Foundation
import Structures
import Testing

@testable import Campaigns

@Suite(.enabled(if: StandIn.isPossible, "python3 is missing"))
struct POTCARTests {
  private func head(_ title: String, _ element: String, titel: String? = nil, exchange: String = "PE") -> String {
    "  \(title)\n 3.0\n parameters from PSCTR are:\n   VRHFIN =\(element): s2p4\n   LEXCH  = \(exchange)\n"
      + "   TITEL  = \(titel ?? title)\n   LULTRA =        F\nEND of PSCTR-controll parameters\n  PAW radial sets\n"
      + " 0.1 0.2\n End of Dataset\n"
  }

  @Test func headsOfAllParts() {
    let text =
      head("PAW_PBE Li_sv 10Sep2004", "Li") + head("PAW_PBE O 08Apr2002", "O") + head("PAW Mn 31Mar2010", "Mn")
    let heads = POTCARHead.all(in: Array(text.utf8))
    #expect(heads.map(\.title) == ["PAW_PBE Li_sv 10Sep2004", "PAW_PBE O 08Apr2002", "PAW Mn 31Mar2010"])
    #expect(heads.map(\.symbol) == ["Li", "O", "Mn"] && heads.allSatisfy { $0.contradiction == nil })
    #expect(heads[0].isNamed("Li_sv") && heads[0].isNamed("PAW_PBE Li_sv 10Sep2004") && !heads[0].isNamed("Li"))
    #expect(POTCARHead.all(in: []).isEmpty)
  }

  @Test func aLibraryIsReadToItsTitles() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("potcar-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("O"), withIntermediateDirectories: true)
    let oxygen = try #require(ChemicalElement("O"))
    func said(_ text: String) throws -> String {
      try Data(text.utf8).write(to: folder.appendingPathComponent("O/POTCAR"))
      return refusal { _ = try POTCARLibrary(folder: folder.path).potcar(["O"], for: [oxygen]) }
    }
    let right = head("PAW_PBE O 08Apr2002", "O")
    #expect(try said(right) == "")
    #expect(try said(head("PAW_PBE O 08Apr2002", "N")).contains("VRHFIN is of N"))
    #expect(
      try said(head("PAW_PBE O 08Apr2002", "O", titel: "PAW_PBE O_s 07Sep2000")).contains("TITEL is PAW_PBE O_s"))
    #expect(try said(head("PAW_PBE O 08Apr2002", "O", exchange: "CA")).contains("LEXCH CA"))
    #expect(try said(right + right).contains("holds 2 POTCARs (O O)"))
    #expect(try said("rubbish\n").contains("the first line is `rubbish`"))
    let cut = right.replacing("End of Dataset\n", with: "")
    #expect(try said(cut).contains("`End of Dataset` is missing behind PAW_PBE O 08Apr2002"))
  }

  /// POTCARs put into the run folders by hand, in another order than POSCAR's, or others than POTCAR.spec names.
  @Test func whatIsPutIntoTheRunFolderIsLookedAt() throws {
    let bare = { (text: String) in text.replacing(/potcar_library: .*/, with: "potcar_library: null") }
    try withCampaign(1, edit: bare) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      let run = folder + "/runs/000001/1"
      #expect(
        refusal { _ = try campaign.runLocally(workers: 1) }.contains(
          "runs/000001/1: the run folder holds no POTCAR"))
      let (o, li, mn) = (
        head("PAW_PBE O 08Apr2002", "O"), head("PAW_PBE Li_sv 10Sep2004", "Li"),
        head("PAW_PBE Mn_pv 02Aug2007", "Mn")
      )
      func put(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: run + "/POTCAR")) }
      try put(li + o + mn)
      #expect(
        refusal { _ = try campaign.runLocally(workers: 1) }.contains(
          "runs/000001/1: POTCAR is of Li O Mn, POSCAR of O Li Mn"))
      try put(o + head("PAW_PBE Li 17Jan2003", "Li") + mn)
      #expect(
        refusal { _ = try campaign.submitToSlurm() }.contains(
          "POTCAR of Li is PAW_PBE Li 17Jan2003, PAW_PBE Li_sv in the campaign"))
      #expect(try campaign.entries()[0].state == .prepared)
      // A run that was made by hand with it is not taken.
      try output(run, "finished")
      #expect(try campaign.scan(threads: 1).failures == ["settings-differ": 1])
      #expect(try campaign.retry([]) == 1)
      let second = folder + "/runs/000001/2"
      try Data((o + li + mn).utf8).write(to: URL(fileURLWithPath: second + "/POTCAR"))
      try output(second, "finished")
      try edit(second + "/OUTCAR", "PAW_PBE O 02Aug2007", "PAW_PBE O 08Apr2002")
      try edit(second + "/OUTCAR", "PAW_PBE Li_sv 02Aug2007", "PAW_PBE Li_sv 10Sep2004")
      #expect(try campaign.scan(threads: 1).states == ["finished": 1])
    }
  }

  /// One campaign, one version: at the first `prepare`, at a later one, in a repair that leaves labels as they are, and in a retry.
  @Test func aVersionIsFixedByTheFirstInputs() throws {
    try withCampaign(1) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      let file = folder.dropLast(2) + "/potcars/Mn_pv/POTCAR"
      let old = try String(contentsOfFile: String(file), encoding: .utf8)
      // Another title, and the same title over other numbers.
      for new in [old.replacing("02Aug2007", with: "06Sep2000"), old.replacing(" 1.0\n", with: " 1.1\n")] {
        try new.write(toFile: String(file), atomically: true, encoding: .utf8)
        let changed = try Campaign(folder)
        _ = try changed.add([oxides(2)[1]])
        let said = refusal { _ = try changed.prepare(threads: 1) }
        #expect(said.contains("potcars/Mn_pv/POTCAR: the POTCAR of Mn is PAW_PBE Mn_pv 0"), "\(said)")
        #expect(said.contains("the campaign began with PAW_PBE Mn_pv 02Aug2007 (SHA-256 "), "\(said)")
        #expect(said.contains("put that one back") && !said.contains("\n"))
        #expect(try changed.entries().map(\.state) == [.prepared, .planned])
      }
      try output(folder + "/runs/000001/1", "unconverged")
      let changed = try Campaign(folder)
      _ = try changed.scan(threads: 1)
      #expect(refusal { _ = try changed.repair(allowsLabelChanges: false) }.contains("the POTCAR of Mn is"))
      #expect(refusal { _ = try changed.retry([]) }.contains("the POTCAR of Mn is"))
      #expect(try changed.attempts(of: 1).count == 1)
      // Put back, all goes on; an element that comes later is fixed then. Blanks at the end make no version.
      try (old + "\n").write(toFile: String(file), atomically: true, encoding: .utf8)
      let right = try Campaign(folder)
      #expect(try right.prepare(threads: 1) == 1)
      #expect(try right.repair(allowsLabelChanges: false).repaired == ["algo-normal": 1])
    }
  }

  /// The same of POTCARs that are put into the run folders by hand.
  @Test func versionsPutByHandAreComparedToo() throws {
    let bare = { (text: String) in text.replacing(/potcar_library: .*/, with: "potcar_library: null") }
    try withCampaign(2, edit: bare) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      for (entry, date) in [("000001", "02Aug2007"), ("000002", "06Sep2000")] {
        let text =
          head("PAW_PBE O 08Apr2002", "O") + head("PAW_PBE Li_sv 10Sep2004", "Li")
          + head("PAW_PBE Mn_pv \(date)", "Mn")
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/runs/\(entry)/1/POTCAR"))
      }
      let said = refusal { _ = try campaign.runLocally(workers: 1) }
      #expect(said.contains("the POTCAR of Mn is PAW_PBE Mn_pv 06Sep2000"), "\(said)")
      #expect(said.contains("the campaign began with PAW_PBE Mn_pv 02Aug2007"), "\(said)")
      #expect(try campaign.entries().allSatisfy { $0.state == .prepared })
    }
  }

  @Test func versionsOfAllParts() {
    let parts = [head("PAW_PBE Li_sv 10Sep2004", "Li"), head("PAW_PBE O 08Apr2002", "O")]
    let together = PotentialVersion.all(in: Array(parts.joined().utf8), file: "POTCAR")
    let alone = parts.map { PotentialVersion.all(in: Array(("\n" + $0 + " \n").utf8), file: "POTCAR")[0] }
    #expect(together == alone && together.map(\.title) == ["PAW_PBE Li_sv 10Sep2004", "PAW_PBE O 08Apr2002"])
    #expect(together.map { PotentialVersion(record: $0.record)?.text } == together.map(\.text))
    #expect(PotentialVersion.all(in: [], file: "POTCAR").isEmpty)
  }
}
