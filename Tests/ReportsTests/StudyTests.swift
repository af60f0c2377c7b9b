import Foundation
import Potentials
import Structures
import Testing

@testable import Reports

/// A study of made-up runs, whose numbers can be worked out.
enum StudySample {
  static func run(_ potential: String, _ size: Int, noise: Double, epochs: Bool = false) throws -> StudyRun {
    var run = StudyRun(
      StudyRun.Key(potential: potential, kind: "snap", size: size, seed: 1), trainingFrames: 9 * size / 10)
    for (part, count, seed) in [(DataPart.train, 9 * size / 10, UInt64(1)), (.test, size / 10, 2)] {
      var random = RandomSource(seed: seed)
      var frames: [LabeledStructure] = []
      var predictions: [Prediction] = []
      for index in 0..<count {
        let elements = (0..<4).map { $0 < index % 4 ? Sample.lithium : Sample.oxygen }
        let energy = -20 + random.uniform()
        let forces = elements.map { _ in SIMD3(random.uniform() - 0.5, 0, 0) }
        frames.append(Sample.frame(elements, energy: energy, forces: forces, index: index))
        predictions.append(
          Sample.prediction(
            energy: energy + 4 * noise * (random.uniform() - 0.5), forces: forces.map { (1 + noise) * $0 }))
      }
      try run.add(
        part, frames: frames, predictions: predictions, baseline: EnergyBaseline(of: frames, part: .train))
    }
    run.effort = StudyRun.Effort(
      trainingSeconds: Double(size) / 10, seconds: Double(size), peakBytes: 1_000_000 * size, threads: 1, starts: 1)
    if epochs {
      run.epochs = [1, 10, 100].map { epoch in
        var row = StudyRun.Epoch(epoch: epoch, seconds: Double(epoch) / 7)
        row.trainEnergyRMSE = 100 / Double(epoch)
        row.validationEnergyRMSE = 120 / Double(epoch)
        return row
      }
    }
    return run
  }

  static func study() throws -> Study {
    var study = Study(
      title: "Study: <a & b>", command: "halite compare 'a & b.yaml'", dataHash: String(repeating: "a", count: 64),
      splitHash: String(repeating: "b", count: 64), split: "split 90:10 by frame, seed 1", frames: 400,
      classes: try FrameClasses(Dataset(Sample.frames)), potentials: ["snap", "aenet"], sizes: [100, 200, 400],
      seeds: [1])
    for (size, noise) in [(100, 0.4), (200, 0.2), (400, 0.1)] {
      study.runs.append(try run("snap", size, noise: noise))
      study.runs.append(try run("aenet", size, noise: noise / 2, epochs: true))
    }
    study.runs.sort { ($0.key.potential, $0.key.size) > ($1.key.potential, $1.key.size) }
    study.settings = "data: [\"<x>\"]\n"
    return study
  }
}

