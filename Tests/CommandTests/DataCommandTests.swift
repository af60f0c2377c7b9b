import Foundation
import TestSupport
import Testing

private let drx = "data/xtb-drx-64/drx-1.extxyz"
private let pairs = "data/xtb-drx-64/drx-pairs.extxyz"
private let hazard = "reference/xsf/1015.xsf"

/// The data commands on real files, as users run them.
@Suite(.enabled(if: Program.isBuilt && SharedData.holds(drx), "the program or ../shared is not there"))
struct DataCommandTests {
  private func number(_ object: Any?, _ keys: String...) throws -> Double {
    var value = object
    for key in keys { value = (value as? [String: Any])?[key] }
    return try #require((value as? NSNumber)?.doubleValue, "\(keys)")
  }

  private func lines(_ file: URL, containing text: String) throws -> Int {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").count { $0.contains(text) }
  }

  @Test func censusCountsTheSampleAsItsSourceSays() throws {
    let run = try Program.run(["data", "census", SharedData.path(drx), "--json"])
    #expect(run.status == 0, "\(run.errors)")
    let census = try run.json()
    #expect(try number(census, "frames") == 284)
    for label in ["energy", "forces", "stress"] { #expect(try number(census, "labels", label) == 284) }
    #expect(try number(census, "labels", "moments") == 0)
    let elements = try #require(census["elements"] as? [[String: Any]]).compactMap { $0["name"] as? String }
    #expect(Set(elements) == ["Li", "O", "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu"])
    let types = try #require(census["config_types"] as? [[String: Any]]).compactMap { $0["name"] as? String }
    #expect(Set(types) == ["litmo2", "excess", "partial", "tmo2"])
    #expect(try number(census, "volume_per_atom", "minimum") > 8)
    #expect(try number(census, "duplicates", "exact") == 0)
    let text = try Program.run(["data", "census", SharedData.path(drx)])
    #expect(text.output.contains("frames          284, "))
  }

  @Test func aRankDeficientSetSaysWhichDirectionIsFree() throws {
    // Every frame has as many oxygen atoms as cation sites are twice the metal: one relation of the counts.
    let run = try Program.run(["data", "census", SharedData.path(pairs), "--json"])
    let references = try #require(try run.json()["references"] as? [String: Any])
    let energies = try #require(references["energies"] as? [String: Any])
    let rank = try number(references, "rank")
    #expect(Int(rank) == energies.count - 1)
    #expect((references["free_directions"] as? [String])?.count == 1)
  }

  @Test(.enabled(if: SharedData.holds(hazard))) func theFusedLatticeOf1015IsCaught() throws {
    let run = try Program.run(["data", "check", SharedData.path(hazard), "--json"])
    #expect(run.status == 0, "\(run.errors)")
    let findings = try #require((try run.json()["check"] as? [String: Any])?["findings"] as? [[String: Any]])
    #expect(findings.count == 1)
    let reasons = try #require(findings.first?["reasons"] as? [String])
    #expect(reasons.contains { $0.contains("distance 0.677") }, "\(reasons)")
    #expect(try Program.run(["data", "check", SharedData.path(hazard), "--strict"]).status == 1)
  }

  @Test func quarantineCountsAddUp() throws {
    try Program.withFolder { folder in
      let arguments = ["--max-force", "3", "--quarantine", "aside.extxyz", "-o", "kept.extxyz", "--json"]
      let run = try Program.run(["data", "check", SharedData.path(drx)] + arguments, in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let kept = try number(run.json(), "kept")
      let aside = try number(run.json(), "quarantined")
      #expect(kept + aside == 284)
      #expect(aside > 0 && kept > 0)
      #expect(try lines(folder.appendingPathComponent("kept.extxyz"), containing: "Lattice=") == Int(kept))
      #expect(
        try lines(folder.appendingPathComponent("aside.extxyz"), containing: "quarantine_reason=") == Int(aside))
      let again = try Program.run(["data", "check", "kept.extxyz", "--max-force", "3", "--strict"], in: folder)
      #expect(again.status == 0, "\(again.output)")
    }
  }

  @Test func theSplitObeysCountsSeedAndOrderOfFiles() throws {
    try Program.withFolder { folder in
      let (first, second) = (SharedData.path(drx), SharedData.path(pairs))
      let split = { (files: [String], seed: String, name: String) -> [String: Any] in
        let options = ["--train", "0.9", "--seed", seed, "-o", name, "--json"]
        let run = try Program.run(["data", "split"] + files + options, in: folder)
        #expect(run.status == 0, "\(run.errors)")
        return try run.json()
      }
      let a = try split([first, second], "7", "a.json")
      #expect(try number(a, "counts", "train") == 364)  // ⌈0.9 · 404⌉
      #expect(try number(a, "counts", "test") == 40)
      let b = try split([second, first], "7", "b.json")
      #expect(a["split_hash"] as? String == b["split_hash"] as? String)
      let c = try split([first, second], "8", "c.json")
      #expect(a["split_hash"] as? String != c["split_hash"] as? String)

      let grouped = ["data", "split", second, "--train", "0.8", "--by", "group", "host", "-o", "g.json", "--json"]
      let run = try Program.run(grouped, in: folder)
      #expect(try number(run.json(), "counts", "train") == 96)
    }
  }

  @Test func convertCarriesFramesAndTakesSlices() throws {
    try Program.withFolder { folder in
      let slice = ["--index", "10:20", "-o", "some.extxyz", "--json"]
      let run = try Program.run(["convert", SharedData.path(drx)] + slice, in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(try number(run.json(), "frames") == 10)
      let there = try Program.run(["convert", "some.extxyz", "some.xsf.d"], in: folder)
      #expect(there.status == 0, "\(there.errors)")
      #expect(there.errors.contains("warning: some.xsf.d: xsf does not hold "))
      let back = try Program.run(["convert", "some.xsf.d", "back.extxyz.gz", "--json"], in: folder)
      #expect(try number(back.json(), "frames") == 10)
      let refused = try Program.run(["convert", "some.extxyz", "back.extxyz.gz"], in: folder)
      #expect(refused.status == 2)
      let wrong = try Program.run(["convert", "some.extxyz", "-o", "x.exyz"], in: folder)
      #expect(wrong.status == 1)
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("x.exyz").path))
      let none = try Program.run(["convert", "some.extxyz", "-o", "y.extxyz", "--index", "30:"], in: folder)
      #expect(none.status == 1)
      #expect(none.errors.hasSuffix("halite: --index 30: selects none of 10 frames\n"))
    }
  }

  @Test func formatsAreListed() throws {
    let run = try Program.run(["formats", "--json"])
    let names = try #require(try run.json()["formats"] as? [[String: Any]]).compactMap { $0["name"] as? String }
    #expect(names.contains("extxyz"))
    for name in names { #expect(try Program.run(["formats"]).output.contains("\(name): ")) }
  }
}
