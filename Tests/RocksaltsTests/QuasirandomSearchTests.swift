import Foundation
import Formats
import Structures
import TestSupport
import Testing

@testable import Rocksalts

private func formula(_ text: String) throws -> [SpeciesAmount] { try Species.amounts(formula: text) }

private func settings(_ pairs: Double, _ triplets: Double, steps: Int = 20_000) -> QuasirandomSettings {
  var settings = QuasirandomSettings(pairCutoff: pairs, tripletCutoff: triplets)
  settings.steps = steps
  return settings
}

struct ClusterOrbitTests {
  /// Pairs of fcc: half of 12, 6, 24, 12, 24 neighbours; triplets of three nearest ones, and with one second neighbour.
  @Test func multiplicitiesOfFCC() throws {
    let crystal = try MixedCrystal(.fcc, formula("AuPd"), edge: 4)
    let orbits = try ClusterSearch(crystal).orbits(pairCutoff: 6.4, tripletCutoff: 4.1)
    #expect(orbits.map(\.multiplicity) == [6, 3, 12, 6, 12, 8, 12])
    #expect(orbits.map(\.order) == [2, 2, 2, 2, 2, 3, 3])
    #expect(orbits.map(\.permutations.count) == [2, 2, 2, 2, 2, 6, 2])
  }

  @Test func aLargerCellOfTheSameCrystalHasTheSameOrbits() throws {
    let parts = try formula("Li0.75Mn0.25O0.9F0.1")
    let small = try MixedCrystal(.rocksalt, parts, edge: 4.2)
    var large = small
    large.lattice = Lattice(a: [4.2, 0, 0], b: [0, 4.2, 0], c: [0, 0, 4.2])
    let sites: [SIMD3<Double>] = [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
    large.positions = sites + sites.map { $0 + [0.5, 0, 0] }
    large.sublatticeOfSite = [0, 0, 0, 0, 1, 1, 1, 1]
    let few = try ClusterSearch(small).orbits(pairCutoff: 6, tripletCutoff: 3.1)
    let many = try ClusterSearch(large).orbits(pairCutoff: 6, tripletCutoff: 3.1)
    #expect(few.map { 4 * $0.multiplicity } == many.map(\.multiplicity))
    #expect(few.map(\.distances.count) == many.map(\.distances.count))
    #expect(few.first { $0.sublattices == [0, 1] }?.multiplicity == 6)
  }

  @Test(arguments: [2, 3, 4, 5, 6]) func pointFunctionsAreOrthonormal(count: Int) {
    let table = PointFunctions.table(species: count)
    #expect(table.count == count - 1)
    for (p, row) in table.enumerated() {
      #expect(abs(row.reduce(0, +)) < 1e-12)
      for (q, other) in table.enumerated() {
        let mean = zip(row, other).reduce(0) { $0 + $1.0 * $1.1 } / Double(count)
        #expect(abs(mean - (p == q ? 1 : 0)) < 1e-12)
      }
    }
  }
}

struct QuasirandomSearchTests {
  /// The kernel's walk in plain Swift: every count is made anew.
  private func twin(
    _ cell: QuasirandomCell, _ species: [Int32], _ random: RandomSource, _ schedule: CoolingSchedule
  ) -> (species: [Int32], best: [Int32], score: Double) {
    var (species, random) = (species, random)
    var score = objective(cell, cell.counts(species))
    var (best, bestScore) = (species, score)
    let kernel = schedule.kernel
    var temperature = schedule.hottest
    for step in 0..<schedule.steps {
      if step > 0, step % Int(kernel.steps_per_temperature) == 0 { temperature *= kernel.cooling }
      let i = random.below(cell.siteCount)
      var j = i
      repeat {
        j = Int(cell.sublatticeStarts[i]) + random.below(Int(cell.sublatticeSizes[i]))
      } while species[j] == species[i]
      species.swapAt(i, j)
      let new = objective(cell, cell.counts(species))
      if new - score <= 0 || random.uniform() < exp(-(new - score) / temperature) {
        score = new
        if score < bestScore - 1e-12 { (best, bestScore) = (species, score) }
      } else {
        species.swapAt(i, j)
      }
    }
    return (species, best, score)
  }

