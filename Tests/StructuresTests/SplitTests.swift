import Structures
import Testing

/// Frames of rattled rock salt of two compositions, each with a `host` key.
func rattledFrames(_ count: Int, seed: UInt64 = 1) throws -> [LabeledStructure] {
  var random = RandomSource(seed: seed)
  return try (0..<count).map { index in
    let metal = try #require(ChemicalElement(index % 3 == 0 ? "Mn" : "Li"))
    let oxygen = try #require(ChemicalElement("O"))
    let edge = 4.2
    let cell = Lattice(a: [edge, 0, 0], b: [0, edge, 0], c: [0, 0, edge])
    let half = edge / 2
    let ideal: [SIMD3<Double>] = [
      [0, 0, 0], [0, half, half], [half, 0, half], [half, half, 0], [half, 0, 0], [0, half, 0], [0, 0, half],
      [half, half, half],
    ]
    let positions = ideal.map { site -> SIMD3<Double> in
      site + 0.2 * SIMD3(random.uniform(), random.uniform(), random.uniform())
    }
    let structure = Structure(
      lattice: cell, elements: [metal, metal, metal, metal, oxygen, oxygen, oxygen, oxygen], positions: positions)
    return LabeledStructure(
      structure: structure, labels: Labels(energy: -40 - random.uniform()),
      provenance: Provenance(file: "made.extxyz", index: index),
      info: [InfoItem(key: "host", value: "\(index / 4)")])
  }
}

@Suite struct SplitTests {
  private func ids(_ members: [DataSplit.Member]) -> Set<String> { Set(members.map(\.id)) }

  @Test(arguments: [(10, 0.9, 9), (11, 0.9, 10), (3, 0.5, 2), (7, 1.0, 7), (30, 0.1, 3), (1, 0.9, 1)])
  func theTrainingPartIsTheCeiling(frames: Int, fraction: Double, expected: Int) throws {
    let split = try DataSplit(Dataset(rattledFrames(frames)), trainingFraction: fraction, seed: 3)
    #expect(split.training.count == expected)
    #expect(split.test.count == frames - expected)
    #expect(ids(split.training).isDisjoint(with: ids(split.test)))
  }

  @Test func orderOfFramesDoesNotMatterAndSeedDoes() throws {
    let frames = try rattledFrames(40)
    var random = RandomSource(seed: 9)
    let shuffled = random.permutation(of: frames.count).map { frames[$0] }
    let split = try DataSplit(Dataset(frames), trainingFraction: 0.75, seed: 5)
    let other = try DataSplit(Dataset(shuffled), trainingFraction: 0.75, seed: 5, threads: 2)
    #expect(ids(split.test) == ids(other.test))
    #expect(split.hash == other.hash)
    #expect(split.dataHash == other.dataHash)
    let third = try DataSplit(Dataset(frames), trainingFraction: 0.75, seed: 6)
    #expect(third.hash != split.hash)
  }

  @Test func everyFrameIsEquallyLikelyToBeTested() throws {
    let dataset = Dataset(try rattledFrames(20))
    var tested: [String: Int] = [:]
    for seed in 0..<400 as Range<UInt64> {
      for id in ids(try DataSplit(dataset, trainingFraction: 0.5, seed: seed).test) { tested[id, default: 0] += 1 }
    }
    // Binomial: 200 ± 10; six deviations.
    #expect(tested.count == 20)
    #expect(tested.values.allSatisfy { (140...260).contains($0) })
  }

  @Test func copiesStayTogetherAndCountOnce() throws {
    let frames = try rattledFrames(10)
    let dataset = Dataset(frames + frames + [frames[0]])
    let split = try DataSplit(dataset, trainingFraction: 0.9, seed: 1)
    #expect(split.training.count == 9)
    let (training, test) = try split.parts(of: dataset)
    #expect(training.count + test.count == 21)
    #expect(Set(training.map(\.id)).isDisjoint(with: Set(test.map(\.id))))
  }

  @Test func groupsStayTogether() throws {
    let dataset = Dataset(try rattledFrames(40))
    let split = try DataSplit(dataset, trainingFraction: 0.8, seed: 2, by: .group(key: "host"))
    let (training, test) = try split.parts(of: dataset)
    let hosts = { (part: Dataset) in Set(part.compactMap { $0.value(ofKey: "host") }) }
    #expect(hosts(training).isDisjoint(with: hosts(test)))
    #expect(training.count == 32)

    let byComposition = try DataSplit(dataset, trainingFraction: 0.6, seed: 2, by: .composition)
    let formulas = { (part: [DataSplit.Member]) in Set(part.map(\.signature.formula)) }
    #expect(formulas(byComposition.training).isDisjoint(with: formulas(byComposition.test)))
    #expect(byComposition.training.count + byComposition.test.count == 40)
  }

  /// Frames without the key, among them one whose id others have for their host.
  @Test func framesWithoutTheKeyAreGroupsOfTheirOwn() throws {
    var frames = try rattledFrames(40)
    for place in frames.indices { frames[place].info.removeAll { place < 20 && $0.key == "host" } }
    for place in 20..<40 { frames[place].info = [InfoItem(key: "host", value: frames[place % 4].id)] }
    var candidates = DataSplit.Candidates(by: .group(key: "host"))
    try candidates.add(frames)
    #expect(candidates.countWithoutKey == 20)
    let split = try candidates.split(trainingFraction: 0.7, seed: 1)
    #expect(split.training.count == 28)
    let training = Set(split.training.map(\.id))
    for place in 20..<40 { #expect(training.contains(frames[place].id) == training.contains(frames[place % 4].id)) }
  }

  @Test func whatCannotBeSplitIsRefused() throws {
    let frames = try rattledFrames(6)
    let dataset = Dataset(frames)
    #expect(throws: InputError("there are no frames to split")) {
      try DataSplit(Dataset([]), trainingFraction: 0.9, seed: 1)
    }
    #expect(throws: InputError.self) { try DataSplit(dataset, trainingFraction: 0, seed: 1) }
    #expect(throws: InputError.self) { try DataSplit(dataset, trainingFraction: .nan, seed: 1) }
    #expect(throws: InputError.self) {
      try DataSplit(dataset, trainingFraction: 0.9, seed: 1, by: .group(key: "hots"))
    }
    #expect(throws: InputError.self) {
      try DataSplit(Dataset([frames[1], frames[2]]), trainingFraction: 0.5, seed: 1, by: .composition)
    }
  }

  @Test func isolatedAtomsAreForTrainingAndDoNotCount() throws {
    let lithium = try #require(ChemicalElement("Li"))
    let atom = LabeledStructure(
      structure: Structure(lattice: nil, elements: [lithium], positions: [.zero]), labels: Labels(energy: -0.3),
      configType: "IsolatedAtom")
    let dataset = Dataset(try rattledFrames(10) + [atom])
    for seed in 0..<5 as Range<UInt64> {
      let split = try DataSplit(dataset, trainingFraction: 0.5, seed: seed)
      #expect(split.training.contains { $0.id == atom.id })
      #expect(split.test.count == 5)
    }
  }

  @Test func theRuleIsReadAsItIsWritten() {
    for rule in [SplitRule.frame, .composition, .group(key: "host")] {
      #expect(SplitRule(rule.description) == rule)
    }
    #expect(SplitRule("group") == nil)
    #expect(SplitRule("frames") == nil)
  }

  @Test func formulasAreReduced() throws {
    let structure = try rattledFrames(1)[0].structure
    #expect(structure.formula == "Mn4O4")
    #expect(structure.reducedFormula == "MnO")
  }
}
