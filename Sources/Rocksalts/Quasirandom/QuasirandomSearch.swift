import Foundation
import Structures

/// Looks for a special quasirandom structure (Zunger et al. 1990, doi:10.1103/PhysRevLett.65.353): a supercell whose
/// correlations are those of the random mixture, as near as its size allows.
///
///     Q = Σ_orbits w Σ_functions |Π − Π_random| − w_L L
///
/// with L the distance up to which all pairs match (van de Walle et al. 2013, doi:10.1016/j.calphad.2013.06.006).
/// Rounds of sixteen walks, each a simulated annealing by exchanges within a sublattice. The first walks visit
/// every shape of the supercell; later ones prefer the shapes that did best. Walks of a round do not know of each
/// other and have seeds of their own, so that a seed and a number of steps give one result at any number of threads.
public struct QuasirandomSearch: Sendable {
  static let walksOfARound = 16
  /// Beyond this many parent cells there are more shapes than a search could visit.
  static let largestSearched = 400
  /// Sites of all sublattices that a supercell may have.
  static let mostSites = 100_000
  public let settings: QuasirandomSettings
  let model: QuasirandomModel
  let shapes: [SupercellShape]
  let counts: [[Int]]
  /// The vectors of a supercell that was given, Å.
  let givenLattice: Lattice?

  /// - Throws: `InputError`: nothing to mix, a formula that the supercell cannot hold, no supercell left.
  public init(_ crystal: MixedCrystal, supercells: QuasirandomSupercells, settings: QuasirandomSettings) throws {
    try settings.check()
    self.settings = settings
    model = try QuasirandomModel(crystal, settings: settings)
    switch supercells {
    case .given(let m):
      let index = abs(m.determinant)
      guard index * crystal.positions.count <= Self.mostSites else {
        throw InputError(
          "the supercell has \(index * crystal.positions.count) sites, at most \(Self.mostSites) are possible")
      }
      shapes = [try SupercellShape(columns: m)]
      givenLattice = crystal.lattice.changed(
        by: LatticeChange(
          a: [m[0, 0], m[1, 0], m[2, 0]], b: [m[0, 1], m[1, 1], m[2, 1]], c: [m[0, 2], m[1, 2], m[2, 2]]))
      counts = try model.counts(index: shapes[0].index)
    case .searched(let index, let aspect):
      guard index > 0 else { throw InputError("a supercell has at least one parent cell, found \(index)") }
      guard index <= Self.largestSearched else {
        throw InputError(
          "the shapes of \(index) parent cells are too many to search, at most \(Self.largestSearched) are possible",
          remedy: "give the supercell")
      }
      counts = try model.counts(index: index)
      shapes = try Self.shapes(crystal, index: index, aspect: aspect)
      givenLattice = nil
    }
  }

  /// The shapes of an index within the limit, the most compact first.
  private static func shapes(_ crystal: MixedCrystal, index: Int, aspect: Double) throws -> [SupercellShape] {
    let group = try SpaceGroup.operations(
      lattice: crystal.lattice, positions: crystal.positions, types: crystal.sublatticeOfSite.map { $0 + 1 })
    let rotations = Set(group.map(\.rotation)).sorted { $0.rows.lexicographicallyPrecedes($1.rows) }
    let all = SupercellShape.all(index: index, rotations: rotations).map { shape in
      (shape: shape, aspect: shape.reducedLattice(of: crystal.lattice).aspectRatio)
    }
    let ranked = all.enumerated().sorted { ($0.element.aspect, $0.offset) < ($1.element.aspect, $1.offset) }
      .map(\.element)
    let kept = ranked.filter { $0.aspect <= aspect + 1e-9 }
    guard !kept.isEmpty else {
      throw InputError(
        "none of \(all.count) supercell shapes is within an aspect ratio of \(aspect)",
        remedy: "the most compact one has \((1000 * (ranked.first?.aspect ?? 1)).rounded(.up) / 1000)")
    }
    return kept.map(\.shape)
  }

