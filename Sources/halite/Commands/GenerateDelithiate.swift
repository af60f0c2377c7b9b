import Rocksalts
import Structures

/// `halite generate delithiate FILES -o OUT`.
enum GenerateDelithiateCommand: Command {
  static let name = "generate delithiate"
  static let summary = "structures with all or some of their lithium removed; each keeps its host's id"
  static let discussion = """
    halite generate delithiate hosts.extxyz -o tmo2.extxyz
    halite generate delithiate hosts.extxyz --content 0.5 --method ewald --count 5 -o half.extxyz

    --content is what stays, as a part of the host's lithium. Methods: distinct, all orderings of the vacancies that no
    symmetry of the host maps on each other (checked by Burnside's lemma; --count is the most for each host); ewald,
    those of lowest electrostatic energy (lithium and anions with their usual charges, the other cations share the rest
    evenly); random, distinct ones at random. The key `host` is the id of the lithiated partner.
    """
  private static let content = Option<Double>("content", default: 0, help: "part of the ions that stays, 0 to 1")
  private static let method = Option<DelithiationMethod>("method", default: .distinct, help: "which orderings")
  private static let count = Option<Int>("count", default: 1000, help: "most structures for each host")
  private static let ion = Option<String>("ion", placeholder: "El", default: "Li", help: "what is removed")

  private static let nearest = Option(
    flag: "nearest", help: "round a content that does not come out whole; `content` says what stayed")

  static let positionals = [DerivedFrames.positional]
  static let options: [any OptionDeclaration] = [
    DerivedFrames.output, content, nearest, method, count, ion, DerivedFrames.skip, DerivedFrames.seed,
    DerivedFrames.format, threadsOption,
  ]

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    guard let mobile = ChemicalElement(arguments[ion]) else {
      throw usageError("option --ion: `\(arguments[ion])` is no element")
    }
    let chosen = arguments[method]
    var delithiation = try Delithiation(
      mobile: mobile, content: arguments[content], method: chosen.method, count: arguments[count],
      seed: arguments[DerivedFrames.seed])
    delithiation.takesNearest = arguments[nearest]
    let (maker, threads) = (delithiation, try arguments.threads())
    let text =
      "delithiate \(mobile) content \(arguments[content].argument) \(chosen.rawValue)"
      + (chosen == .distinct ? "" : " count \(arguments[count])")
    try DerivedFrames.run(arguments, console: console) { host, number in
      let ions = host.structure.elements.count { $0 == mobile }
      return try maker.results(host.structure, number: number, threads: threads).map { result in
        var facts = [("host", host.id)]
        if arguments[nearest] {
          facts.append(("content", (1 - Double(result.removed.count) / Double(max(1, ions))).argument))
        }
        if let energy = result.energy { facts.append(("ewald_energy", energy.description)) }
        return GeneratedFrame.frame(
          result.structure, group: "delithiated", recipe: text,
          seed: chosen == .random ? arguments[DerivedFrames.seed] : nil, facts: facts)
      }
    }
  }
}

/// The methods as words of the command line.
enum DelithiationMethod: String, ArgumentChoice {
  case distinct, ewald, random

  var method: Delithiation.Method {
    switch self {
    case .distinct: .distinct
    case .ewald: .ewald
    case .random: .random
    }
  }
}
