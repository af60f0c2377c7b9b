import CKernels
import Structures
import Synchronization

/// A program as the kernels read it: moments numbered anew, products by target, monomials with z² or more folded away.
struct MomentTables: Sendable {
  let program: MomentProgram
  /// K.
  let functionCount: Int
  /// Largest ν of each radial function, −1 without moments; first moment of each.
  private(set) var orders: [Int64]
  private(set) var starts: [Int64] = []
  private(set) var folds: [Int32] = []
  private(set) var firstTarget = 0
  private(set) var products: [Int32] = [0]
  private(set) var pairs: [Int32] = []
  private(set) var factors: [Double] = []
  private(set) var scalars: [Int32] = []
  private(set) var momentCount = 0

  /// - Parameter functionCount: K; nil for as many as the moments have.
  /// - Throws: `InputError` for a program that reads what is not there yet, or whose numbers are out of range.
  init(_ program: MomentProgram, functionCount: Int? = nil) throws {
    self.program = program
    let most = (program.basics.map(\.function).max() ?? 0) + 1
    self.functionCount = functionCount ?? most
    guard self.functionCount >= most, self.functionCount <= Int(CK_MTP_FUNCTIONS) else {
      throw InputError(
        "moments of \(most) radial functions, expected at most \(functionCount ?? Int(CK_MTP_FUNCTIONS))")
    }
    orders = [Int64](repeating: -1, count: self.functionCount)
    for basic in program.basics {
      guard basic.function >= 0, min(basic.x, basic.y, basic.z) >= 0,
        max(basic.x, basic.y, basic.z) <= Int(CK_MTP_ORDER), basic.order <= Int(CK_MTP_ORDER)
      else { throw InputError("a moment \(basic.text) is out of range: orders go up to \(CK_MTP_ORDER)") }
      orders[basic.function] = max(orders[basic.function], Int64(basic.order))
    }
    let sizes = orders.map { ($0 + 1) * ($0 + 1) }
    for k in sizes.indices { starts.append(sizes[..<k].reduce(0, +)) }
    let places = addFolds(after: Int(sizes.reduce(0, +)))
    try addProducts(places)
  }

  /// Places of the basic moments.
  private mutating func addFolds(after count: Int) -> [Int32] {
    var known: [BasicMoment: Int32] = [:]
    var next = Int32(count)
    func place(_ m: BasicMoment) -> Int32 {
      if m.z < 2 {
        let start = Int(starts[m.function]) + m.order * m.order
        return Int32(start + m.y + (m.z == 1 ? m.order + 1 : 0))
      }
      if let place = known[m] { return place }
      // z² = 1 − x² − y².
      var (lower, x, y) = (m, m, m)
      lower.z -= 2
      (x.z, y.z) = (lower.z, lower.z)
      x.x += 2
      y.y += 2
      let sources = [place(lower), place(x), place(y)]
      folds += [next] + sources
      known[m] = next
      next += 1
      return next - 1
    }
    let places = program.basics.map(place)
    firstTarget = Int(next)
    return places
  }

  private mutating func addProducts(_ basicPlaces: [Int32]) throws {
    let count = program.count
    var last = [Int](repeating: -1, count: count)
    for (row, p) in program.products.enumerated() {
      guard (Int32(program.basics.count)..<Int32(count)).contains(p.target), (0..<Int32(count)).contains(p.left),
        (0..<Int32(count)).contains(p.right)
      else { throw InputError("product \(row + 1) names a moment that is not there") }
      last[Int(p.target)] = row
    }
    let targets = (program.basics.count..<max(count, program.basics.count)).filter { last[$0] >= 0 }
      .sorted { last[$0] < last[$1] }
    var places = basicPlaces + [Int32](repeating: -1, count: count - program.basics.count)
    for (k, target) in targets.enumerated() { places[target] = Int32(firstTarget + k) }
    var rows = [[MomentProgram.Product]](repeating: [], count: targets.count)
    for (row, p) in program.products.enumerated() {
      for operand in [Int(p.left), Int(p.right)] where operand >= program.basics.count {
        guard last[operand] >= 0, last[operand] < row else {
          throw InputError("product \(row + 1) reads moment \(operand) before it is complete")
        }
      }
      rows[Int(places[Int(p.target)]) - firstTarget].append(p)
    }
    for row in rows {
      for p in row {
        pairs += [places[Int(p.left)], places[Int(p.right)]]
        factors.append(Double(p.factor))
      }
      products.append(Int32(factors.count))
    }
    momentCount = firstTarget + targets.count
    scalars = try program.scalars.map { scalar in
      guard (0..<Int32(count)).contains(scalar), places[Int(scalar)] >= 0 else {
        throw InputError("moment \(scalar) is named as a scalar, but nothing makes it")
      }
      return places[Int(scalar)]
    }
  }

  /// The tables of a level; made once a process.
  static func level(_ level: Int) throws -> MomentTables {
    try cache.withLock { tables in
      if let known = tables[level] { return known }
      let made = try MomentTables(
        MomentProgramBuilder.program(level: level), functionCount: MomentContraction.functionCount(level: level))
      tables[level] = made
      return made
    }
  }

  private static let cache = Mutex<[Int: MomentTables]>([:])
}

extension BasicMoment {
  /// As `.mtp` files write it.
  var text: String { "{\(function), \(x), \(y), \(z)}" }
}