  /// Runs until one of the stop rules holds.
  /// - Parameters:
  ///   - saved: what an earlier search of the same settings (but for steps, time, target, threads) has saved.
  ///   - improved: is given each best structure so far, at the end of the round that found it.
  ///   - afterRound: is told how far the search has come; false ends it.
  /// - Throws: `InputError` where `saved` is not of this search, and what the closures throw.
  public func run(
    from saved: QuasirandomProgress? = nil, improved: (QuasirandomResult) throws -> Void = { _ in },
    afterRound: (QuasirandomRound) throws -> Bool = { _ in true }
  ) throws -> QuasirandomResult {
    let start = DispatchTime.now().uptimeNanoseconds
    @Sendable func elapsed() -> Double { Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9 }
    var state = try saved.map { try SearchState(self, after: $0) } ?? SearchState(self)
    if let best = state.best {
      // The saved one is the result of the call so far, and may be the last.
      let stop = stopRule(state, seconds: elapsed())
      let result = result(best, steps: state.steps, stop: stop ?? .running)
      try improved(result)
      if stop != nil { return result }
    }
    while true {
      let plans = state.plan()
      let hasBest = state.best != nil
      let found = try parallelMap(chunks: plans.count, threads: settings.threads) { k in
        // The first walk is made in any case: a search has a result, however short its time.
        if let limit = settings.seconds, elapsed() > limit, k > 0 || hasBest { return WalkResult?.none }
        return walk(plans[k])
      }
      let isBetter = state.take(plans, found)
      let goesOn = try afterRound(QuasirandomRound(state: state))
      let stop = stopRule(state, seconds: elapsed()) ?? (goesOn ? nil : .interrupted)
      guard let best = state.best, isBetter || stop != nil else { continue }
      let result = result(best, steps: state.steps, stop: stop ?? .running)
      if isBetter { try improved(result) }
      if stop != nil { return result }
    }
  }

  private func stopRule(_ state: SearchState, seconds: Double) -> QuasirandomStop? {
    guard let best = state.best else { return nil }
    if let target = settings.target, best.score <= target { return .target }
    if best.score <= floor + 1e-9 { return .perfect }
    if state.steps >= settings.steps { return .steps }
    if let limit = settings.seconds, seconds >= limit { return .time }
    return nil
  }

  /// The objective of a structure whose correlations are all those of the random mixture.
  public var floor: Double {
    let longest = model.orbits.filter { $0.order == 2 }.map(\.diameter).max() ?? 0
    return -settings.lengthWeight * longest / model.nearest
  }

  /// True for an occupation with the numbers of atoms that are wanted.
  func holds(_ species: [Int32]) -> Bool {
    var start = 0
    for (sublattice, amounts) in zip(model.crystal.sublattices, counts) where sublattice.isMixed {
      let sites = amounts.reduce(0, +)
      let part = species[start..<min(start + sites, species.count)]
      guard amounts.indices.allSatisfy({ k in part.count { $0 == Int32(k) } == amounts[k] }) else { return false }
      start += sites
    }
    return start == species.count
  }

  private func walk(_ plan: WalkPlan) -> WalkResult {
    var random = plan.random
    let cell = QuasirandomCell(model, shape: shapes[plan.shape], settings: settings)
    let species = plan.start ?? cell.randomSpecies(counts, random: &random)
    var walk = QuasirandomWalk(cell, species: species, random: random)
    guard plan.steps > 0 else { return WalkResult(species: walk.bestSpecies, score: walk.bestScore) }
    var sample = walk
    let hottest = sample.typicalChange() * (plan.start == nil ? 1 : 0.3)
    walk.anneal(
      CoolingSchedule(
        steps: plan.steps, hottest: hottest, target: max(settings.target ?? floor + 1e-9, floor + 1e-9)))
    return WalkResult(species: walk.bestSpecies, score: walk.bestScore)
  }
}

/// What one walk is to do.
struct WalkPlan: Sendable {
  var shape: Int
  var steps: Int
  var random: RandomSource
  /// The occupation to begin with; nil for one at random.
  var start: [Int32]?
}

struct WalkResult: Sendable {
  var species: [Int32]
  var score: Double
}
