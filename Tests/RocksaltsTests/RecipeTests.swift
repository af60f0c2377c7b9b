@testable import Rocksalts
import Structures
import Testing

struct RecipeTests {
  private let metals = ["Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu"].compactMap { ChemicalElement($0) }

  private func recipe(classes: [Double] = [2, 3, 4, 1, 1, 1, 1, 1, 1]) -> Recipe {
    Recipe(
      name: "test", source: "made up", metals: metals, charge: 3,
      sizes: [Recipe.Size(sites: 8, weight: 1), Recipe.Size(sites: 18, weight: 2)],
      parts: [
        Recipe.Part(name: "lithiated", structures: 3, classes: classes, delithiated: false),
        Recipe.Part(name: "delithiated", structures: 1, classes: [1, 1, 1], delithiated: true),
      ])
  }

  @Test func quotasAddUp() throws {
    for total in [1, 7, 100, 10_842] {
      let quotas = recipe().quotas(total: total)
      #expect(quotas.flatMap { $0 }.reduce(0, +) == total)
    }
    #expect(recipe().quotas(total: 60)[0] == [6, 9, 12, 3, 3, 3, 3, 3, 3])
  }

  @Test func cellsMayBeKeptCompact() throws {
    func longest(_ recipe: Recipe) throws -> Double {
      var sampler = try RecipeSampler(recipe, seed: 2)
      return try sampler.sample(total: 60).compactMap { $0.structure.lattice?.aspectRatio }.max() ?? 0
    }
    var compact = recipe()
    compact.largestAspect = 3
    #expect(try longest(recipe()) > 3)
    #expect(try longest(compact) <= 3 + 1e-9)
    compact.largestAspect = 1.001
    #expect(throws: InputError.self) { try longest(compact) }
    compact.largestAspect = 0.5
    #expect(throws: InputError.self) { try compact.checked() }
  }

  @Test func structuresAreWhatTheRecipeSays() throws {
    var sampler = try RecipeSampler(recipe(), seed: 9)
    let made = try sampler.sample(total: 240)
    #expect(made.count == 240)
    let lithium = ChemicalElement("Li")!
    let oxygen = ChemicalElement("O")!
    for item in made {
      let own = Set(item.structure.elements).subtracting([lithium, oxygen])
      #expect(own.count == item.metals)
      let composition = item.structure.composition
      #expect(composition[oxygen] == item.sites)
      #expect(own.reduce(0) { $0 + (composition[$1] ?? 0) } == item.sites / 2)
      #expect((composition[lithium] ?? 0) == (item.host == nil ? item.sites / 2 : 0))
      let volume = try #require(item.structure.volume) / Double(2 * item.sites)
      #expect(volume > 8 && volume < 10)
      guard let host = item.host else { continue }
      #expect(made[host].structure.lattice == item.structure.lattice)
      #expect(made[host].host == nil && made[host].metals == item.metals)
    }
    #expect(made.count { $0.host != nil } == 60)
    let ids = Set(made.map { FrameIdentity.exact($0.structure, Labels()) })
    #expect(ids.count == made.count)
  }

  @Test func sameSeedSameSet() throws {
    var first = try RecipeSampler(recipe(), seed: 2)
    var second = try RecipeSampler(recipe(), seed: 2)
    var third = try RecipeSampler(recipe(), seed: 3)
    let set = try first.sample(total: 30).map(\.structure)
    #expect(try second.sample(total: 30).map(\.structure) == set)
    #expect(try third.sample(total: 30).map(\.structure) != set)
  }

  @Test func impossibleRecipesAreRefused() throws {
    #expect(throws: InputError.self) { try RecipeSampler(recipe(classes: [1, -1]), seed: 1) }
    #expect(throws: InputError.self) { try RecipeSampler(recipe(classes: []), seed: 1) }
    #expect(throws: InputError.self) {
      try RecipeSampler(recipe(classes: [Double](repeating: 1, count: 10)), seed: 1)
    }
    var odd = recipe()
    odd.sizes[0].sites = 7
    #expect(throws: InputError.self) { try RecipeSampler(odd, seed: 1) }
    // Cells of 4 sites have few orderings of one metal.
    var small = recipe(classes: [1])
    small.sizes = [Recipe.Size(sites: 4, weight: 1)]
    small.parts.removeLast()
    small.metals = [metals[0]]
    var sampler = try RecipeSampler(small, seed: 1)
    #expect(throws: InputError.self) { try sampler.sample(total: 6) }
  }
}
