import Rocksalts
import Structures

/// `halite generate rattle FILES -o OUT`.
enum GenerateRattleCommand: Command {
  static let name = "generate rattle"
  static let summary = "structures with random displacements and strains, or scaled volumes"
  static let discussion = """
    halite generate rattle hosts.extxyz --displacement 0.05 --strain 0.03 --count 20 -o rattled.extxyz
    halite generate rattle hosts.extxyz --volumes 0.9:1.1:9 -o volumes.extxyz

    Displacements are normal with the given standard deviation, strain components uniform up to the given size. The key
    `host` is the id of the structure that was disturbed.
    """
  private static let displacement = Option<Double>(
    "displacement", unit: "Å", default: 0, help: "standard deviation of each coordinate")
  private static let strain = Option<Double>(
    "strain", default: 0, help: "largest component of a random symmetric strain")
  private static let volumes = Option<String?>(
    "volumes", placeholder: "A:B:N", help: "N volumes from A to B, relative to the host's")
  private static let count = Option<Int>("count", default: 1, help: "structures for each host and volume")

  static let positionals = [DerivedFrames.positional]
  static let options: [any OptionDeclaration] = [
    DerivedFrames.output, displacement, strain, volumes, count, DerivedFrames.seed, DerivedFrames.format,
  ]

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    guard arguments[displacement] != 0 || arguments[strain] != 0 || arguments[volumes] != nil else {
      throw usageError("nothing is disturbed", remedy: "give --displacement, --strain or --volumes")
    }
    let isRandom = arguments[displacement] > 0 || arguments[strain] > 0
    guard isRandom || arguments[count] == 1 else {
      throw usageError(
        "--count \(arguments[count]) would write each volume \(arguments[count]) times alike",
        remedy: "give --displacement or --strain, too")
    }
    let seed = arguments[DerivedFrames.seed]
    let scan = try arguments[volumes].map(read) ?? [1]
    let perturbation = try Perturbation(
      displacement: arguments[displacement], strain: arguments[strain], volumes: scan, count: arguments[count],
      seed: seed)
    let text =
      "rattle displacement \(arguments[displacement].argument) strain \(arguments[strain].argument) count "
      + String(arguments[count])
      + (arguments[volumes].map { " volumes " + $0 } ?? "")
    try DerivedFrames.run(arguments, console: console) { host, number in
      perturbation.results(host.structure, number: number).map {
        GeneratedFrame.frame(
          $0, group: "rattled", recipe: text, seed: isRandom ? seed : nil, facts: [("host", host.id)])
      }
    }
  }

  private static func read(_ text: String) throws -> [Double] {
    let parts = text.split(separator: ":").map(String.init)
    guard parts.count == 3, let low = Double(argument: parts[0]), let high = Double(argument: parts[1]),
      let number = Int(parts[2]), number >= 1, number <= 10_000, low <= high
    else { throw usageError("option --volumes: expected A:B:N as 0.9:1.1:9, found `\(text)`") }
    guard number > 1 else { return [low] }
    return (0..<number).map { low + (high - low) * Double($0) / Double(number - 1) }
  }
}
