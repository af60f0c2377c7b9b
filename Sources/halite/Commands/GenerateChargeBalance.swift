import Rocksalts
import Structures

/// `halite generate charge-balance FORMULA` or `--metals Mn,Ti --sites 10`.
enum GenerateChargeBalanceCommand: Command {
  static let name = "generate charge-balance"
  static let summary =
    "whole oxidation states for which a composition is neutral, or all neutral Li(1+x)M(1-x)O(2-y)F(y)"
  static let discussion = """
    halite generate charge-balance Li1.2Mn0.4Ti0.4O2
    halite generate charge-balance --metals Mn,Ti --sites 20 --x 0-0.3 --y 0-0.3

    The most usual states come first. Where no element can have one state alone, those are listed in which one element
    has two. A composition that cannot be neutral is refused with the reason.
    """
  private static let formula = Positional("FORMULA", .optional, help: "a composition, as Li1.2Mn0.4Ti0.4O2")
  private static let metals = Option<[String]>(
    list: "metals", placeholder: "El", help: "list all neutral compositions of these instead")
  private static let sites = Option<Int>("sites", default: 20, help: "cation sites of the cell, with --metals")
  private static let x = Option<FractionRange?>(
    "x", help: "lithium excess for each two cation sites; 0-0.5 where not given")
  private static let y = Option<FractionRange?>("y", help: "fluorine for each two anion sites; 0 where not given")

  static let positionals = [formula]
  static let options: [any OptionDeclaration] = [metals, sites, x, y]

  private struct State: Encodable {
    var element: String
    var charge: Int
    var amount: Double
  }

  private struct Row: Encodable {
    var x: Double?
    var y: Double?
    var states: [State]
  }

  private struct Result: Encodable { var balanced: [Row] }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let rows: [(x: Double?, y: Double?, states: [ChargedAmount])]
    if let text = arguments[formula].first {
      guard arguments[metals].isEmpty else { throw usageError("give a formula or --metals, not both") }
      rows = try ChargeBalance.assignments(elements(text)).map { (nil, nil, $0) }
    } else {
      guard !arguments[metals].isEmpty else {
        throw usageError("there is no composition", remedy: "as LiMnO2, or --metals")
      }
      let chosen = try arguments[metals].map { try element($0) }
      try require(chosen)
      guard arguments[sites] >= chosen.count + 1, arguments[sites] <= 200 else {
        throw usageError("option --sites: expected \(chosen.count + 1) to 200, found \(arguments[sites])")
      }
      rows = try NeutralCompositions.all(
        metals: chosen, sites: arguments[sites], x: arguments[x]?.range ?? 0...0.5, y: arguments[y]?.range ?? 0...0
      ).map { ($0.x, $0.y, $0.states) }
    }
    let result = Result(
      balanced: rows.map { row in
        Row(
          x: row.x, y: row.y,
          states: row.states.map { State(element: $0.element.symbol, charge: $0.charge, amount: $0.amount) })
      })
    let text = rows.map { row in
      let place = row.x.map { "x \(short($0))  y \(short(row.y ?? 0))  " } ?? ""
      return place + row.states.map(\.description).joined(separator: "  ")
    }
    try console.result(result, text: text.joined(separator: "\n"), json: arguments.json)
  }

  /// Metals with known states, each once.
  private static func require(_ metals: [ChemicalElement]) throws {
    if Set(metals).count < metals.count { throw usageError("option --metals names an element twice") }
    for metal in metals where metal.symbol == "Li" || metal.isAnion || metal.oxidationStates.isEmpty {
      throw usageError("option --metals: \(metal) is no metal with known oxidation states")
    }
  }

  private static func short(_ x: Double) -> String { ((x * 1e4).rounded() / 1e4).argument }

  private static func element(_ name: String) throws -> ChemicalElement {
    guard let element = ChemicalElement(name) else { throw usageError("option --metals: `\(name)` is no element") }
    return element
  }

  private static func elements(_ text: String) throws -> [(element: ChemicalElement, amount: Double)] {
    try Species.amounts(formula: text).compactMap { part in part.species.element.map { ($0, part.amount) } }
  }
}
