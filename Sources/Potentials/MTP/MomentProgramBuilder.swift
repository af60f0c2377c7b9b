/// Writes the program of a level: tensors shared by several contractions are made once.
struct MomentProgramBuilder {
  private var program = MomentProgram(basics: [], products: [], count: 0, scalars: [])
  /// First component of M_{μ,ν}.
  private var starts: [SIMD2<Int>: Int] = [:]
  private var tensors: [UInt64: Tensor] = [:]
  private var scalars: [MomentContraction: Int32] = [:]
  /// Products of the tensor under way: their places in `pending` by (target, left, right).
  private var pending: [MomentProgram.Product] = []
  private var known: [SIMD4<Int32>: Int] = [:]

  /// Components of an intermediate tensor, by the multi-indices of its groups of legs in the order of its key.
  private struct Tensor {
    var orders: [Int]
    /// True for a group whose components hold k!/(kx!ky!kz!) already: those whose legs come from several factors.
    var holdsMultinomials: [Bool]
    var moments: [Int32]
  }

  /// A tensor with its groups in the caller's order; a group that is not there has order 0.
  private struct View {
    let tensor: Tensor
    let isSwapped: Bool
    let groups: [Int?]

    private func group(_ g: Int) -> Int? { groups[g].map { isSwapped ? 1 - $0 : $0 } }

    func order(_ g: Int) -> Int { group(g).map { tensor.orders[$0] } ?? 0 }

    /// The factor of a component in a sum over the multi-index of a group.
    func factor(_ g: Int, _ k: SIMD3<Int>) -> Int {
      guard let group = group(g), !tensor.holdsMultinomials[group] else { return 1 }
      return MultiIndex.multinomial(k)
    }

    func moment(_ k: SIMD3<Int>, _ l: SIMD3<Int> = .zero) -> Int32 {
      var places = [0, 0]
      for (g, index) in zip(groups.indices, [k, l]) {
        if let group = group(g) { places[group] = MultiIndex.place(index) }
      }
      let width = tensor.orders.count == 2 ? MultiIndex.count(tensor.orders[1]) : 1
      return tensor.moments[tensor.orders.count == 2 ? places[0] * width + places[1] : places[0]]
    }
  }

  static func program(level: Int) -> MomentProgram {
    var builder = MomentProgramBuilder()
    return builder.build(MomentContraction.all(level: level))
  }

  private mutating func build(_ graphs: [MomentContraction]) -> MomentProgram {
    addBasics(graphs)
    let connected = graphs.filter { $0.factorCount > 1 && $0.parts.count == 1 }
    var plans: [MomentContraction: ContractionPlan] = [:]
    for (graph, plan) in zip(connected, ContractionPlanner(connected).chosen) { plans[graph] = plan }
    for graph in graphs {
      if let plan = plans[graph] {
        scalars[graph] = scalar(graph, plan)
      } else if graph.factorCount == 1 {
        scalars[graph] = component(graph.functions[0], .zero)
      } else {
        scalars[graph] = product(graph)
      }
      program.scalars.append(scalars[graph] ?? 0)
    }
    return program
  }

  private mutating func addBasics(_ graphs: [MomentContraction]) {
    let tensors = Set(
      graphs.flatMap { graph in
        graph.functions.indices.map { SIMD2(graph.functions[$0], graph.degree($0)) }
      })
    for tensor in tensors.sorted(by: { ($0.x, $0.y) < ($1.x, $1.y) }) {
      starts[tensor] = program.basics.count
      program.basics += MultiIndex.all[tensor.y].map {
        BasicMoment(function: tensor.x, x: $0.x, y: $0.y, z: $0.z)
      }
    }
    program.count = program.basics.count
  }

  private func component(_ function: Int, _ k: SIMD3<Int>) -> Int32 {
    Int32((starts[[function, k.x + k.y + k.z]] ?? 0) + MultiIndex.place(k))
  }

  /// The product of one part and all others, both of which are scalars of the level.
  private mutating func product(_ graph: MomentContraction) -> Int32 {
    let parts = graph.parts
    let others = graph.part(parts.dropFirst().flatMap { $0 })
    let target = newMoments(1)
    add(1, scalars[graph.part(parts[0])] ?? 0, scalars[others] ?? 0, to: target)
    finish()
    return target
  }

  private mutating func newMoments(_ count: Int) -> Int32 {
    defer { program.count += count }
    return Int32(program.count)
  }

  private mutating func add(_ factor: Int, _ left: Int32, _ right: Int32, to target: Int32) {
    let key = SIMD4(target, min(left, right), max(left, right), 0)
    if let place = known[key] {
      pending[place].factor += Int32(factor)
    } else {
      known[key] = pending.count
      pending.append(.init(left: key.y, right: key.z, factor: Int32(factor), target: target))
    }
  }

  /// Ends a tensor: products of one target stand together.
  private mutating func finish() {
    program.products += pending.enumerated().sorted {
      ($0.element.target, $0.offset) < ($1.element.target, $1.offset)
    }
    .map(\.element)
    pending.removeAll(keepingCapacity: true)
    known.removeAll(keepingCapacity: true)
  }

  // MARK: Contractions

  private mutating func scalar(_ graph: MomentContraction, _ plan: ContractionPlan) -> Int32 {
    switch plan.order {
    case .chain(let order) where order.count == 2: return scalar(graph, pair: order)
    case .chain(let order):
      let last = order[order.count - 1]
      let tensor = order.count == 3 ? first(graph, plan, order) : chain(graph, plan, order)
      let target = newMoments(1)
      for k in MultiIndex.all[graph.degree(last)] {
        add(tensor.factor(0, k), tensor.moment(k), component(graph.functions[last], k), to: target)
      }
      finish()
      return target
    case .pairs(let order):
      let (left, right) = (first(graph, plan, order), second(graph, plan, order))
      let target = newMoments(1)
      for k in MultiIndex.all[left.order(0)] {
        for l in MultiIndex.all[left.order(1)] {
          add(left.factor(0, k) * left.factor(1, l), left.moment(k, l), right.moment(k, l), to: target)
        }
      }
      finish()
      return target
    }
  }

