import Rocksalts
import Structures

/// `halite generate prototype layered --metals Ni -o FILE`.
enum GeneratePrototypeCommand: Command {
  static let name = "generate prototype"
  static let summary =
    "ordered rocksalt-type structures: layered, gamma-LiFeO2, spinel-like, Li2MnO3-like, rocksalt"
  static let discussion = """
    halite generate prototype layered --metals Ni,Co,Mn -o layered.extxyz
    halite generate prototype layered --metals Co --a 2.816 --c 14.05 --z 0.2395 -o licoo2.vasp
    halite generate prototype layered --metals Ni --delithiated -o nio2.vasp

    layered is R-3m LiMO2 (O3), gamma-lifeo2 I4_1/amd, spinel-like Fd-3m, li2mno3-like C2/m Li2MO3, rocksalt Fm-3m MO. Sizes
    follow from ionic radii, unless given; z is the oxygen's with Li at (0 0 0) and the metal at (0 0 ½): 0.25, the ideal, where
    nothing is given; below it the bonds to the metal are the shorter ones. --delithiated removes the lithium and keeps the cell.
    """
  private static let kind = Positional("KIND", help: "layered, gamma-lifeo2, spinel-like, li2mno3-like or rocksalt")
  private static let metals = Option<[String]>(
    list: "metals", placeholder: "El", help: "one structure for each metal")
  private static let edge = Option<Double?>("lattice-parameter", unit: "Å", help: "edge of the rocksalt cube")
  private static let a = Option<Double?>("a", unit: "Å", help: "of layered: hexagonal a")
  private static let c = Option<Double?>("c", unit: "Å", help: "of layered: hexagonal c")
  private static let z = Option<Double?>("z", help: "of layered: oxygen's z, between 0.15 and 0.35")
  private static let delithiated = Option(flag: "delithiated", help: "without the lithium")
  private static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "file or folder to write")

  static let positionals = [kind]
  static let options: [any OptionDeclaration] = [metals, output, edge, a, c, z, delithiated]

  private struct Result: Encodable {
    var structures: Int
    var space_group: String
    var output: String
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let name = arguments.one(kind)
    guard let prototype = Prototype(rawValue: name) else {
      let known = Prototype.allCases.map(\.rawValue)
      throw usageError(
        "unknown prototype `\(name)`: expected one of " + known.joined(separator: ", "),
        remedy: nearestName(to: name, among: known).map { "did you mean `\($0)`?" })
    }
    try requireSizes(arguments, prototype)
    let chosen = try arguments[metals].map { name in
      guard let element = ChemicalElement(name) else {
        throw usageError("option --metals: `\(name)` is no element")
      }
      return element
    }
    guard !chosen.isEmpty else { throw usageError("option --metals is needed") }
    if Set(chosen).count < chosen.count { throw usageError("option --metals names an element twice") }
    try DataFiles.requireWritable([arguments[output]], inputs: [])
    let frames = try chosen.map { metal in
      let cube = try arguments[edge] ?? ChargeBalance.rocksaltEdge(prototype.states(metal: metal))
      let parameters = Prototype.Parameters(edge: cube, a: arguments[a], c: arguments[c], z: arguments[z])
      let structure = prototype.structure(metal: metal, parameters, delithiated: arguments[delithiated])
      let whole = prototype.structure(metal: metal, parameters)
      return GeneratedFrame.frame(
        structure, group: name, recipe: recipe(arguments, metal),
        facts: arguments[delithiated] ? [("host", GeneratedFrame.frame(whole, group: name, recipe: "").id)] : [])
    }
    let group = try SpaceGroup.symbol(of: frames[0].structure).symbol
    try DataFiles.write(Dataset(frames), to: arguments[output], console: console)
    try console.result(
      Result(structures: frames.count, space_group: group, output: arguments[output]),
      text: "\(counted(frames.count, "structure")), \(group): \(arguments[output])", json: arguments.json)
  }

  private static func recipe(_ arguments: ParsedArguments, _ metal: ChemicalElement) -> String {
    let sizes = [edge, a, c, z].compactMap { option in
      arguments[option].map { "\(option.name) \($0.argument)" }
    }
    let words = ["prototype", arguments.one(kind), metal.symbol] + sizes
    return (words + (arguments[delithiated] ? ["delithiated"] : [])).joined(separator: " ")
  }

  private static func requireSizes(_ arguments: ParsedArguments, _ prototype: Prototype) throws {
    for option in [a, c, z] where arguments[option] != nil && prototype != .layered {
      throw usageError("--\(option.name) is for layered", remedy: "give --lattice-parameter")
    }
    for option in [edge, a, c] {
      if let value = arguments[option], value < 1 || value > 100 {
        throw usageError("option --\(option.name): expected 1 to 100 Å, found \(value.argument)")
      }
    }
    if let value = arguments[z], value < 0.15 || value > 0.35 {
      throw usageError("option --z: expected 0.15 to 0.35, found \(value.argument)")
    }
    if arguments[delithiated], prototype == .rocksalt { throw usageError("rocksalt MO has no lithium to remove") }
  }
}
