import CKernels

/// What the kernels of a bispectrum look up: couplings Z of two densities, and which components each is a part of.
///
/// B_{J1J2J} = Σ conj(U^J) Z^J_{J1J2} is cubic in U, so that each component has three terms in ∂B/∂conj(U):
/// Z^J_{J1J2}, (J+1)/(J1+1) Z^{J1}_{J J2} and (J+1)/(J2+1) Z^{J2}_{J J1}. A coupling that several share is made once.
struct BispectrumTables: Sendable {
  /// √-factors of the half matrices, then radii, weights, inner switches, factors and Clebsch–Gordan tables.
  private var numbers: [Double] = []
  private var couplings: [Int32] = []
  private var terms: [Int32] = []
  /// In `terms`, behind them: bit J of each density and component, where it depends on that layer.
  private var layerStart = 0
  private var normStart = 0
  private var typeStart = 0
  private var factorStart = 0
  private var tableStart = 0
  private let shape: BispectrumShape
  let half: Int
  let full: Int
  let components: Int
  /// Components of a free atom, a type a row; zeros where they are not subtracted.
  let free: [Double]

  /// The two densities and the result of Z; J's are doubled.
  private struct Coupling: Hashable {
    var first: [Int]
    var second: [Int]
    var result: Int
  }

  private struct Term {
    var component: Int
    var density: Int
    var factor: Double
    var isValue = false
  }

  init(_ shape: BispectrumShape) {
    self.shape = shape
    let norms = Self.norms(shape.twojmax)
    half = norms.count
    full = (0...shape.twojmax).reduce(0) { $0 + ($1 + 1) * ($1 + 1) }
    let densities = shape.chemflag ? shape.radii.count : 1
    let triples = shape.triples
    components = triples.count * densities * densities * densities
    free = Self.free(shape, triples, densities)
    numbers = norms
    typeStart = numbers.count
    let zeros = [Double](repeating: 0, count: shape.radii.count)
    numbers += shape.radii + shape.weights
    numbers += shape.sinner.isEmpty ? zeros : shape.sinner.map { 0.5 * $0 }
    numbers += shape.dinner.isEmpty ? zeros : shape.dinner.map { 0.5 * $0 }
    let (order, lists) = Self.terms(shape, triples, densities)
    factorStart = numbers.count
    for coupling in order { numbers += lists[coupling, default: []].map(\.factor) }
    tableStart = numbers.count
    var tables: [[Int]: Int] = [:]
    for coupling in order {
      let list = lists[coupling, default: []]
      let key = [coupling.first[0], coupling.second[0], coupling.result]
      if tables[key] == nil {
        tables[key] = numbers.count - tableStart
        numbers += ClebschGordan.table(key[0], key[1], key[2])
      }
      let entry = key + [coupling.first[1], coupling.second[1], terms.count / 3, list.count, tables[key] ?? 0]
      couplings += entry.map(Int32.init)
      for term in list { terms += [Int32(term.component), Int32(term.density), term.isValue ? 1 : 0] }
    }
    layerStart = terms.count
    terms += [Int32](repeating: 0, count: densities * components)
    for (coupling, list) in lists {
      for term in list {
        terms[layerStart + term.density * components + term.component] |= 1 << Int32(coupling.result)
      }
    }
  }

  /// norm of u = norm × v, see `bispectrum_lanes.h`: v obeys the recursion without its square roots.
  private static func norms(_ twojmax: Int) -> [Double] {
    var result = [1.0]
    var before = [1.0]
    for j in 1..<max(1, twojmax + 1) {
      var now: [Double] = []
      for row in 0...j / 2 {
        // The middle row begins from the mirror image of the row before it.
        let isMiddle = 2 * row == j
        let source = Array(before[(isMiddle ? row - 1 : row) * j..<(isMiddle ? row : row + 1) * j])
        let p = isMiddle ? Array(source.reversed()) : source
        now += (0..<j).map { (Double(j - $0) / Double(j - row)).squareRoot() * p[$0] }
        now.append((Double(j) / Double(j - row)).squareRoot() * p[j - 1])
      }
      result += now
      before = now
    }
    return result
  }

