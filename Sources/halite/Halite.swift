import Foundation
import Optimization
import Structures

/// The program: finds the command, runs it, and turns every error into one line and an exit status.
@main
struct Halite {
  /// All commands, in the order of `halite --help`.
  static let commands: [any Command.Type] =
    [
      DemoCommand.self, DataImportCommand.self, DataCensusCommand.self, DataSpinsCommand.self,
      DataCheckCommand.self,
      DataSelectCommand.self, DataMergeCommand.self, DataDiffCommand.self, DataSplitCommand.self,
    ]
    + trainCommands()
    + [
      CompareCommand.self, TuneCommand.self, EvaluateCommand.self, PredictCommand.self, VoltageCommand.self,
      RelaxCommand.self, ScreenCommand.self, ActiveGradeCommand.self, ActiveSelectCommand.self,
      ActiveBuildCommand.self, PotentialConvertCommand.self, GenerateEnumerateCommand.self,
      GenerateSampleCommand.self, GenerateSQSCommand.self, GenerateChargeBalanceCommand.self,
      GenerateDelithiateCommand.self, GeneratePrototypeCommand.self, GenerateAntisiteCommand.self,
      GenerateRattleCommand.self, OrderCommand.self, CampaignInitCommand.self, CampaignAddCommand.self,
      CampaignPrepareCommand.self, CampaignSubmitCommand.self, CampaignScanCommand.self, CampaignStatusCommand.self,
      CampaignRepairCommand.self, CampaignRetryCommand.self, CampaignAcceptCommand.self, CampaignExportCommand.self,
      CampaignPauseCommand.self, ConvertCommand.self, FormatsCommand.self, DoctorCommand.self,
    ]

  static func main() {
    signal(SIGPIPE, SIG_IGN)
    OpenBLASCore.settle()
    // Started again, or as a run of a study, the process would be listed as "exe".
    try? Data("halite".utf8).write(to: URL(fileURLWithPath: "/proc/self/comm"))
    Lifeline.watch()
    exit(status(of: Array(CommandLine.arguments.dropFirst()), console: Console()))
  }

  /// 0, 1 (failed) or 2 (wrong call).
  static func status(of arguments: [String], console: Console) -> Int32 {
    do {
      try run(arguments, console: console)
      return 0
    } catch let error as InputError {
      console.endProgress()
      console.say("halite: " + oneLine(error.description))
      return error.isUsage ? 2 : 1
    } catch {
      console.endProgress()
      console.say("halite: " + oneLine("\(error)"))
      return 1
    }
  }

  private static func run(_ arguments: [String], console: Console) throws {
    let words = arguments.prefix { !$0.hasPrefix("-") }
    if words.isEmpty {
      guard let first = arguments.first else {
        throw usageError("no command", remedy: "halite --help lists them")
      }
      return try runBare(first, console: console)
    }
    guard let command = command(for: Array(words)) else {
      return try explainGroup(Array(words), arguments, console)
    }
    let count = command.name.split(separator: " ").count
    let parsed = try ParsedArguments(Array(arguments.dropFirst(count)), of: command)
    if parsed.wantsHelp {
      try console.write(String(Help.text(of: command).dropLast()))
    } else {
      try command.run(parsed, console: console)
    }
  }

  private static func runBare(_ option: String, console: Console) throws {
    switch option {
    case "--version": try console.write("halite " + HaliteVersion.current)
    case "--help", "-h": try console.write(String(Help.text(of: commands, group: nil).dropLast()))
    default:
      let near = nearestName(to: option, among: ["--help", "--version"])
      throw usageError(
        "unknown option `\(option)` before a command",
        remedy: near.map { "did you mean `\($0)`?" } ?? "halite --help lists the commands")
    }
  }

  /// The command that the first one or two words name.
  private static func command(for words: [String]) -> (any Command.Type)? {
    commands.first { words.starts(with: $0.name.split(separator: " ").map(String.init)) }
  }

  /// `halite data`, `halite data cencus`, `halite tarin`.
  private static func explainGroup(_ words: [String], _ arguments: [String], _ console: Console) throws {
    if words[0] == "help" { return try explainHelp(Array(words.dropFirst()), console) }
    let group = commands.filter { $0.name.hasPrefix(words[0] + " ") }
    if group.isEmpty {
      let known = Set(commands.map { String($0.name.split(separator: " ")[0]) })
      throw unknownCommand(words[0], known: known)
    }
    if words.count > 1 {
      let near = nearestName(to: words.prefix(2).joined(separator: " "), among: group.map { $0.name })
      throw usageError(
        "unknown command `\(words.prefix(2).joined(separator: " "))`",
        remedy: near.map { "did you mean `halite \($0)`?" } ?? "halite \(words[0]) --help lists them")
    }
    guard arguments.contains("--help") || arguments.contains("-h") else {
      throw usageError(
        "`\(words[0])` needs a command: "
          + group.map { String($0.name.split(separator: " ")[1]) }.joined(separator: ", "))
    }
    try console.write(String(Help.text(of: group, group: words[0]).dropLast()))
  }

  private static func explainHelp(_ words: [String], _ console: Console) throws {
    if words.isEmpty { return try runBare("--help", console: console) }
    guard let command = command(for: words) else {
      return try explainGroup([words[0]] + words.dropFirst().prefix(1), ["--help"], console)
    }
    try console.write(String(Help.text(of: command).dropLast()))
  }

  private static func unknownCommand(_ word: String, known: Set<String>) -> InputError {
    let near = nearestName(to: word, among: known.sorted())
    return usageError(
      "unknown command `\(word)`",
      remedy: near.map { "did you mean `halite \($0)`?" } ?? "halite --help lists the commands")
  }

  /// Line breaks inside of a message would break the promise of one line.
  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
