import Rocksalts
import Structures

/// `halite generate antisite FILES -o OUT`.
enum GenerateAntisiteCommand: Command {
  static let name = "generate antisite"
  static let summary = "structures in which lithium and metal ions have changed places"
  static let discussion = """
    halite generate antisite linio2.vasp --with Ni --pairs 1 --distinct -o antisites.extxyz
    halite generate antisite hosts.extxyz --pairs 2 --count 10 --seed 3 -o antisites.extxyz

    Random exchanges, each once, or with --distinct all that no symmetry maps on each other or on the host (of a cell
    whose exchanged ions count as one kind). The key `host` is the id of the structure without them.
    """
  private static let ion = Option<String>("ion", placeholder: "El", default: "Li", help: "what changes places")
  private static let with = Option<[String]>(
    list: "with", placeholder: "El", help: "metals to change places with; all other cations where not given")
  private static let pairs = Option<Int>("pairs", default: 1, help: "pairs that change places")
  private static let count = Option<Int>(
    "count", default: 1, help: "structures for each host (with --distinct: at most)")
  private static let distinct = Option(flag: "distinct", help: "all symmetry-distinct exchanges")

  static let positionals = [DerivedFrames.positional]
  static let options: [any OptionDeclaration] = [
    DerivedFrames.output, ion, with, pairs, count, distinct, DerivedFrames.seed, DerivedFrames.format,
  ]

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let elements = try ([arguments[ion]] + arguments[with]).map { name in
      guard let element = ChemicalElement(name) else { throw usageError("`\(name)` is no element") }
      return element
    }
    let most = arguments[distinct] && !arguments.isGiven(count) ? 10_000 : arguments[count]
    let seed = arguments[DerivedFrames.seed]
    try DerivedFrames.run(arguments, console: console) { host, number in
      let others =
        elements.count > 1 ? Array(elements.dropFirst()) : cations(of: host.structure, besides: elements[0])
      let antisite = try Antisite(
        first: elements[0], others: others, pairs: arguments[pairs], count: most, isDistinct: arguments[distinct],
        seed: seed)
      let results = try antisite.results(host.structure, number: number)
      if results.isEmpty {
        console.warn("\(host.name): every exchange gives the host again, turned or shifted: it has no antisites")
      } else if !arguments[distinct], results.count < most {
        console.note("\(host.name): there are only \(results.count) different exchanges")
      }
      return results.map {
        GeneratedFrame.frame(
          $0, group: "antisite", recipe: text(arguments, others),
          seed: arguments[distinct] ? nil : seed, facts: [("host", host.id)])
      }
    }
  }

  private static func text(_ arguments: ParsedArguments, _ others: [ChemicalElement]) -> String {
    "antisite \(arguments[ion]) with \(others.map(\.symbol).joined(separator: ",")) pairs \(arguments[pairs]) "
      + (arguments[distinct] ? distinct.name : "count \(arguments[count])")
  }

  private static func cations(of structure: Structure, besides ion: ChemicalElement) -> [ChemicalElement] {
    Set(structure.elements).filter { $0 != ion && !$0.isAnion }.sorted()
  }
}