  private mutating func scalar(_ graph: MomentContraction, pair order: [Int]) -> Int32 {
    let (a, b) = (graph.functions[order[0]], graph.functions[order[1]])
    let target = newMoments(1)
    for k in MultiIndex.all[graph.edge(order[0], order[1])] {
      add(MultiIndex.multinomial(k), component(a, k), component(b, k), to: target)
    }
    finish()
    return target
  }

  /// The first pair of a plan.
  private mutating func first(_ graph: MomentContraction, _ plan: ContractionPlan, _ order: [Int]) -> View {
    let others = order.dropFirst(2)
    let legs = (0..<2).map { x in
      (0..<2).map { g in g < others.count ? graph.edge(order[x], order[2 + g]) : 0 }
    }
    return pair(graph, plan.steps[0], order[0], order[1], legs)
  }

  /// The second pair of two, each factor with a group of its own.
  private mutating func second(_ graph: MomentContraction, _ plan: ContractionPlan, _ order: [Int]) -> View {
    let (a, b, c, d) = (order[0], order[1], order[2], order[3])
    let legs = [[graph.edge(a, c) + graph.edge(b, c), 0], [0, graph.edge(a, d) + graph.edge(b, d)]]
    return pair(graph, plan.steps[1], c, d, legs)
  }

  /// Two factors multiplied: T[κ₀, κ₁] = Σ M_a[κ_ab + α₀ + α₁] M_b[κ_ab + β₀ + β₁] over κ_ab and α_g + β_g = κ_g.
  private mutating func pair(
    _ graph: MomentContraction, _ step: ContractionPlan.Step, _ a: Int, _ b: Int, _ legs: [[Int]]
  ) -> View {
    let groups = step.part.groups + [Int?](repeating: nil, count: 2 - step.part.groups.count)
    func view(_ tensor: Tensor) -> View { View(tensor: tensor, isSwapped: step.key.isSwapped, groups: groups) }
    if let tensor = tensors[step.key.code] { return view(tensor) }
    let result = view(newTensor(step))
    for k in MultiIndex.all[graph.edge(a, b)] {
      for a0 in MultiIndex.all[legs[0][0]] {
        for b0 in MultiIndex.all[legs[1][0]] {
          let f0 = MultiIndex.multinomial(k) * Self.factor(a0, b0)
          for a1 in MultiIndex.all[legs[0][1]] {
            for b1 in MultiIndex.all[legs[1][1]] {
              let (k0, k1) = (a0 &+ b0, a1 &+ b1)
              if step.key.isSymmetric, MultiIndex.place(k0) > MultiIndex.place(k1) { continue }
              let left = component(graph.functions[a], k &+ a0 &+ a1)
              let right = component(graph.functions[b], k &+ b0 &+ b1)
              add(f0 * Self.factor(a1, b1), left, right, to: result.moment(k0, k1))
            }
          }
        }
      }
    }
    finish()
    return result
  }

  /// What the symmetric sum over legs of two factors weighs: nothing where all come from one.
  private static func factor(_ k: SIMD3<Int>, _ l: SIMD3<Int>) -> Int {
    if k == .zero || l == .zero { return 1 }
    return MultiIndex.multinomial(k) * MultiIndex.multinomial(l)
  }

  /// A pair multiplied with a third factor: U[κ + λ] = Σ_γ T[γ, κ] M_c[γ + λ].
  private mutating func chain(_ graph: MomentContraction, _ plan: ContractionPlan, _ order: [Int]) -> View {
    let step = plan.steps[1]
    let groups = step.part.groups
    if let tensor = tensors[step.key.code] { return View(tensor: tensor, isSwapped: false, groups: groups) }
    let left = first(graph, plan, order)
    let result = View(tensor: newTensor(step), isSwapped: false, groups: groups)
    let own = graph.edge(order[2], order[3])
    let isSum = own > 0 && left.order(1) > 0
    for c in MultiIndex.all[left.order(0)] {
      for k in MultiIndex.all[left.order(1)] {
        for l in MultiIndex.all[own] {
          let factor = left.factor(0, c) * (isSum ? left.factor(1, k) * MultiIndex.multinomial(l) : 1)
          let right = component(graph.functions[order[2]], c &+ l)
          add(factor, left.moment(c, k), right, to: result.moment(k &+ l))
        }
      }
    }
    finish()
    return result
  }

  /// Room for the components of a part; those of a tensor that is symmetric in its two groups are there once.
  private mutating func newTensor(_ step: ContractionPlan.Step) -> Tensor {
    let legs = step.key.isSwapped ? step.part.legs.reversed() : step.part.legs
    let orders = legs.map { $0.reduce(0, +) }
    let widths = orders.map(MultiIndex.count)
    var moments = [Int32](repeating: 0, count: widths.reduce(1, *))
    if step.key.isSymmetric, widths.count == 2 {
      for k in 0..<widths[0] {
        for l in k..<widths[0] {
          let moment = newMoments(1)
          moments[k * widths[0] + l] = moment
          moments[l * widths[0] + k] = moment
        }
      }
    } else {
      let first = newMoments(moments.count)
      for k in moments.indices { moments[k] = first + Int32(k) }
    }
    let tensor = Tensor(
      orders: orders, holdsMultinomials: legs.map { $0.filter { $0 > 0 }.count > 1 }, moments: moments)
    tensors[step.key.code] = tensor
    return tensor
  }
}
