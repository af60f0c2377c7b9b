import Structures

/// One structure of a recipe.
public struct RecipeStructure: Sendable {
  public var structure: Structure
  /// The recipe's part.
  public var part: String
  /// Number of different metals.
  public var metals: Int
  /// Cation sites of the (lithiated) cell.
  public var sites: Int
  /// Place of the lithiated partner in the set.
  public var host: Int?
}

/// Makes the structures of a recipe: metals, their numbers and the size of the cell are drawn, then an ordering of that
/// composition, each with the same probability; no ordering comes twice.
public struct RecipeSampler {
  /// Metals' numbers of atoms, commonest first, and the sampler of all compositions with these numbers.
  private struct Kind: Hashable {
    var sites: Int
    var counts: [Int]
  }

  private struct Key: Hashable {
    var kind: Kind
    var supercell: Int
    var metals: [ChemicalElement]
    var ordering: [UInt8]
  }

  private let recipe: Recipe
  private let lithium = ChemicalElement("Li")!
  private let memory = CoefficientMemory()
  private var random: RandomSource
  private var supercells: [Int: [CycledSupercell]] = [:]
  private var layouts: [Int: [SupercellLayout]] = [:]
  private var samplers: [Kind: OrderingSampler] = [:]
  private var seen: Set<Key> = []

  /// Draws in a row that give nothing new before a class counts as exhausted.
  private static let patience = 2_000

  /// - Throws: `InputError` where the recipe contradicts itself.
  public init(_ recipe: Recipe, seed: UInt64) throws {
    self.recipe = try recipe.checked()
    random = RandomSource(seed: seed)
  }

  /// A set of any size.
  /// - Parameter progress: told the number of structures made so far.
  /// - Throws: `InputError` where a class has fewer orderings than are wanted.
  public mutating func sample(total: Int, progress: (Int) -> Void = { _ in }) throws -> [RecipeStructure] {
    var result: [RecipeStructure] = []
    for (part, quotas) in zip(recipe.parts, recipe.quotas(total: total)) {
      for (k, count) in quotas.enumerated() where count > 0 {
        if part.delithiated {
          result += try delithiated(count, of: k + 1, part: part.name, from: result)
          continue
        }
        for _ in 0..<count {
          result.append(try lithiated(metals: k + 1, part: part.name))
          progress(result.count)
        }
      }
    }
    return result
  }

  private mutating func lithiated(metals count: Int, part: String) throws -> RecipeStructure {
    for _ in 0..<Self.patience {
      let sites = drawSize(atLeast: 2 * count)
      let counts = drawCounts(sites / 2, metals: count).sorted(by: >)
      // Of metals with the same number of atoms the lighter comes first: one name for every composition.
      let drawn = random.permutation(of: recipe.metals.count).prefix(count).map { recipe.metals[$0] }
      let metals = Set(counts).sorted(by: >).reduce(into: [ChemicalElement]()) { named, number in
        let places = counts.indices.filter { counts[$0] == number }
        named += places.map { drawn[$0] }.sorted()
      }
      let kind = Kind(sites: sites, counts: counts)
      guard let (cell, ordering) = try sampler(kind).next(&random) else { continue }
      let key = Key(kind: kind, supercell: cell, metals: metals, ordering: ordering.species)
      guard seen.insert(key).inserted, let layout = layouts[sites]?[cell] else { continue }
      let states =
        [ChargedAmount(element: lithium, charge: 1, amount: Double(sites / 2))]
        + zip(metals, counts).map { ChargedAmount(element: $0, charge: recipe.charge, amount: Double($1)) }
        + [ChargedAmount(element: ChemicalElement("O")!, charge: -2, amount: Double(sites))]
      let structure = layout.structure(
        ordering.species, scale: try ChargeBalance.rocksaltEdge(states),
        species: [.element(lithium)] + metals.map { .element($0) })
      return RecipeStructure(structure: structure, part: part, metals: count, sites: sites)
    }
    throw InputError(
      "the recipe's class of \(count) metal\(count == 1 ? "" : "s") has no more new orderings",
      remedy: "ask for fewer structures or allow larger cells")
  }

