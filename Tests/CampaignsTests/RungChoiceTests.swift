import Foundation
import Structures
import Testing

@testable import Campaigns

@Suite(.enabled(if: StandIn.isPossible, "python3 is missing"))
struct RungChoiceTests {
  /// A campaign of one run that failed with a message.
  private func failed(
    _ message: String, preset: String = "lithium-drx-2024-static", edit: (String) -> String = { $0 },
    _ body: (Campaign, String) throws -> Void
  ) throws {
    try withCampaign(1, preset: preset, edit: edit) { campaign, folder in
      _ = try campaign.prepare(threads: 1)
      try fail(campaign, folder, 1, message)
      try body(campaign, folder)
    }
  }

  private func fail(_ campaign: Campaign, _ folder: String, _ attempt: Int, _ message: String) throws {
    let run = folder + "/runs/000001/\(attempt)"
    try output(run, "truncated")
    try Data(message.utf8).write(to: URL(fileURLWithPath: run + "/job.out"))
    #expect(try campaign.scan(threads: 1).states == ["failed": 1])
  }

  /// ISYM is 0 and PREC Accurate in the presets: rungs that set just that would run the same inputs again.
  @Test func rungsThatChangeNothingArePassedOver() throws {
    try failed("BRMIX: very serious problems") { campaign, folder in
      // No WAVECAR; then IMIX 1; ISYM 0 is there; what is left changes the mesh.
      #expect(try campaign.repair(allowsLabelChanges: false).repaired == ["kerker-mixing": 1])
      try fail(campaign, folder, 2, "BRMIX: very serious problems")
      #expect(try campaign.repair(allowsLabelChanges: false).needs_consent == ["brmix-odd-mesh": 1])
    }
    try failed("Sub-Space-Matrix is not hermitian") { campaign, folder in
      #expect(try campaign.repair(allowsLabelChanges: true).repaired == ["subspace-reciprocal-projection": 1])
      try fail(campaign, folder, 2, "Sub-Space-Matrix is not hermitian")
      #expect(try campaign.repair(allowsLabelChanges: true).given_up == ["subspace": 1])
    }
    // ALGO Fast is what ran out of time.
    try failed("DUE TO TIME LIMIT") { campaign, _ in
      let report = try campaign.repair(allowsLabelChanges: true)
      #expect(report.given_up == ["walltime": 1])
    }
    // The same inputs again are what this rung is for.
    try failed("") { campaign, _ in
      let report = try campaign.repair(allowsLabelChanges: false)
      #expect(report.repaired == ["same-again": 1])
    }
  }

  /// Every rung that repair takes makes inputs of another hash, but for those that only run again.
  @Test func everyAttemptHasInputsOfItsOwn() throws {
    for message in ["BRMIX: very serious problems", "SGRCON", "LAPACK: Routine ZPOTRF failed", "EDDIAG"] {
      try failed(message) { campaign, folder in
        var attempt = 1
        while try campaign.repair(allowsLabelChanges: true).repaired.values.reduce(0, +) == 1 {
          attempt += 1
          try fail(campaign, folder, attempt, message)
          #expect(attempt < 8)
        }
        let attempts = try campaign.attempts(of: 1)
        #expect(attempts.count == attempt && Set(attempts.map(\.inputs)).count == attempt, "\(message)")
      }
    }
  }

  @Test func aWAVECARIsCarriedOnlyWhole() throws {
    /// One spin, 2 k-points, 3 bands, records of 64 bytes.
    let numbers: [Double] = [64, 1, 45200] + Array(repeating: 0, count: 5) + [2, 3, 520]
    var bytes = numbers.withUnsafeBytes { Array($0) }
    bytes += Array(repeating: 0, count: 64 * (2 + 2 * 4) - bytes.count)
    for (size, rung) in [
      (bytes.count, "from-wavefunctions"), (bytes.count - 200, "kerker-mixing"), (0, "kerker-mixing"),
    ] {
      try failed("BRMIX: very serious problems") { campaign, folder in
        try Data(bytes.prefix(size)).write(to: URL(fileURLWithPath: folder + "/runs/000001/1/WAVECAR"))
        #expect(try campaign.repair(allowsLabelChanges: false).repaired == [rung: 1], "\(size) bytes")
        let carried = FileManager.default.fileExists(atPath: folder + "/runs/000001/2/WAVECAR")
        #expect(carried == (rung == "from-wavefunctions"))
      }
    }
  }

  /// A CONTCAR that is the POSCAR is no progress: the next rung is another one.
  @Test func aCONTCARThatDidNotMoveIsNoChange() throws {
    try failed(
      "DUE TO TIME LIMIT", preset: "lithium-drx-2024-relax",
      edit: { $0.replacing("ALGO: Fast", with: "ALGO: Normal") }
    ) {
      campaign, folder in
      let run = folder + "/runs/000001/1"
      try FileManager.default.copyItem(atPath: run + "/POSCAR", toPath: run + "/CONTCAR")
      #expect(try campaign.repair(allowsLabelChanges: false).repaired == ["walltime-fast": 1])
    }
  }

  /// A label-changing rung in front does not hide a neutral one behind it, nor does giving up come before it.
  @Test func neutralRungsGoFirst() throws {
    try withCampaign(1) { _, folder in
      try edit(
        folder + "/repair.yaml", "      - {name: denser-mesh,",
        "      - {name: no-more, labels: neutral, reject: true}\n      - {name: denser-mesh,")
      try edit(
        folder + "/repair.yaml", "set: {ISMEAR: 0, SIGMA: 0.05}}",
        "set: {ISMEAR: 0, SIGMA: 0.05}}\n      - {name: more-steps, labels: neutral, set: {NELM: 300}}")
      let campaign = try Campaign(folder)
      _ = try campaign.prepare(threads: 1)
      try fail(campaign, folder, 1, "Tetrahedron method fails")
      #expect(try campaign.repair(allowsLabelChanges: false).repaired == ["more-steps": 1])
      try fail(campaign, folder, 2, "Tetrahedron method fails")
      let report = try campaign.repair(allowsLabelChanges: false)
      #expect(report.needs_consent == ["denser-mesh": 1] && report.given_up.isEmpty)
    }
  }
}
