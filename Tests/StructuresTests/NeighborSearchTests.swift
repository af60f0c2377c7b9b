import Testing

@testable import Structures

/// All pairs of a frame by trying every image within reach: slow and plain.
private func bruteForce(_ frame: Structure, cutoff: Double) -> [[SIMD3<Double>]] {
  var reach = (0, 0, 0)
  if let lattice = frame.lattice {
    let spread = frame.positions.map { lattice.fractional($0) }
    func steps(_ d: Int, _ periodic: Bool) -> Int {
      guard periodic else { return 0 }
      let values = spread.map { $0[d] }
      return Int((cutoff / lattice.heights[d] + (values.max()! - values.min()!)).rounded(.up)) + 1
    }
    reach = (steps(0, frame.periodic.a), steps(1, frame.periodic.b), steps(2, frame.periodic.c))
  }
  return frame.positions.indices.map { i in
    var vectors: [SIMD3<Double>] = []
    for x in -reach.0...reach.0 {
      for y in -reach.1...reach.1 {
        for z in -reach.2...reach.2 {
          let shift = frame.lattice?.cartesian([Double(x), Double(y), Double(z)]) ?? .zero
          for j in frame.positions.indices where !(i == j && x == 0 && y == 0 && z == 0) {
            let vector = frame.positions[j] - frame.positions[i] + shift
            if length(vector) < cutoff { vectors.append(vector) }
          }
        }
      }
    }
    return vectors
  }
}

private func randomFrame(seed: UInt64) -> Structure {
  var random = RandomSource(seed: seed)
  func vector(_ scale: Double) -> SIMD3<Double> {
    [scale * (random.uniform() - 0.5), scale * (random.uniform() - 0.5), scale * (random.uniform() - 0.5)]
  }
  let oxygen = ChemicalElement("O")!
  let count = 1 + random.below(12)
  let size = 2 + 8 * random.uniform()
  let kind = random.below(4)
  var lattice: Lattice? = Lattice(
    a: [size, 0, 0] + vector(size), b: [0, size, 0] + vector(size), c: [0, 0, size] + vector(1.5 * size))
  if kind == 0 { lattice = nil }
  let periodic =
    kind == 1
    ? Periodicity(random.below(2) == 0, random.below(2) == 0, random.below(2) == 0) : Periodicity.all
  return Structure(
    lattice: lattice, periodic: periodic, elements: [ChemicalElement](repeating: oxygen, count: count),
    positions: (0..<count).map { _ in vector(2 * size) })
}

private func sorted(_ vectors: some Sequence<SIMD3<Double>>) -> [SIMD3<Double>] {
  vectors.sorted { ($0.x, $0.y, $0.z) < ($1.x, $1.y, $1.z) }
}

@Suite struct NeighborSearchTests {
  @Test(arguments: 0..<60)
  func agreesWithBruteForce(seed: Int) throws {
    let frame = randomFrame(seed: UInt64(seed))
    guard frame.lattice.map({ min($0.heights.x, $0.heights.y, $0.heights.z) > 1 }) ?? true else { return }
    let cutoff = 3 + Double(seed % 3)
    let search = try NeighborSearch(frames: [frame], elements: [ChemicalElement("O")!], cutoff: cutoff, floor: 0)
    let list = try search.list(of: search.sites)
    let expected = bruteForce(frame, cutoff: cutoff)
    for site in search.sites {
      let found = sorted(list.vectors[list.pairs(of: site)])
      let wanted = sorted(expected[site])
      #expect(found.count == wanted.count)
      let worst = zip(found, wanted).map { length($0 - $1) }.max() ?? 0
      #expect(worst < 1e-9)
      for pair in list.pairs(of: site) {
        let difference = list.vectors[pair] - (frame.positions[list.indices[pair]] - frame.positions[site])
        if let lattice = frame.lattice {
          let image = lattice.fractional(difference)
          #expect(length(image - image.rounded(.toNearestOrEven)) < 1e-8)
        } else {
          #expect(length(difference) < 1e-9)
        }
      }
    }
  }

  @Test(arguments: 0..<60)
  func kernelAgreesWithItsTwinToTheBit(seed: Int) throws {
    let frame = randomFrame(seed: UInt64(seed))
    guard frame.lattice.map({ min($0.heights.x, $0.heights.y, $0.heights.z) > 1 }) ?? true else { return }
    let cutoff = 3 + Double(seed % 3)
    let search = try NeighborSearch(frames: [frame], elements: [ChemicalElement("O")!], cutoff: cutoff, floor: 0)
    let grid = try LinkedCells(frame, cutoff: cutoff)
    let list = try search.list(of: search.sites)
    for site in search.sites {
      let plain = PlainNeighbors(of: site, in: grid, cutoff: cutoff)
      #expect(Array(list.indices[list.pairs(of: site)]) == plain.indices)
      #expect(Array(list.vectors[list.pairs(of: site)]) == plain.vectors)
    }
  }

  /// Far more pairs than evenly spread atoms would have: the list takes more room.
  @Test func denseClusterInALargeCell() throws {
    var random = RandomSource(seed: 3)
    let positions = (0..<300).map { _ in SIMD3(random.uniform(), random.uniform(), random.uniform()) * 4 }
    let frame = Structure(
      lattice: Lattice(a: [60, 0, 0], b: [0, 60, 0], c: [0, 0, 60]),
      elements: [ChemicalElement](repeating: ChemicalElement("O")!, count: 300), positions: positions)
    let search = try NeighborSearch(frames: [frame], elements: [ChemicalElement("O")!], cutoff: 7, floor: 0)
    let list = try search.list(of: search.sites)
    #expect(list.indices.count == 300 * 299)
    #expect(list.offsets.last == 300 * 299)
  }