@Suite struct StudyTests {
  @Test func thePageHoldsEveryFigureAndNothingToLoad() throws {
    let report = try StudyReport(StudySample.study())
    let page = WellFormed(try #require(report.files.first { $0.name == "study.html" }).text)
    #expect(page.error == nil)
    #expect(page.elements["script"] == nil && page.elements["link"] == nil && page.elements["img"] == nil)
    #expect(page.elements["svg"] == report.drawings.count)
    for text in [
      "Study: <a & b>", "Energy RMSE of the test part, best first: aenet", "As Figure 4 of the paper",
      "As Figure 5 of the paper", "As Figure 6 of the paper", "As Figure S2 of the paper",
      "As Figure S3 of the paper",
      "As Figures S4 to S11 of the paper", "Figure 13 of the thesis", "As Figure 3 of the paper",
      "What more frames would buy",
    ] { #expect(page.text.contains(text), "\(text)") }
    for name in report.drawings {
      let svg = WellFormed(try #require(report.files.first { $0.name == name + ".svg" }).text)
      #expect(svg.error == nil && svg.elements["svg"] == 1, "\(name)")
      let csv = try #require(report.files.first { $0.name == name + ".csv" })
      #expect(csv.text.split(separator: "\n").count > 1, "\(name)")
    }
  }

  @Test func theTablesHaveTheErrorsOfTheReports() throws {
    let study = try StudySample.study()
    let table = try #require(StudyTables(study: study).all.first { $0.name == "errors.csv" }).text
    let lines = table.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(lines.count == 1 + 2 * study.runs.count)
    let column = try #require(lines[0].firstIndex(of: "energy_rmse_meV_per_atom"))
    let row = try #require(
      lines.first { $0[0] == "aenet" && $0[2] == "400" && $0[5] == "test" })
    let run = try #require(study.runs("aenet", 400).first)
    #expect(Double(row[column]) == run.errors(of: .test)?.energy?.rmse)
    // What depends on the clock stands elsewhere.
    #expect(!table.contains("seconds") && !table.contains("bytes"))
  }

  @Test func divisionsAddUpToAll() throws {
    let run = try StudySample.run("snap", 100, noise: 0.3)
    for division in [StudyRun.Division.lithiation, .metals] {
      let rows = run.errors.filter { $0.part == .test && $0.division == division }
      #expect(rows.reduce(0) { $0 + $1.errors.frames } == 10)
      let squares = rows.reduce(0.0) { sum, row in
        sum + Double(row.errors.frames) * (row.errors.energy?.rmse ?? 0) * (row.errors.energy?.rmse ?? 0)
      }
      let whole = try #require(run.errors(of: .test)?.energy?.rmse)
      #expect(abs((squares / 10).squareRoot() - whole) < 1e-9 * whole)
    }
  }

  /// Figures 7a and 7b: total energies per atom of LiMnO2 and of MnO2, nothing of other frames.
  @Test func lithiatedAndDelithiatedFramesAreDrawnApart() throws {
    let manganese = ChemicalElement("Mn")!
    let compositions = [
      [Sample.lithium, manganese, Sample.oxygen, Sample.oxygen], [manganese, Sample.oxygen, Sample.oxygen],
      [Sample.lithium, Sample.oxygen],
    ]
    var run = StudyRun(
      StudyRun.Key(potential: "snap", kind: "snap", size: 3, seed: 1), trainingFrames: 0)
    let frames = compositions.enumerated().map { Sample.frame($1, energy: -12, index: $0) }
    let predictions = compositions.map { Sample.prediction(energy: -11.4, forces: $0.map { _ in .zero }) }
    try run.add(.test, frames: frames, predictions: predictions, baseline: nil)
    var study = try StudySample.study()
    (study.potentials, study.sizes, study.runs) = (["snap"], [3], [run])
    let figures = StudyFigures(study: study).classEnergies
    #expect(figures.flatMap(\.drawings).map(\.name) == ["figure-7a-snap", "figure-7b-snap"])
    let rows = figures.flatMap(\.drawings).map { $0.csv.split(separator: "\n").dropFirst().joined() }
    #expect(rows == ["test,-3.0,-2.85,1", "test,-4.0,-3.8000000000000003,1"])
  }

  @Test func aRunThatFailedIsSaid() throws {
    var study = try StudySample.study()
    study.runs.removeAll { $0.key.potential == "aenet" && $0.key.size == 400 }
    study.failures = [
      .init(key: .init(potential: "aenet", kind: "aenet", size: 400, seed: 1), message: "out of memory")
    ]
    #expect(study.commonSize == 200)
    let page = StudyPage(study, figures: StudyFigures(study: study).all)
    #expect(page.text.contains("Failed: aenet, 400 frames, seed 1: out of memory"))
  }

  @Test func aStudyWithoutRunsIsAPage() throws {
    var study = try StudySample.study()
    study.runs = []
    let report = try StudyReport(study)
    #expect(WellFormed(try #require(report.files.first { $0.name == "study.html" }).text).error == nil)
    #expect(report.text.contains("No run is finished yet."))
  }
}

@Suite struct PowerLawTests {
  @Test func aPowerIsFound() throws {
    let law = try #require(PowerLaw([100, 200, 400, 800].map { SIMD2($0, 50 * ($0 / 100) ** -0.5) }))
    #expect(abs(law.exponent - 0.5) < 1e-12 && abs(law.error(at: 100) - 50) < 1e-9)
    #expect(abs(law.lowestExponent - 0.5) < 1e-12 && abs(law.highestExponent - 0.5) < 1e-12)
    // From 50/√8 to 1 meV/atom less: n′ = n (e/e′)².
    let purchase = try #require(law.purchase(of: 1, at: 800))
    let now = 50 / 8.0.squareRoot()
    #expect(abs(purchase.error - now) < 1e-9 && abs(purchase.target - (now - 1)) < 1e-9)
    #expect(abs(purchase.more - 800 * ((now / (now - 1)) * (now / (now - 1)) - 1)) < 1e-6)
  }

  @Test func anErrorThatRisesIsNotBought() throws {
    let law = try #require(PowerLaw([[100, 1], [200, 2], [400, 3]]))
    #expect(law.exponent < 0 && law.purchase(of: 1, at: 400) == nil)
    #expect(PowerLaw([[100, 1], [200, 2]]) == nil && PowerLaw([[100, 1], [100, 2], [200, 3]]) == nil)
  }
}

infix operator ** : BitwiseShiftPrecedence
private func ** (base: Double, exponent: Double) -> Double { pow(base, exponent) }

@Suite struct PartnerDifferenceTests {
  private static let manganese = ChemicalElement("Mn")!

  private func frame(_ lithium: Int, _ energy: Double, host: String?, index: Int, id: String? = nil)
    -> LabeledStructure
  {
    var frame = Sample.frame(
      [ChemicalElement](repeating: Sample.lithium, count: lithium) + [
        Self.manganese, Sample.oxygen, Sample.oxygen,
      ],
      energy: energy, index: index)
    if let host { frame.info = [InfoItem(key: "host", value: host)] }
    if let id { frame.id = id }
    return frame
  }

  /// voltage.md: −24.00 and −18.50 eV with Li at −1.90 eV give 3.60 V; the difference is −5.50 eV/Li.
  @Test func theDifferenceGivesTheVoltage() throws {
    let data = Dataset([
      frame(1, -24, host: "a", index: 0), frame(0, -18.5, host: "a", index: 1), frame(1, -23, host: "b", index: 2),
    ])
    let partners = LithiumPartners.all(in: data, key: "host")
    #expect(partners == [LithiumPartners(host: "a", frames: (0, 1), lithium: 1)])
    let predictions = [
      data[0].id: (part: DataPart.test, energy: -24 + 4 * 0.010), data[1].id: (.test, -18.5 - 3 * 0.020),
    ]
    let difference = try #require(
      PartnerDifference(partners[0], in: data, predictions: predictions, baseline: nil))
    #expect(abs(-1.90 - difference.label - 3.60) < 1e-12)
    // §7.5: +10 and −20 meV/atom shift the voltage by −0.1 V.
    #expect(abs(difference.predicted - difference.label - 0.1) < 1e-12)
    #expect(difference.part == .test && difference.lithium == 1)
    let errors = try #require(DifferenceErrors([difference]))
    #expect(abs(errors.rmse - 100) < 1e-9 && abs(errors.bias - 100) < 1e-9)
  }

  /// `generate delithiate` gives the id of the lithiated frame as the host.
  @Test func theHostMayBeAnId() {
    let data = Dataset([frame(2, -24, host: nil, index: 0, id: "abc"), frame(0, -18, host: "abc", index: 1)])
    #expect(
      LithiumPartners.all(in: data, key: "host") == [LithiumPartners(host: "abc", frames: (0, 1), lithium: 2)])
  }