  private func objective(_ cell: QuasirandomCell, _ counts: [Int32]) -> Double {
    let (model, tables) = (cell.model, cell.tables)
    var (sum, matched, isBroken) = (0.0, tables.longest, false)
    for (number, functions) in model.functions.enumerated() {
      let clusters = Double(model.orbits[number].multiplicity * cell.shape.index)
      let errors = zip(functions.values, functions.targets).map { row, target in
        let value = (0..<functions.codes).reduce(0.0) {
          $0 + Double(counts[model.codeStarts[number] + $1]) * (row[$1] / clusters)
        }
        return abs(value - target)
      }
      sum += tables.weights[number] * errors.reduce(0, +)
      if number < tables.pairShells, !isBroken, (errors.max() ?? 0) >= tables.tolerance {
        (isBroken, matched) = (true, tables.floors[number])
      }
    }
    return sum - tables.lengthWeight * matched
  }

  @Test(arguments: ["Li2TiMnO4", "Li3MnO3F", "LiMnO2"]) func theKernelWalksAsItsTwin(text: String) throws {
    let settings = settings(6, 4.3)
    let model = try QuasirandomModel(MixedCrystal(.rocksalt, formula(text), edge: 4.2), settings: settings)
    let shape = try SupercellShape(columns: IntegerMatrix(rows: [2, 0, 0, 0, 2, 0, 0, 1, 2]))
    let cell = QuasirandomCell(model, shape: shape, settings: settings)
    var random = RandomSource(seed: 3)
    let species = cell.randomSpecies(try model.counts(index: 8), random: &random)
    var walk = QuasirandomWalk(cell, species: species, random: random)
    let schedule = CoolingSchedule(steps: 400, hottest: 0.5, target: -.infinity)
    #expect(walk.anneal(schedule) > 0)
    let expected = twin(cell, species, random, schedule)
    #expect(walk.species == expected.species)
    #expect(walk.bestSpecies == expected.best)
    #expect(walk.score == expected.score)
    #expect(walk.currentCounts == cell.counts(walk.species))
  }

  @Test func noOrderingOfEightAtomsIsBetter() throws {
    let settings = settings(6.4, 4.1)
    let crystal = try MixedCrystal(.fcc, formula("AuPd"), edge: 4)
    let search = try QuasirandomSearch(crystal, supercells: .searched(index: 8, aspect: 100), settings: settings)
    #expect(search.shapes.count == 20)
    var lowest = Double.infinity
    for shape in search.shapes {
      let cell = QuasirandomCell(search.model, shape: shape, settings: settings)
      for bits in 0..<256 where bits.nonzeroBitCount == 4 {
        let species = (0..<8).map { Int32(bits >> $0 & 1) }
        lowest = min(lowest, cell.tables.objective(cell.counts(species)))
      }
    }
    #expect(abs(try search.run().objective - lowest) < 1e-12)
  }

  @Test func aSeedGivesOneResultAtAnyNumberOfThreads() throws {
    let crystal = try MixedCrystal(.rocksalt, formula("Li3MnO3F"), edge: 4.2)
    func run(seed: UInt64, threads: Int) throws -> QuasirandomResult {
      var settings = settings(6, 3.1, steps: 30_000)
      settings.seed = seed
      settings.threads = threads
      return try QuasirandomSearch(crystal, supercells: .searched(index: 8, aspect: 2), settings: settings).run()
    }
    let one = try run(seed: 4, threads: 1)
    let three = try run(seed: 4, threads: 3)
    #expect(one.structure == three.structure)
    #expect(one.objective == three.objective)
    #expect(one.steps == three.steps)
    #expect(
      one.structure.composition == [
        ChemicalElement("Li")!: 6, ChemicalElement("Mn")!: 2, ChemicalElement("O")!: 6, ChemicalElement("F")!: 2,
      ])
  }

