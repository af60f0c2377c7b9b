/// An order in which the factors of a connected contraction are multiplied together, and what each step costs.
struct ContractionPlan {
  /// Factors: two, three or four multiplied one after the other, or two pairs multiplied with each other.
  enum Order: Hashable {
    case chain([Int])
    case pairs([Int])
  }

  /// A part that is made on the way.
  struct Step {
    var part: PartialContraction
    var key: PartialContraction.Key
    /// Products.
    var cost: Int
  }

  let order: Order
  /// The first pair; then, of four factors, three of a chain or the other pair.
  let steps: [Step]
  /// Products of the last step.
  let finalCost: Int

  private static func size(_ legs: Int) -> Int { MultiIndex.count(legs) }

  /// Every order worth a look.
  static func all(_ graph: MomentContraction) -> [ContractionPlan] {
    switch graph.factorCount {
    case 2: return [ContractionPlan(chain: [0, 1], graph)]
    case 3: return [[0, 1, 2], [0, 2, 1], [1, 2, 0]].map { ContractionPlan(chain: $0, graph) }
    default:
      let pairs = [[0, 1, 2, 3], [0, 2, 1, 3], [0, 3, 1, 2], [1, 2, 0, 3], [1, 3, 0, 2], [2, 3, 0, 1]]
      return pairs.flatMap { order in
        [
          ContractionPlan(chain: order, graph),
          ContractionPlan(chain: [order[0], order[1], order[3], order[2]], graph),
          ContractionPlan(pairs: order, graph),
        ]
      }
    }
  }

  private init(chain order: [Int], _ graph: MomentContraction) {
    self.order = .chain(order)
    let others = order.dropFirst(2).map { [$0] }
    var steps: [Step] = []
    if order.count > 2 { steps.append(Self.first(graph, order[0], order[1], others)) }
    if order.count > 3 {
      let (a, b, c, d) = (order[0], order[1], order[2], order[3])
      let part = PartialContraction(graph, factors: [a, b, c], outside: [[d]])
      let cost =
        Self.size(graph.edge(a, c) + graph.edge(b, c)) * Self.size(graph.edge(a, d) + graph.edge(b, d))
        * Self.size(graph.edge(c, d))
      steps.append(Step(part: part, key: part.key, cost: cost))
    }
    self.steps = steps
    finalCost = Self.size(graph.degree(order[order.count - 1]))
  }

  private init(pairs order: [Int], _ graph: MomentContraction) {
    self.order = .pairs(order)
    let (a, b, c, d) = (order[0], order[1], order[2], order[3])
    let second = PartialContraction(graph, apart: c, d, outside: [a, b])
    let (toC, toD) = (graph.edge(a, c) + graph.edge(b, c), graph.edge(a, d) + graph.edge(b, d))
    let cost = Self.size(graph.edge(c, d)) * Self.size(toC) * Self.size(toD)
    steps = [
      Self.first(graph, a, b, [[c], [d]]), Step(part: second, key: second.key, cost: cost),
    ]
    finalCost = Self.size(toC) * Self.size(toD)
  }

  private static func first(_ graph: MomentContraction, _ a: Int, _ b: Int, _ others: [[Int]]) -> Step {
    let part = PartialContraction(graph, factors: [a, b], outside: others)
    let key = part.key
    var (all, equal) = (size(graph.edge(a, b)), size(graph.edge(a, b)))
    for column in part.legs {
      all *= size(column[0]) * size(column[1])
      equal *= size(column[0])
    }
    // Two equal factors with equal legs: products that differ by their exchange are one.
    if graph.functions[a] == graph.functions[b], part.legs.allSatisfy({ $0[0] == $0[1] }) {
      all = (all + equal) / 2
    }
    if key.isSymmetric, part.legs.count == 2 {
      let width = size(part.legs[0][0] + part.legs[0][1])
      all = all * (width + 1) / (2 * width)
    }
    return Step(part: part, key: key, cost: all)
  }
}

/// Chooses a plan for every contraction so that what several need is made once.
struct ContractionPlanner {
  private let plans: [[ContractionPlan]]
  private var choices: [Int]
  /// How many of the chosen plans need a part.
  private var uses: [UInt64: Int] = [:]

  init(_ graphs: [MomentContraction]) {
    plans = graphs.map(ContractionPlan.all)
    choices = plans.map { _ in -1 }
    for _ in 0..<8 where !sweep() { break }
  }

  var chosen: [ContractionPlan] { choices.indices.map { plans[$0][choices[$0]] } }

  /// Looks at every contraction again, all others as they are.
  /// - Returns: false where nothing has changed.
  private mutating func sweep() -> Bool {
    var hasChanged = false
    for k in plans.indices {
      let old = choices[k]
      if old >= 0 { for step in plans[k][old].steps { uses[step.key.code, default: 0] -= 1 } }
      var best = (cost: Int.max, total: Int.max, plan: 0)
      for (n, plan) in plans[k].enumerated() {
        let (cost, total) = cost(of: plan)
        // Among equals the one at hand, so that the sweeps come to an end.
        if (cost, n == old ? -1 : total) < (best.cost, best.total) { best = (cost, n == old ? -1 : total, n) }
      }
      hasChanged = hasChanged || best.plan != old
      choices[k] = best.plan
      for step in plans[k][best.plan].steps { uses[step.key.code, default: 0] += 1 }
    }
    return hasChanged
  }

  /// Products that a plan adds to those that are made anyway, and all of its own.
  private func cost(of plan: ContractionPlan) -> (Int, Int) {
    var cost = plan.finalCost
    let total = plan.steps.reduce(cost) { $0 + $1.cost }
    func isMissing(_ step: ContractionPlan.Step) -> Bool { uses[step.key.code, default: 0] == 0 }
    switch plan.order {
    case .pairs: for step in plan.steps where isMissing(step) { cost += step.cost }
    case .chain:
      // What a part is made of is needed only where the part itself is not there.
      for step in plan.steps.reversed() {
        guard isMissing(step) else { break }
        cost += step.cost
      }
    }
    return (cost, total)
  }
}
