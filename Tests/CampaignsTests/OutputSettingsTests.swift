import Formats
import Foundation
import Structures
import TestSupport
import Testing

@testable import Campaigns

@Suite(.enabled(if: StandIn.isPossible, "python3 is missing"))
struct OutputSettingsTests {
  /// What is changed in an output, and what is said of it.
  private static let changes = [
    ("GGA     =    --", "GGA     =    PS", "functional PBEsol in the output, PBE in the inputs"),
    ("METAGGA=      F", "METAGGA= R2SCA", "functional R2SCAN in the output, PBE in the inputs"),
    ("ISMEAR =     -5", "ISMEAR =      0", "ISMEAR 0 in the output, -5 in the inputs"),
    ("SIGMA  =   0.05", "SIGMA  =   0.20", "SIGMA 0.20 eV in the output, 0.05 eV in the inputs"),
    ("520.0 eV", "400.0 eV", "ENCUT 400.0 eV in the output, 520 eV in the inputs"),
    ("PREC   = accura", "PREC   = normal", "PREC normal in the output, Accurate in the inputs"),
    ("ISPIN  =      2", "ISPIN  =      1", "ISPIN 1 in the output, 2 in the inputs"),
    ("EDIFF  = 0.1E-04", "EDIFF  = 0.1E-03", "EDIFF 0.1E-03 eV in the output, 1e-05 eV in the inputs"),
    ("NSW    =      0", "NSW    =     50", "NSW 50 in the output, 0 in the inputs"),
    ("ISIF   =      2", "ISIF   =      3", "ISIF 3 in the output, 2 in the inputs"),
    ("LASPH  =      T", "LASPH  =      F", "LASPH F in the output, .TRUE. in the inputs"),
    ("LDAUU =  0.0  0.0  3.9", "LDAUU =  0.0  0.0  0.0", "U of Mn is 0.0 eV in the output, 3.9 eV in the inputs"),
    (
      "TITEL  = PAW_PBE Mn_pv 02Aug2007", "TITEL  = PAW_PBE Mn 06Sep2000",
      "POTCAR of Mn is PAW_PBE Mn 06Sep2000 in the output, PAW_PBE Mn_pv 02Aug2007 in the inputs"
    ),
    ("k-points for:    9", "k-points for:    7", "mesh of k-points 7 "),
  ]