  @Test func whatWasInterruptedGoesOnAsIfItHadNotBeen() throws {
    let crystal = try MixedCrystal(.rocksalt, formula("Li3MnO3F"), edge: 4.2)
    let search = try QuasirandomSearch(
      crystal, supercells: .searched(index: 8, aspect: 2), settings: settings(6, 3.1, steps: 300_000))
    let whole = try search.run()
    var saved: QuasirandomProgress?
    for rounds in [1, 1] {
      var left = rounds
      let part = try search.run(
        from: saved,
        afterRound: { round in
          left -= 1
          saved = round.progress
          return left > 0
        })
      #expect(part.stop == .interrupted)
      #expect(part.steps < whole.steps)
      saved = try JSONDecoder().decode(QuasirandomProgress.self, from: JSONEncoder().encode(#require(saved)))
    }
    var first: Double?
    let rest = try search.run(from: saved, improved: { first = first ?? $0.objective })
    #expect(rest.structure == whole.structure)
    #expect(rest.objective == whole.objective)
    #expect(rest.steps == whole.steps)
    // The saved one is handed out before anything new is tried.
    #expect(try #require(first) >= rest.objective)
    let other = try QuasirandomSearch(
      crystal, supercells: .searched(index: 4, aspect: 2), settings: settings(6, 3.1))
    #expect(throws: InputError.self) { try other.run(from: saved) }
    var wrong = try #require(saved)
    wrong.shapes[0].species = wrong.shapes[0].species.replacingOccurrences(of: "1", with: "0")
    #expect(throws: InputError.self) { try search.run(from: wrong) }
  }

  @Test(arguments: StandardParent.allCases) func everyNamedParentIsMixed(parent: StandardParent) throws {
    let parts = try formula(parent == .rocksalt ? "LiMnO2" : "AuPd")
    let crystal = try MixedCrystal(parent, parts, edge: 4)
    let result = try QuasirandomSearch(
      crystal, supercells: .searched(index: 4, aspect: 3), settings: settings(6, 4.1, steps: 3000)
    ).run()
    let counts = Set(result.structure.composition.filter { $0.key.symbol != "O" }.values)
    #expect(counts == [parent == .hcp ? 4 : 2])
    let cube = crystal.lattice.changed(
      by: LatticeChange(
        a: [parent.cube[0, 0], parent.cube[1, 0], parent.cube[2, 0]],
        b: [parent.cube[0, 1], parent.cube[1, 1], parent.cube[2, 1]],
        c: [parent.cube[0, 2], parent.cube[1, 2], parent.cube[2, 2]]))
    #expect(abs(length(cube.a) - 4) < 1e-12)
    #expect(
      parent == .hcp
        || [dot(cube.a, cube.b), dot(cube.b, cube.c), dot(cube.a, cube.c)].allSatisfy { abs($0) < 1e-12 })
  }

  @Test func theReportAddsUp() throws {
    let crystal = try MixedCrystal(.rocksalt, formula("Li1.25Mn0.75O1.5F0.5"), edge: 4.2)
    let search = try QuasirandomSearch(
      crystal, supercells: .given(IntegerMatrix(rows: [2, 0, 0, 0, 2, 0, 0, 0, 4])), settings: settings(6, 3.1))
    var improvements: [Double] = []
    let result = try search.run(improved: { improvements.append($0.objective) })
    #expect(improvements == improvements.sorted(by: >))
    #expect(improvements.last == result.objective)
    #expect(abs(result.shells.reduce(0) { $0 + $1.deviation } - result.deviation) < 1e-12)
    #expect(abs(result.deviation - result.matchedDistance - result.objective) < 1e-12)
    let lattice = try #require(result.structure.lattice)
    #expect(abs(lattice.volume - 16 * 4.2 * 4.2 * 4.2 / 4) < 1e-9)
    // The same correlations by the other road: positions laid on the ideal lattice and counted.
    let order = try OrderReport(result.structure, shells: 3)
    let cations = try #require(order.order.first { $0.sublattices == "cation–cation" })
    let ours = result.shells.filter { $0.sublattices == ["cation", "cation"] }
    for (shell, expected) in zip(cations.shells, ours) {
      #expect(abs(shell.correlations[0].value - expected.values[0]) < 1e-12)
      #expect(abs(shell.distance - expected.distances[0]) < 1e-9)
    }
    let mixed = try #require(order.order.first { $0.sublattices == "cation–anion" })
    let first = try #require(result.shells.first { Set($0.sublattices) == ["cation", "anion"] })
    #expect(abs(abs(mixed.shells[0].correlations[0].value) - abs(first.values[0])) < 1e-12)
  }

  @Test func whatCannotBeIsSaid() throws {
    let crystal = try MixedCrystal(.rocksalt, formula("Li1.2Mn0.4Ti0.4O2"), edge: 4.2)
    func message(_ supercells: QuasirandomSupercells, _ settings: QuasirandomSettings) -> String {
      do {
        _ = try QuasirandomSearch(crystal, supercells: supercells, settings: settings)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(
      message(.searched(index: 32, aspect: 3), settings(6, 3))
        == "32 cation sites would hold 19.2 Li; take a multiple of 5 parent cells")
    #expect(message(.searched(index: 5, aspect: 1), settings(6, 3)).hasPrefix("none of 5 supercell shapes"))
    #expect(message(.searched(index: 5, aspect: 3), settings(1, 0)).contains("--pair-cutoff"))
    #expect(throws: InputError.self) { try MixedCrystal(.rocksalt, formula("Li0.5MnO2"), edge: 4.2) }
  }

  @Test(.enabled(if: Peers.areAll(["icet"]), "icet is absent: run `make peers HEAVY=1`"))
  func icetFindsTheSameCorrelations() throws {
    for (text, symbols) in [("LiMnO2", "Li Mn"), ("Li2TiMnO4", "Li Ti Mn")] {
      let crystal = try MixedCrystal(.rocksalt, formula(text), edge: 4.2)
      let result = try QuasirandomSearch(
        crystal, supercells: .searched(index: 8, aspect: 2), settings: settings(6, 4.3, steps: 2000)
      ).run()
      let script = """
        import sys, ase.io
        from ase.build import bulk
        from icet import ClusterSpace
        cs = ClusterSpace(bulk("LiO", "rocksalt", a=4.2), [6.0, 4.3], [sys.argv[2].split(), ["O"]])
        values = cs.get_cluster_vector(ase.io.read(sys.argv[1]))
        for entry, value in list(zip(cs.as_list, values))[1:]:
            print(entry["order"], repr(float(value)))
        """
      let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".extxyz")
      try writeFrames([LabeledStructure(structure: result.structure, labels: Labels())], to: file.path)
      defer { try? FileManager.default.removeItem(at: file) }
      let lines = try Peers.ask(script, arguments: [file.path, symbols]).split(separator: "\n")
      for order in [2, 3] {
        let theirs = lines.filter { $0.hasPrefix("\(order) ") }.compactMap { Double($0.dropFirst(2)) }
        // icet's functions have maximum 1 where ours are orthonormal: √2 for each site of three species.
        let scale = symbols.split(separator: " ").count == 2 ? 1 : pow(2, -Double(order) / 2)
        let ours = result.shells.filter { $0.order == order }.flatMap { $0.values.map { scale * abs($0) } }.sorted()
        #expect(theirs.count == ours.count)
        #expect(zip(ours, theirs.map(abs).sorted()).allSatisfy { abs($0 - $1) < 1e-10 }, "\(text) \(order)")
      }
    }
  }

  /// Both judged by icet's objective; icet gets 4000 steps, about as long as Halite's whole search.
  @Test(.enabled(if: Peers.areAll(["icet"]), "icet is absent: run `make peers HEAVY=1`"))
  func theStructureIsAtLeastAsGoodAsIcets() throws {
    var settings = settings(6.4, 4.1, steps: 100_000)
    // icet's L is a radius in Å, ours a distance in nearest ones.
    settings.lengthWeight = 4 / 2.0.squareRoot() / 2
    let crystal = try MixedCrystal(.fcc, formula("AuPd"), edge: 4)
    let result = try QuasirandomSearch(crystal, supercells: .searched(index: 8, aspect: 100), settings: settings)
      .run()
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".extxyz")
    try writeFrames([LabeledStructure(structure: result.structure, labels: Labels())], to: file.path)
    defer { try? FileManager.default.removeItem(at: file) }
    let script = """
      import sys, ase.io, logging
      from ase.build import bulk
      from icet import ClusterSpace
      from icet.tools.structure_generation import generate_sqs, _get_sqs_cluster_vector, _validate_concentrations
      from mchammer.calculators import compare_cluster_vectors
      logging.disable(logging.CRITICAL)
      cs = ClusterSpace(bulk("Au", "fcc", a=4.0), [6.4, 4.1], ["Au", "Pd"])
      half = {"Au": 0.5, "Pd": 0.5}
      target = _get_sqs_cluster_vector(cs, _validate_concentrations(half, cs))
      best = generate_sqs(cs, 8, half, include_smaller_cells=False, n_steps=4000, random_seed=3)
      for atoms in (ase.io.read(sys.argv[1]), best):
          print(repr(float(compare_cluster_vectors(cs.get_cluster_vector(atoms), target, cs.as_list))))
      """
    let scores = try Peers.ask(script, arguments: [file.path]).split(separator: "\n").compactMap { Double($0) }
    try #require(scores.count == 2)
    #expect(scores[0] <= scores[1] + 1e-9, "\(scores)")
    #expect(abs(scores[0] - result.objective) < 1e-9)
  }
}
