import Reports
import Structures
import Testing

@Suite struct DataCheckTests {
  private func check(_ frames: [LabeledStructure], _ limits: DataLimits = DataLimits()) throws -> DataCheck {
    try DataCheck(Dataset(frames), limits: limits, threads: 2, fit: meanReference)
  }

  @Test func soundFramesPass() throws {
    let check = try check(rockSalt(40))
    #expect(check.findings.isEmpty)
    #expect(check.notes.isEmpty)
    #expect(check.text == "all 40 frames are inside of the limits")
  }

  @Test func everyLimitFindsItsFrame() throws {
    var frames = try rockSalt(40)
    frames[1].structure.positions[1] = frames[1].structure.positions[0] + [0, 0, 0.6]
    frames[2].structure.lattice = Lattice(a: [4, 0, 0], b: [0, 4, 0], c: [0, 0, 1.9])
    frames[3].structure.lattice = Lattice(a: [40, 0, 0], b: [0, 40, 0], c: [0, 0, 4])
    frames[4].labels.forces?[5] = [60, 0, 0]
    frames[4].labels.forces?[6] = [-60, 0, 0]
    frames[5].labels.forces?[0].x += 2
    frames[6].labels.energy = -79
    let check = try check(frames)
    #expect(check.findings.map(\.index) == [1, 2, 3, 4, 5, 6])
    let first = check.findings.map { $0.reasons[0] }
    #expect(first[0].hasPrefix("Li-Li distance 0.6 Å below 1.536 Å"))
    #expect(check.findings[1].reasons.contains { $0.hasPrefix("volume 3.8 Å³/atom below 4") })
    #expect(first[2].hasPrefix("volume 800 Å³/atom above 100"))
    #expect(first[3].hasPrefix("|F| 60 eV/Å on atom"))
    #expect(first[4].hasPrefix("net force 0.25 eV/Å per atom above 0.1"))
    #expect(first[5].contains("robust deviations from the median"))
  }

  @Test func outliersCannotHideEachOther() throws {
    var frames = try rockSalt(60)
    for index in 0..<12 { frames[index].labels.energy = -70 + Double(index) }
    let found = try check(frames).findings.map(\.index)
    #expect(found == Array(0..<12))
  }

  @Test func hydrogenMayComeCloser() throws {
    let h = try #require(ChemicalElement("H"))
    let cell = Lattice(a: [4, 0, 0], b: [0, 4, 0], c: [0, 0, 4])
    let molecule = LabeledStructure(
      structure: Structure(lattice: cell, elements: [h, h], positions: [.zero, [0.74, 0, 0]]), labels: Labels())
    #expect(try check([molecule]).findings.isEmpty)
    var limits = DataLimits()
    limits.minimumHydrogenDistance = 0.8
    #expect(try check([molecule], limits).findings.count == 1)
  }

  @Test func distancesAreJudgedByPair() throws {
    let limits = DataLimits()
    func limit(_ a: String, _ b: String) throws -> Double {
      limits.minimumDistance(try #require(ChemicalElement(a)), try #require(ChemicalElement(b)))
    }
    #expect(abs(try limit("Li", "O") - 0.6 * (1.28 + 0.66)) < 1e-12)
    #expect(try limit("O", "Mn") == limit("Mn", "O"))
    #expect(try limit("O", "O") == 1.1 && limit("F", "O") == 1.1)
    #expect(try limit("O", "H") == 0.5 && limit("Og", "Li") == 1)

    func oxygens(_ distance: Double) throws -> LabeledStructure {
      let o = try #require(ChemicalElement("O"))
      let cell = Lattice(a: [4, 0, 0], b: [0, 4, 0], c: [0, 0, 4])
      return LabeledStructure(
        structure: Structure(lattice: cell, elements: [o, o], positions: [.zero, [distance, 0, 0]]),
        labels: Labels())
    }
    #expect(try check([oxygens(1.07)]).findings.first?.reasons == ["O-O distance 1.07 Å below 1.1 Å"])
    #expect(try check([oxygens(1.07)]).verdict == "1 of 1 frame is outside of the limits")
    #expect(try check([oxygens(1.21)]).verdict == "the frame is inside of the limits")
    var absolute = limits
    absolute.minimumDistance = 1.5
    #expect(try check([oxygens(1.45)], absolute).findings.count == 1)
    absolute.minimumDistance = 0
    #expect(try check([oxygens(0.7)], absolute).findings.isEmpty)
  }

  @Test func fewEnergiesAreNotJudgedAndThatIsSaid() throws {
    let check = try check(rockSalt(5))
    #expect(check.findings.isEmpty)
    #expect(check.notes == ["energies are not judged: frames that have one are 5, outliers need 20 or more"])
  }

  @Test func isolatedAtomsAreNotJudged() throws {
    let lithium = try #require(ChemicalElement("Li"))
    let cell = Lattice(a: [30, 0, 0], b: [0, 30, 0], c: [0, 0, 30])
    let atom = LabeledStructure(
      structure: Structure(lattice: cell, elements: [lithium], positions: [.zero]), labels: Labels(energy: 5),
      configType: "IsolatedAtom")
    #expect(try check(rockSalt(30) + [atom]).findings.isEmpty)
  }

  @Test func quarantineLosesNothing() throws {
    var frames = try rockSalt(30)
    frames[7].labels.energy = 0
    frames[9].structure.positions[1] = frames[9].structure.positions[0] + [0, 0, 0.6]
    let check = try check(frames)
    let (kept, aside) = check.divide(Dataset(frames))
    #expect(kept.count == 28 && aside.count == 2)
    #expect(Set(kept.map(\.id)).union(aside.map(\.id)) == Set(frames.map(\.id)))
    #expect(aside.allSatisfy { $0.value(ofKey: "quarantine_reason")?.isEmpty == false })
    #expect(aside[1].value(ofKey: "quarantine_reason") == check.findings[1].reasons.joined(separator: "; "))
    #expect(kept.allSatisfy { $0.value(ofKey: "quarantine_reason") == nil })
  }
}
