import Structures

/// A data set by numbers: parts, each with the share of every n-TM class (n different metals), and the sizes of cells.
public struct Recipe: Codable, Sendable {
  public struct Part: Codable, Sendable {
    /// Goes into `config_type`.
    public var name: String
    /// Number of structures, or any number in proportion to it.
    public var structures: Double
    /// Weights of the classes with 1, 2, … different metals.
    public var classes: [Double]
    /// True: hosts are drawn from the parts before, and all lithium is removed.
    public var delithiated: Bool
  }

  public struct Size: Codable, Sendable {
    /// Cation sites of the cell, half of them lithium.
    public var sites: Int
    public var weight: Double
  }

  public var name: String
  /// Where the numbers come from, and what was assumed.
  public var source: String
  public var metals: [ChemicalElement]
  /// Charge of the metals that the lattice parameter is taken for.
  public var charge: Int
  public var sizes: [Size]
  public var parts: [Part]
  /// Longest over shortest edge that a cell may have; any where it is not given.
  public var largestAspect: Double?

  enum CodingKeys: String, CodingKey {
    case name, source, metals, charge, sizes, parts
    case largestAspect = "max_aspect"
  }

  /// - Throws: `InputError` where numbers are negative, a class has more metals than there are, or a size is odd.
  public func checked() throws -> Recipe {
    guard !metals.isEmpty, Set(metals).count == metals.count else {
      throw InputError("the recipe's metals must be one or more different elements")
    }
    guard sizes.contains(where: { $0.weight > 0 }),
      sizes.allSatisfy({ $0.sites >= 2 && $0.sites <= 64 && $0.sites % 2 == 0 && $0.weight >= 0 })
    else {
      throw InputError("the recipe's sizes must be even numbers of cation sites, 2 to 64, with weights from 0")
    }
    guard largestAspect ?? 1 >= 1 else { throw InputError("the recipe's max_aspect must be 1 or more") }
    guard parts.first?.delithiated == false else {
      throw InputError("the recipe's first part must have lithium: it gives the hosts of delithiated parts")
    }
    let most = (sizes.map(\.sites).max() ?? 0) / 2
    for part in parts {
      let wanted = part.classes.indices.filter { part.classes[$0] > 0 }
      guard part.structures >= 0, part.classes.allSatisfy({ $0 >= 0 }), let last = wanted.last else {
        throw InputError("part \(part.name) of the recipe needs a number and weights from 0, one above 0")
      }
      guard last < metals.count, last < most else {
        throw InputError("part \(part.name) wants \(last + 1) metals; \(min(metals.count, most)) are possible")
      }
    }
    return self
  }

  /// How many structures each part and class gets, by largest remainders: [part][class].
  public func quotas(total: Int) -> [[Int]] {
    let parts = shares(total, parts.map(\.structures))
    return zip(parts, self.parts).map { shares($0, $1.classes) }
  }
}

/// Whole numbers in proportion to weights that add up to `total` (largest remainders, earlier ones first).
func shares(_ total: Int, _ weights: [Double]) -> [Int] {
  let sum = weights.reduce(0, +)
  guard sum > 0 else { return weights.map { _ in 0 } }
  let exact = weights.map { $0 / sum * Double(total) }
  var result = exact.map { Int($0.rounded(.down)) }
  let order = exact.indices.sorted { a, b in
    let (p, q) = (exact[a] - exact[a].rounded(.down), exact[b] - exact[b].rounded(.down))
    return p == q ? a < b : p > q
  }
  for k in order.prefix(total - result.reduce(0, +)) { result[k] += 1 }
  return result
}