  @Test func anOutputOfOtherSettingsIsSeen() throws {
    try withCampaign(Self.changes.count + 1) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      for (place, change) in Self.changes.enumerated() {
        let run = folder + "/" + CampaignEntry.folder(place + 1, 1)
        try output(run, "finished")
        try edit(run + "/OUTCAR", change.0, change.1)
      }
      try output(folder + "/" + CampaignEntry.folder(Self.changes.count + 1, 1), "finished")
      let report = try campaign.scan(threads: 1)
      #expect(report.states == ["finished": 1, "failed": Self.changes.count])
      #expect(report.failures == ["settings-differ": Self.changes.count])
      for (place, change) in Self.changes.enumerated() {
        let detail = try campaign.attempts(of: place + 1)[0].detail ?? ""
        #expect(detail.contains(change.2), "\(detail)")
      }
    }
  }

  /// NUPDOWN 8 and a cell of 4 μB: an output that was copied from another run.
  @Test func aMomentThatNUPDOWNForbidsIsSeen() throws {
    try withCampaign(2, nupdown: 8) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      for id in 1...2 { try output(folder + "/" + CampaignEntry.folder(id, 1), "finished") }
      let run = folder + "/" + CampaignEntry.folder(2, 1)
      try edit(run + "/OUTCAR", "magnetization       8.0000000", "magnetization       4.0000000")
      #expect(try campaign.scan(threads: 1).failures == ["settings-differ": 1])
      let detail = try campaign.attempts(of: 2)[0].detail ?? ""
      #expect(detail == "total moment 4.0 μB in the output, NUPDOWN 8.0 in the inputs")
    }
  }

  /// U with two decimals, which VASP prints with one; other smearing by a repair; both are no difference.
  @Test func whatTheInputsSayIsRight() throws {
    let vanadium = try frame(["V", "Co", "O", "O"], cell: [2.9, 2.9, 9.1])
    try withCampaign(frames: [vanadium, oxides(1)[0]]) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      try output(folder + "/runs/000001/1", "finished")
      let printed = try String(contentsOfFile: folder + "/runs/000001/1/OUTCAR", encoding: .utf8)
      #expect(printed.contains("LDAUU =  3.2  3.3"))
      // The frames have what the inputs say, with all digits.
      _ = try campaign.scan(threads: 1, only: [1])
      let result = try campaign.locked { try $0.frames(.result, [1])[0] }
      #expect(result.value(ofKey: "hubbard_u") == "Co=3.32 O=0 V=3.25")
      let steps = try #require(try campaign.labeller.steps(of: folder + "/runs/000001/1"))
      #expect(steps.map { $0.value(ofKey: "hubbard_u") } == ["Co=3.32 O=0 V=3.25"])
      try output(folder + "/runs/000002/1", "truncated")
      try Data("Tetrahedron method fails".utf8).write(to: URL(fileURLWithPath: folder + "/runs/000002/1/job.out"))
      #expect(try campaign.scan(threads: 1).states == ["finished": 1, "failed": 1])
      #expect(try campaign.repair(allowsLabelChanges: true).repaired == ["denser-mesh": 1])
      try output(folder + "/runs/000002/2", "truncated")
      try Data("Tetrahedron method fails".utf8).write(to: URL(fileURLWithPath: folder + "/runs/000002/2/job.out"))
      _ = try campaign.scan(threads: 1)
      #expect(try campaign.repair(allowsLabelChanges: true).repaired == ["gaussian-smearing": 1])
      try output(folder + "/runs/000002/3", "finished")
      #expect(try campaign.scan(threads: 1).states == ["finished": 2])
      // Without the repair the same output would not do.
      let inputs = RunInputs(folder + "/runs/000002/1", species: [])
      #expect(!inputs.differences(["ISMEAR": "0"], nil).isEmpty)
    }
  }

  /// Real runs with their own INCAR and KPOINTS.
  @Test(
    .enabled(if: SharedData.holds("data/fixtures/vasp/FeO_AFM_PBEU_custodian")),
    arguments: [
      ("FeO_AFM_PBEU_custodian", "OUTCAR"), ("FeO_AFM_PBEU_custodian", "vasprun.xml"),
      ("LiMn2O4-type_PBE_atomate", "OUTCAR"),
    ])
  func realRunsAreAsTheirInputsSay(name: String, file: String) throws {
    let folder = SharedData.path("data/fixtures/vasp/" + name)
    let elements = try readFrames(folder + "/POSCAR").frames[0].structure.elements
    let inputs = RunInputs(folder, species: elementRuns(elements))
    var first: LabeledStructure?
    let summary = try forEachFrame(of: folder + "/" + file) { first = first ?? $0 }
    let frame = try #require(first)
    #expect(summary.echo["ISPIN"] == "2" && summary.echo["ISIF"] != nil)
    #expect(inputs.differences(summary.echo, SettingsFingerprint(of: frame)) == [])
    #expect(inputs.incar["ENCUT"] == "520")
  }

  @Test func digitsOfU() throws {
    func sharpened(_ incar: String, _ items: [(String, String)], _ symbols: [String] = ["V", "O"]) throws
      -> [String?]
    {
      var made = try frame(symbols, cell: [4, 4, 8])
      for (key, value) in [("functional", "PBE")] + items { made.set(key, value) }
      HubbardDigits(incar: incar).sharpen(&made)
      return ["hubbard_u", "hubbard_j"].map { made.value(ofKey: $0) }
    }
    let on = "LDAU = .TRUE.\nLDAUU = 3.25 0 ! eV\n"
    #expect(try sharpened(on, [("hubbard_u", "O=0 V=3.2")]) == ["O=0 V=3.25", nil])
    #expect(try sharpened(on, [("hubbard_u", "O=0 V=3.3")]) == ["O=0 V=3.25", nil])
    // Not what the output printed: the output is right of itself.
    #expect(try sharpened(on, [("hubbard_u", "O=0 V=3.1")]) == ["O=0 V=3.1", nil])
    #expect(try sharpened("LDAUU = 3.25 0\n", [("hubbard_u", "O=0 V=3.2")]) == ["O=0 V=3.2", nil])
    #expect(try sharpened(on, [("hubbard_u", "O=0 V=3.2")], ["V", "O", "V"]) == ["O=0 V=3.2", nil])
    #expect(
      try sharpened("LDAU=T\nLDAUU = 4.25 0\nLDAUJ = 1 0", [("hubbard_u", "O=0 V=3.2")]) == ["O=0 V=3.25", nil])
    #expect(
      try sharpened(
        "LDAU=T\nLDAUU = 4.25 0\nLDAUJ = 0.88 0",
        [("hubbard_u", "O=0 V=4.2"), ("hubbard_j", "V=0.9"), ("ldau_type", "1")]) == ["O=0 V=4.25", "V=0.88"])
  }

  @Test func printedNumbers() throws {
    func fits(_ text: String, _ value: Double) throws -> Bool { try #require(PrintedNumber(text)).isOf(value) }
    #expect(try fits("0.1E-04", 1e-5) && fits("520.0", 520) && fits("3.2", 3.25) && fits("3.3", 3.25))
    #expect(try fits("0.8D-03", 8e-4) && fits("-5", -5) && fits("0.00001000", 1e-5))
    #expect(try !fits("0.1E-04", 1e-6) && !fits("520.0", 520.1) && !fits("3.2", 3.32) && !fits("0", 0.2))
    #expect(PrintedNumber("auto") == nil)
  }
}