  /// A plane of atoms has no volume to take a density from: what is set aside must not be a thousand times too much.
  @Test func aFreePlaneTakesLittleMemory() throws {
    let positions = (0..<2500).map { SIMD3(3 * Double($0 % 50), 3 * Double($0 / 50), 0) }
    let frame = Structure(
      lattice: nil, elements: [ChemicalElement](repeating: ChemicalElement("O")!, count: 2500), positions: positions
    )
    let search = try NeighborSearch(frames: [frame], elements: [ChemicalElement("O")!], cutoff: 6.1)
    let list = try search.list(of: search.sites)
    // 4 at 3 Å, 4 at 4.2 Å and 4 at 6 Å each, fewer at the rim.
    #expect(list.indices.count == 4 * 49 * 50 + 4 * 49 * 49 + 4 * 48 * 50)
    #expect(list.indices.capacity < 10 * list.indices.count)
  }

  @Test func cutoffOfEightInACellOfFour() throws {
    let frame = Structure(
      lattice: Lattice(a: [4, 0, 0], b: [0, 4, 0], c: [0, 0, 4]), elements: [ChemicalElement("Li")!],
      positions: [[0.3, 0.2, 0.1]])
    let search = try NeighborSearch(frames: [frame], elements: [ChemicalElement("Li")!], cutoff: 8.001)
    // Lattice points within 2 cells of a simple cubic lattice, without the origin: 6+12+8+6 = 32.
    #expect(try search.list(of: 0..<1).indices.count == 32)
  }

  @Test func blocksOfManyFramesMakeTheWholeList() throws {
    let frames = (0..<6).map { randomFrame(seed: UInt64(100 + $0)) }
    let search = try NeighborSearch(frames: frames, elements: [ChemicalElement("O")!], cutoff: 5, floor: 0)
    let whole = try search.list(of: search.sites)
    var indices: [Int] = []
    var vectors: [SIMD3<Double>] = []
    for start in stride(from: 0, to: search.sites.count, by: 5) {
      let block = try search.list(of: start..<min(start + 5, search.sites.count))
      indices += block.indices
      vectors += block.vectors
    }
    #expect(indices == whole.indices)
    #expect(vectors == whole.vectors)
    #expect(search.frames.map(\.count) == frames.map(\.count))
  }

  @Test func namesAtomsThatAreTooClose() throws {
    let frame = Structure(
      lattice: nil, elements: [ChemicalElement("Li")!, ChemicalElement("O")!, ChemicalElement("O")!],
      positions: [[0, 0, 0], [3, 0, 0], [3.25, 0, 0]])
    let search = try NeighborSearch(frames: [frame], elements: frame.elements.sorted(), cutoff: 5)
    let error = #expect(throws: InputError.self) { try search.list(of: search.sites) }
    #expect(error?.message == "atoms 2 and 3 are 0.25 Å apart, closer than 0.5 Å")
  }

  /// Two dimers 20 µm apart: the grid grows with the atoms, not with the box.
  @Test(.timeLimit(.minutes(1))) func fewAtomsInAWideBoxAreQuick() throws {
    let far = SIMD3<Double>(repeating: 2e5)
    let positions: [SIMD3<Double>] = [.zero, [1, 0, 0], far, far + [0, 2, 0]]
    let frame = Structure(
      lattice: nil, elements: [ChemicalElement](repeating: ChemicalElement("Li")!, count: 4), positions: positions)
    let search = try NeighborSearch(frames: [frame], elements: [ChemicalElement("Li")!], cutoff: 6)
    #expect(try search.list(of: search.sites).indices == [1, 0, 3, 2])
  }

  @Test(.timeLimit(.minutes(1))) func aCellInTheWrongUnitIsRefused() throws {
    let lattice = Lattice(a: [0.01, 0, 0], b: [0, 0.01, 0], c: [0, 0, 0.01])
    let frame = Structure(lattice: lattice, elements: [ChemicalElement("Li")!], positions: [.zero])
    let error = #expect(throws: InputError.self) {
      try NeighborSearch(frames: [frame], elements: frame.elements, cutoff: 8)
    }
    #expect(error?.remedy == "is it in Å?")
  }

  @Test func refusesUnknownElementsBadCellsAndBadPositions() throws {
    let lithium = ChemicalElement("Li")!
    func failure(_ frame: Structure) -> String? {
      do { _ = try NeighborSearch(frames: [frame], elements: [lithium], cutoff: 5) } catch {
        return (error as? InputError)?.message
      }
      return nil
    }
    let flat = Lattice(a: [1, 0, 0], b: [0, 1, 0], c: [1, 1, 0])
    #expect(
      failure(Structure(lattice: flat, elements: [lithium], positions: [.zero]))?.contains("no volume") == true)
    let iron = Structure(
      lattice: nil, elements: [lithium, ChemicalElement("Fe")!], positions: [.zero, [2, 0, 0]])
    #expect(failure(iron)?.hasPrefix("atom 2 is Fe") == true)
    for bad in [Double.nan, .infinity, 1e300] {
      #expect(failure(Structure(lattice: nil, elements: [lithium], positions: [[bad, 0, 0]])) != nil)
    }
  }
}
