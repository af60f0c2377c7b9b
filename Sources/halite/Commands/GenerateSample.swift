import Formats
import Foundation
import Rocksalts
import Settings
import Structures

/// `halite generate sample`: random distinct orderings of a composition, or a whole set by a recipe.
enum GenerateSampleCommand: Command {
  static let name = "generate sample"
  static let summary = "random distinct orderings, each with the same probability, or a whole set by a recipe"
  static let discussion = """
    halite generate sample --species Li,Mn,Ti --composition Li9Mn5Ti4 --sites 18 --count 200 --seed 7 -o set.extxyz
    halite generate sample --recipe lithium-drx-2024 --count 10842 -o set.extxyz
    halite generate sample --recipe lithium-drx-2024 --show-recipe > mine.yaml

    Every symmetry-distinct ordering without a smaller period has the same probability, however many there are, and none
    comes twice. A recipe (YAML) says how many structures have 1, 2, … different metals, of which sizes, and how many of
    them lose their lithium; a delithiated structure names its partner by the key `host`. --show-recipe prints one.
    """
  private static let sites = Option<NumberRange?>(
    "sites", help: "sizes: cells of the parent's smallest cell (rocksalt: cation sites)")
  private static let count = Option<Int>("count", short: "n", default: 100, help: "structures wanted")
  private static let seed = Option<UInt64>("seed", default: 1, help: "seed of all random choices")
  private static let recipe = Option<String?>(
    "recipe", placeholder: "NAME|FILE", help: "lithium-drx-2024, or a YAML file of the same keys")
  private static let show = Option(flag: "show-recipe", help: "only print the recipe")
  private static let aspect = Option<Double?>(
    "max-aspect", help: "longest over shortest vector of a supercell, at most")
  private static let output = Option<String?>(
    "output", short: "o", placeholder: "FILE", help: "file or folder to write")
  private static let format = Option<String?>("to", placeholder: "FORMAT", help: "format of the file")

  static let options: [any OptionDeclaration] =
    [count, seed, sites, recipe, show, output] + ParentOptions.all + CompositionOptions.all
    + [aspect, format, threadsOption]

  private struct Result: Encodable {
    var structures: Int
    var output: String
    var seed: UInt64
    /// By the number of different metals (recipes).
    var classes: [String: Int]?
    /// By part (recipes).
    var parts: [String: Int]?
    /// By number of cation sites.
    var sizes: [String: Int]
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    if let name = arguments[recipe] {
      let bytes = try recipeText(name)
      if arguments[show] { return try console.write(String(decoding: bytes, as: UTF8.self)) }
      let chosen = try readYAML(bytes: bytes, file: name).decoded(as: Recipe.self, file: name)
      // A recipe that was changed and kept its name is another one.
      let own = Array(bytes.reversed().drop { $0 <= UInt8(ascii: " ") }.reversed())
      let text = "sample \(chosen.name) sha256 \(FrameIdentity.sha256(own).prefix(12)) count \(arguments[count])"
      return try runRecipe(arguments, chosen, text: text, console)
    }
    if arguments[show] { throw usageError("--show-recipe needs --recipe NAME") }
    guard let sizes = arguments[sites] else { throw usageError("option --sites is needed") }
    try requireCount(arguments)
    let path = try output(arguments)
    try CompositionOptions.requirePossible(aspect: arguments[aspect])
    let parent = try ChosenParent(arguments)
    let enumeration = try Enumeration(
      parent: parent.lattice, limits: try CompositionOptions.limits(arguments, parent),
      largestAspect: arguments[aspect])
    let draws = try DistinctSample.draw(
      enumeration, indices: sizes.numbers, count: arguments[count], seed: arguments[seed],
      threads: arguments.threads())
    var words = ["sample", parent.recipe(arguments), "sites " + sizes.argument]
    words += CompositionOptions.recipe(arguments)
    if let aspect = arguments[aspect] { words.append("max-aspect \(aspect.argument)") }
    let text = words.joined(separator: " ") + " count \(arguments[count])"
    let frames = try draws.map { draw in
      let scale = try parent.scale(draw.composition.totals(parent.lattice), cells: draw.supercell.index)
      return GeneratedFrame.frame(
        SupercellLayout(draw.supercell, of: parent.lattice).structure(draw.ordering.species, scale: scale),
        group: "sampled", recipe: text, seed: arguments[seed],
        facts: GeneratedFrame.facts(GeneratedFrame.text(draw.supercell), draw.ordering))
    }
    try DataFiles.write(Dataset(frames), to: path, format: arguments[format], console: console)
    let result = Result(
      structures: frames.count, output: path, seed: arguments[seed],
      sizes: tally(draws.map { String($0.supercell.index) }))
    try console.result(result, text: "\(counted(frames.count, "structure")): \(path)", json: arguments.json)
  }

  private static func runRecipe(
    _ arguments: ParsedArguments, _ recipe: Recipe, text: String, _ console: Console
  ) throws {
    try requireCount(arguments)
    for option in arguments.given.sorted()
    where !["count", "seed", "recipe", "output", "to", "json", "threads"].contains(option) {
      throw usageError(
        "--\(option) does not go with --recipe", remedy: "change the recipe: --show-recipe prints it")
    }
    let path = try output(arguments)
    let total = arguments[count]
    var sampler = try RecipeSampler(recipe, seed: arguments[seed])
    let made = try sampler.sample(total: total) { console.progress("sampling", $0, of: total) }
    console.endProgress()
    var frames: [LabeledStructure] = []
    frames.reserveCapacity(made.count)
    for item in made {
      var facts = [("metals", String(item.metals)), ("cation_sites", String(item.sites))]
      if let host = item.host { facts.append(("host", frames[host].id)) }
      frames.append(
        GeneratedFrame.frame(
          item.structure, group: item.part, recipe: text, seed: arguments[seed],
          facts: facts))
    }
    try DataFiles.write(Dataset(frames), to: path, format: arguments[format], console: console)
    let result = Result(
      structures: frames.count, output: path, seed: arguments[seed], classes: tally(made.map { String($0.metals) }),
      parts: tally(made.map(\.part)), sizes: tally(made.map { String($0.sites) }))
    try console.result(result, text: "\(counted(frames.count, "structure")): \(path)", json: arguments.json)
  }

  private static func tally(_ names: [String]) -> [String: Int] {
    names.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private static func requireCount(_ arguments: ParsedArguments) throws {
    guard arguments[count] >= 1 else {
      throw usageError("option --count: expected 1 or more, found \(arguments[count])")
    }
  }

  private static func output(_ arguments: ParsedArguments) throws -> String {
    guard let path = arguments[output] else { throw usageError("option --output is needed", remedy: "-o FILE") }
    try DataFiles.requireWritable([path], format: arguments[format], inputs: [])
    return path
  }

  private static func recipeText(_ name: String) throws -> [UInt8] {
    if let shipped = Recipe.shipped(name) { return shipped }
    if FileManager.default.fileExists(atPath: name) { return try AtomicFile.read(name) }
    let near = nearestName(to: name, among: Recipe.shippedNames)
    throw usageError(
      "option --recipe: `\(name)` is neither a file nor one of " + Recipe.shippedNames.joined(separator: ", "),
      remedy: near.map { "did you mean `\($0)`?" })
  }
}