  /// Hosts of a class without repetition, all lithium removed.
  private mutating func delithiated(
    _ count: Int, of metals: Int, part: String, from made: [RecipeStructure]
  ) throws -> [RecipeStructure] {
    let hosts = made.indices.filter { made[$0].host == nil && made[$0].metals == metals }
    guard hosts.count >= count else {
      throw InputError(
        "part \(part) of the recipe wants \(count) hosts with \(metals) metal\(metals == 1 ? "" : "s"), there are "
          + "\(hosts.count)", remedy: "change the classes of the recipe")
    }
    return random.permutation(of: hosts.count).prefix(count).sorted().map { k in
      let host = made[hosts[k]]
      let structure = host.structure.withoutAtoms { $0 == lithium }
      return RecipeStructure(
        structure: structure, part: part, metals: metals, sites: host.sites, host: hosts[k])
    }
  }

  private mutating func drawSize(atLeast sites: Int) -> Int {
    let fitting = recipe.sizes.filter { $0.sites >= sites && $0.weight > 0 }
    var place = random.uniform() * fitting.reduce(0) { $0 + $1.weight }
    for size in fitting {
      if place < size.weight { return size.sites }
      place -= size.weight
    }
    return fitting[fitting.count - 1].sites
  }

  /// Positive numbers that add up to `total`, each choice of dividers with the same probability.
  private mutating func drawCounts(_ total: Int, metals: Int) -> [Int] {
    let dividers = random.permutation(of: total - 1).prefix(metals - 1).map { $0 + 1 }.sorted()
    return zip([0] + dividers, dividers + [total]).map { $1 - $0 }
  }

  private mutating func sampler(_ kind: Kind) throws -> OrderingSampler {
    if let known = samplers[kind] { return known }
    let species: [Species] = [.element(lithium)] + recipe.metals.prefix(kind.counts.count).map { .element($0) }
    let parent = try StandardParent.rocksalt.parent(species: species)
    if supercells[kind.sites] == nil {
      let most = recipe.largestAspect.map { $0 + 1e-9 } ?? .infinity
      let all = try Supercell.all(index: kind.sites, of: parent).filter {
        most == .infinity || SupercellLayout($0, of: parent).lattice.aspectRatio <= most
      }
      guard !all.isEmpty else {
        throw InputError(
          "no cell of \(kind.sites) cation sites has an aspect of at most \(recipe.largestAspect ?? 1)",
          remedy: "raise max_aspect of the recipe")
      }
      supercells[kind.sites] = all.map { CycledSupercell($0, of: parent) }
      layouts[kind.sites] = all.map { SupercellLayout($0, of: parent) }
    }
    let made = try OrderingSampler(
      SiteComposition(counts: [[kind.sites / 2] + kind.counts]), supercells: supercells[kind.sites] ?? [],
      of: parent,
      memory: memory)
    samplers[kind] = made
    return made
  }
}

extension Structure {
  /// The structure without the atoms of some elements.
  func withoutAtoms(where isRemoved: (ChemicalElement) -> Bool) -> Structure {
    keeping(atoms: indices.filter { !isRemoved(elements[$0]) })
  }

  private var indices: Range<Int> { 0..<count }

  /// Some of the atoms, in the order given.
  func keeping(atoms: [Int]) -> Structure {
    var kept: Moments?
    switch moments {
    case .collinear(let values): kept = .collinear(atoms.map { values[$0] })
    case .vectors(let values): kept = .vectors(atoms.map { values[$0] })
    case nil: break
    }
    return Structure(
      lattice: lattice, periodic: periodic, elements: atoms.map { elements[$0] },
      positions: atoms.map { positions[$0] }, moments: kept)
  }
}
