import Foundation
import Structures
import TestSupport
import Testing

@testable import Formats

/// Outputs of VASP that were cut off or damaged on the way.
@Suite struct CutOutputTests {
  private func read(_ text: some StringProtocol, salvages: Bool = false) throws -> (
    frames: [LabeledStructure], summary: StreamSummary
  ) {
    var options = ReadOptions()
    options.salvages = salvages
    var frames: [LabeledStructure] = []
    let summary = try Array(text.utf8).withUnsafeBytes { bytes in
      try OUTCAR.read(try ByteWindow(bytes, file: "OUTCAR"), options: options) { frames.append($0) }
    }
    return (frames, summary)
  }

  /// Every cut of the last 1500 bytes: ok only with the whole step, and then with its own numbers.
  @Test func noCutGivesAWrongNumberThatIsOk() throws {
    let whole = try #require(try read(shortOUTCAR).frames.first)
    let end = try #require(shortOUTCAR.range(of: "real time    6.3309\n")).upperBound
    for count in 0..<1500 {
      let text = shortOUTCAR.dropLast(count)
      for frame in try read(text).frames where frame.verdict == .ok {
        #expect(frame.labels == whole.labels && text.endIndex >= end)
      }
    }
  }

  @Test func aCutInsideOfAnEnergyIsTruncated() throws {
    for text in ["TOTEN  =       -24", "TOTEN  =       -24.22450672 eV\n", "energy(sigma->0) =      -24.2"] {
      let place = try #require(
        shortOUTCAR.range(of: text == "TOTEN  =       -24" ? "free  energy   " + text : text))
      let frame = try #require(try read(shortOUTCAR[..<place.upperBound]).frames.first)
      #expect(frame.verdict == .truncated)
      #expect(frame.labels.energy == nil || frame.labels.energy == -24.22450672)
      #expect(frame.labels.energyWithoutSmearing == nil)
    }
  }

  /// A number with something in it is none.
  @Test func aDamagedNumberIsNoNumber() throws {
    let text = shortOUTCAR.replacingOccurrences(of: "-24.22450672 eV", with: "-24.2#450672 eV")
    #expect(try read(text).frames.first?.verdict == .energyMissing)
    let stress = shortOUTCAR.replacingOccurrences(of: "20.00000    30.00000", with: "20.00000    ********")
    #expect(try read(stress).frames.first?.verdict == .geometrySuspect)
  }

  /// Two steps, the lattice of the first damaged: the second is whole and is read, the first is counted with its line.
  @Test func aDamagedRowCostsItsStepOnly() throws {
    let start = try #require(shortOUTCAR.range(of: "---", options: .literal)).lowerBound
    let end = try #require(shortOUTCAR.range(of: " General timing")).lowerBound
    let step = String(shortOUTCAR[start..<end])
    let second = step.replacingOccurrences(of: "Iteration      1(", with: "Iteration      2(")
    let row = "   4.000000000  0.000000000  0.000000000     0.25"
    let damaged = step.replacingOccurrences(of: row, with: "   4.00000?000  0.000000000  0.000000000     0.25")
    let text = String(shortOUTCAR[..<start]) + damaged + second + String(shortOUTCAR[end...])
    #expect(throws: InputError.self) { _ = try read(text) }
    let found = try read(text, salvages: true)
    #expect(found.frames.map(\.verdict) == [.ok])
    #expect(found.frames.first?.value(ofKey: "ionic_step") == "2")
    #expect(found.summary.lost.map(\.verdict) == [.geometrySuspect])
    let line = text[..<(try #require(text.range(of: "4.00000?000"))).lowerBound].count { $0 == "\n" } + 1
    #expect(found.summary.lost.first?.reason.hasPrefix("OUTCAR:\(line): lattice vector ") ?? false)
  }
}

@Suite(.enabled(if: SharedData.holds("data/fixtures/vasp/dpdata/OUTCAR.h2o.md.10"), "the shared data are absent"))
struct CutFixtureTests {
  private let text = try! String(
    contentsOfFile: SharedData.path("data/fixtures/vasp/dpdata/OUTCAR.h2o.md.10"), encoding: .utf8)

  @Test func theFifthStepCutInsideOfItsEnergyIsNotOk() throws {
    let place = try #require(text.range(of: "free  energy   TOTEN  =       -28.40826020")).upperBound
    let cut = text[..<text.index(place, offsetBy: -".40826020".count)]
    let frames = try Array(cut.utf8).withUnsafeBytes { try OUTCAR.read(bytes: $0, file: "OUTCAR") }.frames
    #expect(frames.map(\.verdict) == [.ok, .ok, .ok, .ok, .truncated])
    #expect(frames.last?.labels.energy == nil)
  }

  /// The packed file ends in the middle: whole steps come out, the rest is said.
  @Test func aCutPackedFileGivesItsWholeSteps() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/OUTCAR.gz"
      let packed = try Gzip.compress(Array(text.utf8))
      try Data(packed.prefix(packed.count * 2 / 3)).write(to: URL(fileURLWithPath: path))
      var options = ReadOptions()
      options.salvages = true
      var frames: [LabeledStructure] = []
      let summary = try forEachFrame(of: path, options: options) { frames.append($0) }
      let whole = try Array(text.utf8).withUnsafeBytes { try OUTCAR.read(bytes: $0, file: "OUTCAR") }.frames
      let good = frames.filter { $0.verdict == .ok }
      #expect(good.count >= 4 && good.count < 10)
      #expect(good.map(\.labels) == whole.prefix(good.count).map(\.labels))
      #expect(frames.count - good.count + summary.lost.count == 1)
      #expect(summary.damage?.error.message == "the gzip data end early" && summary.damage?.mayBeWrong == false)
      #expect(
        message { _ = try readFrames(path) } == "\(path): the gzip data end early; copy or download the file again")
    }
  }

  /// A byte in the middle is another one: what was unpacked before may be wrong, too.
  @Test func aDamagedPackedFileIsDoubtedAsAWhole() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/OUTCAR.gz"
      var packed = try Gzip.compress(Array(text.utf8))
      for place in packed.count / 2..<packed.count / 2 + 40 { packed[place] ^= 0xFF }
      try Data(packed).write(to: URL(fileURLWithPath: path))
      var options = ReadOptions()
      options.salvages = true
      let summary = try forEachFrame(of: path, options: options) { _ in }
      #expect(summary.damage?.error.message == "the gzip data are damaged" && summary.damage?.mayBeWrong == true)
    }
  }

  @Test func aCutVasprunIsTruncatedWhereverItIsCut() throws {
    let document = try String(
      contentsOfFile: SharedData.path("data/fixtures/vasp/FeO_AFM_PBEU_custodian/vasprun.xml"), encoding: .utf8)
    let whole = try Array(document.utf8).withUnsafeBytes { try VasprunXML.read(bytes: $0, file: "vasprun.xml") }
      .frames
    let ends = document.ranges(of: "</calculation>")
    let start = try #require(ends.dropFirst().first).lowerBound
    for back in stride(from: 1, to: 900, by: 13) {
      let cut = document[..<document.index(start, offsetBy: -back)]
      let frames = try Array(cut.utf8).withUnsafeBytes { try VasprunXML.read(bytes: $0, file: "vasprun.xml") }
        .frames
      #expect(frames.first?.labels == whole.first?.labels)
      #expect(frames.dropFirst().allSatisfy { $0.verdict == .truncated })
    }
  }
}