  @Test func otherAtomsMakeNoPartners() {
    var other = frame(0, -18, host: "a", index: 1)
    other.structure = Structure(
      lattice: Sample.cube, elements: [Self.manganese, Sample.oxygen], positions: [[0, 0, 0], [1, 0, 0]])
    let data = Dataset([frame(1, -24, host: "a", index: 0), other, frame(1, -24.1, host: "a", index: 2)])
    #expect(LithiumPartners.all(in: data, key: "host").isEmpty)
  }
}

@Suite struct StudyPlotTests {
  @Test func aTriangleMapPrintsEveryNumber() throws {
    let map = TriangleMap(
      title: "Energy", rows: ["snap", "aenet"], columns: ["100", "all"], across: "Frames",
      cells: [[.init(train: 1, test: 2), .init(train: 3, test: nil)], [.init(), .init(train: 40, test: 500)]])
    let svg = WellFormed(try #require(map.markup()).text)
    #expect(svg.error == nil)
    for text in ["1.00", "2.00", "3.00", "40.0", "500", "–", "snap", "aenet", "all"] {
      #expect(svg.text.contains(text), "\(text)")
    }
    #expect(map.csv.contains("aenet,all,40.0,500.0") && map.csv.contains("snap,all,3.0,\n"))
    #expect(svg.text.contains("≤ 2.00"))
    #expect(TriangleMap(title: "", rows: ["a"], columns: ["b"], across: "", cells: [[.init()]]).markup() == nil)
  }

  /// A potential that repeats its training data does not take the shades of all others.
  @Test func shadesBeginAtTheSmallestTestError() throws {
    let map = TriangleMap(
      title: "Energy", rows: ["gap", "mtp"], columns: ["all"], across: "Frames",
      cells: [[.init(train: 0.00048, test: 8)], [.init(train: 2, test: 2)]])
    let svg = WellFormed(try #require(map.markup()).text)
    for text in ["4.8e-4", "≤ 2.00", "8.00"] { #expect(svg.text.contains(text), "\(text)") }
    #expect(!svg.text.contains("0.000"))
  }

  @Test func seriesOverNamesKeepTheirNames() throws {
    let plot = SeriesPlot(
      title: "MAE", across: "", names: ["Li", "O"], up: "MAE (eV/Å)",
      series: [
        .init(name: "snap", style: SeriesStyle(0), points: [[0.9, 0.1], [1.9, 0.2]], hasLine: false),
        .init(name: "aenet", style: SeriesStyle(1), points: [[1.1, 0.3], [2.1, .nan]], hasLine: false),
      ])
    let svg = WellFormed(try #require(plot.markup()).text)
    #expect(svg.error == nil && svg.text.contains("Li") && svg.text.contains("aenet"))
    #expect(plot.csv.contains("snap,O,0.2"))
  }

  @Test func stylesDifferInMoreThanColour() {
    let styles = (0..<8).map(SeriesStyle.init)
    #expect(Set(styles.map(\.color)).count == 8)
    for (a, b) in zip(styles, styles.dropFirst()) { #expect(a.mark != b.mark && a.dashes != b.dashes) }
  }
}
