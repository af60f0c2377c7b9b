import Structures

/// How far a search came: all that it needs to go on as if it had not been interrupted.
public struct QuasirandomProgress: Codable, Sendable {
  struct Shape: Codable, Sendable {
    var number: Int
    var score: Double
    /// Occupants of the mixed sites, apart by commas.
    var species: String
  }

  /// State of the source of random numbers.
  var random: String
  /// Walks planned so far.
  var visited: Int
  /// Exchanges tried so far.
  public var steps: Int
  /// The shape of the best structure.
  var best: Int
  /// The best of each shape that has been visited.
  var shapes: [Shape]
}

/// What a search tells at the end of each round.
public struct QuasirandomRound: Sendable {
  let state: SearchState

  /// Exchanges tried so far.
  public var steps: Int { state.steps }

  /// nil before anything is found.
  public var progress: QuasirandomProgress? { state.progress }
}

/// What a search knows between two rounds.
struct SearchState: Sendable {
  private let settings: QuasirandomSettings
  private let shapeCount: Int
  private let siteCount: Int
  private var random: RandomSource
  private var bests: [WalkResult?]
  private var visited = 0
  private(set) var steps = 0
  private(set) var best: (shape: Int, score: Double, species: [Int32])?

  init(_ search: QuasirandomSearch) {
    settings = search.settings
    shapeCount = search.shapes.count
    siteCount = search.shapes[0].index * search.model.sites.count
    random = RandomSource(seed: search.settings.seed)
    bests = Array(repeating: nil, count: shapeCount)
  }

  /// The state after what has been saved.
  /// - Throws: `InputError` where that is not of this search.
  init(_ search: QuasirandomSearch, after progress: QuasirandomProgress) throws {
    self.init(search)
    let damaged = InputError("the saved search does not fit the call")
    guard let saved = UInt64(progress.random), progress.visited >= 0, progress.steps >= 0 else { throw damaged }
    random.state = saved
    visited = progress.visited
    steps = progress.steps
    for shape in progress.shapes {
      let species = shape.species.split(separator: ",").compactMap { Int32($0) }
      guard bests.indices.contains(shape.number), species.count == siteCount, search.holds(species) else {
        throw damaged
      }
      bests[shape.number] = WalkResult(species: species, score: shape.score)
    }
    guard bests.indices.contains(progress.best), let found = bests[progress.best] else { throw damaged }
    best = (progress.best, found.score, found.species)
  }

  var progress: QuasirandomProgress? {
    guard let best else { return nil }
    return QuasirandomProgress(
      random: String(random.state), visited: visited, steps: steps, best: best.shape,
      shapes: bests.enumerated().compactMap { number, found in
        found.map {
          QuasirandomProgress.Shape(
            number: number, score: $0.score, species: $0.species.map(String.init).joined(separator: ","))
        }
      })
  }

  /// The walks of the next round: short ones first, so that every shape is seen early.
  mutating func plan() -> [WalkPlan] {
    let passes = visited / shapeCount / (shapeCount == 1 ? QuasirandomSearch.walksOfARound : 1)
    let length = min(50 * siteCount << min(passes, 10), 60_000)
    let ranked = bests.indices.filter { bests[$0] != nil }
      .sorted { (bests[$0]?.score ?? 0, $0) < (bests[$1]?.score ?? 0, $1) }
    var left = settings.steps - steps
    var plans: [WalkPlan] = []
    for _ in 0..<QuasirandomSearch.walksOfARound where left > 0 {
      var shape = visited % shapeCount
      var start: [Int32]?
      if visited >= shapeCount {
        if random.below(4) > 0, !ranked.isEmpty { shape = ranked[random.below(max(1, ranked.count / 8))] }
        if random.below(2) == 0 { start = bests[shape]?.species }
      }
      plans.append(
        WalkPlan(shape: shape, steps: min(length, left), random: RandomSource(seed: random.next()), start: start))
      left -= length
      visited += 1
    }
    return plans
  }

  /// Takes the results of a round in.
  /// - Returns: true where one is the best so far.
  mutating func take(_ plans: [WalkPlan], _ results: [WalkResult?]) -> Bool {
    var isBetter = false
    for (plan, result) in zip(plans, results) {
      guard let result else { continue }
      steps += plan.steps
      if result.score < bests[plan.shape]?.score ?? .infinity { bests[plan.shape] = result }
      if result.score < best?.score ?? .infinity {
        best = (plan.shape, result.score, result.species)
        isBetter = true
      }
    }
    return isBetter
  }
}
