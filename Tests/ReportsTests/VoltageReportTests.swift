import Foundation
import Simulations
import Structures
import Testing

@testable import Reports

private func structure(
  _ lithium: Int, _ energy: Double?, label: Double?, volume: Double = 100, id: String = "a"
) -> PartnerStructure {
  let composition = [("Li", lithium), ("Mn", 2), ("O", 4)].filter { $0.1 > 0 }
  var partner = PartnerStructure(
    id: id, name: id,
    composition: Dictionary(uniqueKeysWithValues: composition.map { (ChemicalElement($0.0)!, $0.1) }),
    volume: volume, energy: energy, label: label)
  partner.memberEnergies = energy.map { [$0 - 0.1 * Double(lithium), $0 + 0.1 * Double(lithium)] } ?? []
  return partner
}

private func report(
  _ reference: VoltageReport.Reference = .lithium(LithiumReference(energy: -1.9, source: "bcc Li, <PBE>"))
) throws -> VoltageReport {
  let series = try VoltageSeries(
    [
      structure(0, -37.2, label: -37, volume: 95, id: "poor"), structure(1, -42.9, label: -42.8, id: "half"),
      structure(2, -48.1, label: -48, id: "rich"),
    ], evidence: .key, lithium: reference.energy)
  return VoltageReport(
    .init(potential: "snap", potentialFile: "p", geometry: "as given", command: "halite voltage", dataHash: "0a"),
    reference: reference, series: [series])
}

@Suite struct VoltageReportTests {
  @Test func theNumbersOfAHost() throws {
    let row = try report().series[0].whole
    #expect(abs(try #require(row.label) - 3.6) < 1e-12)
    #expect(abs(try #require(row.volts) - 3.55) < 1e-12)
    #expect(abs(try #require(row.deviation) - 0.1) < 1e-12)
    // LiMnO2 of 93.876 g/mol.
    let mass = 6.94 + 54.938044 + 2 * 15.999
    #expect(abs(row.capacity - 26801.481 / mass) < 1e-9)
    #expect(abs(try #require(row.energyDensity) - 3.55 * row.capacity) < 1e-9)
    #expect(abs(try #require(row.volumeChange) + 0.05) < 1e-12)
    let errors = try #require(row.partnerErrors)
    #expect(errors.partners == VoltageErrors() && abs(errors.lithiated + 0.1 / 8) < 1e-12)
    let error = errors.partners.error(lithiated: errors.lithiated, delithiated: errors.delithiated)
    let direct = try #require(row.error)
    #expect(abs(error - direct) < 1e-12)
    #expect(VoltageRow.formula(row.lithiated) == "LiMnO2" && VoltageRow.formula(row.delithiated) == "MnO2")
    #expect(try VoltageRow.formula(report().series[0].steps[0].lithiated) == "Li0.5MnO2")
  }

  @Test func theReferenceAndItsSourceAreAlwaysThere() throws {
    let text = try report().text
    #expect(text.hasPrefix("Li reference: -1.9 eV/atom (bcc Li, <PBE>)"))
    #expect(text.contains("error, %") && text.contains("MAPE"))
    #expect(try report().html.contains("bcc Li, &lt;PBE&gt;"))
    #expect(try report().csv.contains("\"bcc Li, <PBE>\""))
    #expect(try report().json.contains("\"source\": \"bcc Li, <PBE>\""))
  }

  /// Without a reference no percentage, no energy density; with one that is not comparable it says so.
  @Test func differencesOnly() throws {
    let bare = try report(.differencesOnly(nil))
    #expect(bare.text.contains("differences only: no Li reference") && bare.text.contains("eV/Li"))
    #expect(!bare.text.contains("Wh/kg") && !bare.text.contains("MAPE") && !bare.text.contains("error, %"))
    #expect(abs(try #require(bare.series[0].whole.volts) - 5.45) < 1e-12)
    let stated = try report(.differencesOnly(LithiumReference(energy: -11.169, source: "54 atoms")))
    #expect(stated.text.contains("a stated -11.169 eV/atom (54 atoms), which is not comparable"))
    let (first, second) = (bare.series[0].whole.error, stated.series[0].whole.error)
    #expect(abs(try #require(first) - #require(second)) < 1e-12)
    #expect(bare.statistics.map(\.name).contains("drop between neighbouring ranges"))
  }

  @Test func pageAndDrawingsAreWellFormed() throws {
    let page = WellFormed(try report().html)
    #expect(page.error == nil, "\(page.error ?? "")")
    #expect(page.elements["svg"] == 2 && (page.elements["table"] ?? 0) >= 3)
    #expect(!page.text.contains("nan") && page.text.contains("0–0.5: 3.800, 0.5–1: 3.300"))
    #expect(WellFormed(try #require(report().parity).markup().text).error == nil)
  }

  @Test func theProfileNamesWhatDoesNotForm() throws {
    let series = try VoltageSeries(
      [structure(0, -37, label: nil), structure(1, -42.4, label: nil), structure(2, -48, label: nil)],
      evidence: .key,
      lithium: -1.9)
    var report = try report()
    report.series = [series]
    #expect(report.text.contains("0–1: 3.600") && report.text.contains("0.5 (50.0)"))
    #expect(report.profileCSV.contains("MnO2,model,0.5,") && report.profileCSV.contains(",no,a"))
    #expect(report.parity == nil && report.statistics.isEmpty)
  }

  @Test func theFilesOfAFolder() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("voltage-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try report().write(to: folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(names == ["parity.svg", "profile.csv", "voltage.csv", "voltage.html", "voltage.json"])
  }
}

@Suite struct ScreenReportTests {
  private func screen(_ ranking: ScreenReport.Ranking) throws -> ScreenReport {
    let entries = try [(-48.1, 0.02), (-49.0, 0.3), (-48.5, 0.0)].map { energy, above in
      let series = try VoltageSeries(
        [structure(0, -37, label: nil), structure(2, energy, label: nil)], evidence: .key, lithium: -1.9)
      return ScreenReport.Entry(series, lithiatedAboveHull: above, delithiatedAboveHull: 0)
    }
    let voltage = try report()
    return ScreenReport(
      voltage.run, reference: voltage.reference, entries: entries, by: ranking, structures: 6, alone: 0)
  }

  @Test func theRanking() throws {
    #expect(try screen(.energyDensity).entries.map(\.lithiatedAboveHull) == [0.3, 0.0, 0.02])
    #expect(try screen(.voltage).entries.map(\.lithiatedAboveHull) == [0.3, 0.0, 0.02])
    #expect(try screen(.hull).entries.map(\.lithiatedAboveHull) == [0.0, 0.02, 0.3])
    #expect(try screen(.capacity).entries.count == 3)
  }

  @Test func tableCSVAndPage() throws {
    let screen = try screen(.hull)
    #expect(screen.text(first: 2).contains("and 1 more"))
    #expect(screen.csv.split(separator: "\n").count == 4)
    let page = WellFormed(ScreenPage(screen).page.text)
    #expect(page.error == nil && page.elements["svg"] == 1 && page.elements["tr"] == 5)
    #expect(WellFormed(screen.plot.markup().text).error == nil)
    #expect(try screen.json.contains("\"ranking\": \"hull\""))
  }
}