  private static func free(_ shape: BispectrumShape, _ triples: [(Int, Int, Int)], _ densities: Int) -> [Double] {
    shape.radii.indices.flatMap { type in
      (0..<densities * densities * densities).flatMap { e in
        let elements = [e / (densities * densities), e / densities % densities, e % densities]
        let isSelf = densities == 1 || shape.wselfallflag || elements.allSatisfy { $0 == type }
        return triples.map { triple -> Double in
          guard shape.bzeroflag, isSelf else { return 0 }
          return shape.bnormflag ? 1 : Double(triple.2 + 1)
        }
      }
    }
  }

  /// The couplings in the order of their first use, and the terms of each by density.
  private static func terms(
    _ shape: BispectrumShape, _ triples: [(Int, Int, Int)], _ densities: Int
  ) -> ([Coupling], [Coupling: [Term]]) {
    var order: [Coupling] = []
    var lists: [Coupling: [Term]] = [:]
    func add(_ a: [Int], _ b: [Int], _ result: Int, _ term: Term) {
      // Z does not change where its two densities are exchanged.
      let isOrdered = a[0] > b[0] || (a[0] == b[0] && a[1] <= b[1])
      let coupling = Coupling(first: isOrdered ? a : b, second: isOrdered ? b : a, result: result)
      if lists[coupling] == nil { order.append(coupling) }
      lists[coupling, default: []].append(term)
    }
    for e in 0..<densities * densities * densities {
      let (e1, e2, e3) = (e / (densities * densities), e / densities % densities, e % densities)
      for (k, (j1, j2, j)) in triples.enumerated() {
        let component = e * triples.count + k
        let norm = shape.bnormflag ? 1 / Double(j + 1) : 1
        func factor(_ other: Int) -> Double { norm * Double(j + 1) / Double(other + 1) }
        add([j1, e1], [j2, e2], j, Term(component: component, density: e3, factor: norm, isValue: true))
        add([j, e3], [j2, e2], j1, Term(component: component, density: e1, factor: factor(j1)))
        add([j, e3], [j1, e1], j2, Term(component: component, density: e2, factor: factor(j2)))
      }
    }
    return (order, lists.mapValues { $0.sorted { ($0.density, $0.component) < ($1.density, $1.component) } })
  }

  func withKernel(_ body: (UnsafePointer<ck_bispectrum>) -> Void) {
    numbers.withUnsafeBufferPointer { numbers in
      couplings.withUnsafeBufferPointer { couplings in
        terms.withUnsafeBufferPointer { terms in
          guard let base = numbers.baseAddress else { return }
          let types = shape.radii.count
          var kernel = ck_bispectrum()
          kernel.two_j_max = Int64(shape.twojmax)
          kernel.half = Int64(half)
          kernel.full = Int64(full)
          kernel.densities = Int64(shape.chemflag ? types : 1)
          kernel.components = Int64(components)
          kernel.rfac0 = shape.rfac0
          kernel.rmin0 = shape.rmin0
          kernel.`self` = 1
          kernel.self_in_all = shape.wselfallflag ? 1 : 0
          kernel.switches = shape.switchflag ? 1 : 0
          kernel.switches_inside = shape.sinner.isEmpty ? 0 : 1
          kernel.radii = base + typeStart
          kernel.weights = base + typeStart + types
          kernel.inner = base + typeStart + 2 * types
          kernel.width = base + typeStart + 3 * types
          kernel.norms = base + normStart
          kernel.couplings = Int64(couplings.count / 8)
          kernel.coupling = couplings.baseAddress
          kernel.term = terms.baseAddress
          kernel.factor = base + factorStart
          kernel.clebsch = base + tableStart
          kernel.layers = terms.baseAddress.map { $0 + layerStart }
          body(&kernel)
        }
      }
    }
  }
}
