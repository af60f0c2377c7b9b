import Structures
import Testing

@testable import halite

/// A command that does nothing, with one option of every kind.
private enum Sample: Command {
  enum Method: String, ArgumentChoice { case lbfgs, adam }

  static let name = "sample"
  static let summary = "a sample"
  static let files = Positional("FILES", .many, help: "files to read")
  static let target = Positional("OUT", help: "file to write")
  static let cutoff = Option<Double>("cutoff", short: "c", unit: "Å", default: 6, help: "reach")
  static let epochs = Option<Int>("max-epochs", default: 100, help: "epochs")
  static let seed = Option<UInt64>("seed", default: 1, help: "seed")
  static let method = Option<Method>("method", default: .lbfgs, help: "optimiser")
  static let output = Option<String?>("output", short: "o", placeholder: "FILE", help: "file")
  static let layers = Option<[Int]>(list: "layers", default: [15, 15], help: "nodes")
  static let settings = Option<[String]>(repeated: "set", placeholder: "KEY=VALUE", help: "one setting")
  static let repair = Option(flag: "repair", help: "mend")

  static let positionals = [files, target]
  static let options: [any OptionDeclaration] = [cutoff, epochs, seed, method, output, layers, settings, repair]

  static func run(_ arguments: ParsedArguments, console: Console) {}
}

@Suite struct ArgumentsTests {
  private func parse(_ line: String) throws -> ParsedArguments {
    try ParsedArguments(line.split(separator: " ").map(String.init), of: Sample.self)
  }

  private func message(_ line: String) -> String {
    do {
      _ = try parse(line)
      return "no error"
    } catch let error as InputError {
      return (error.isUsage ? "" : "not usage: ") + error.description
    } catch {
      return "\(error)"
    }
  }

  @Test func defaultsHoldWhereNothingIsGiven() throws {
    let arguments = try parse("a out")
    #expect(arguments[Sample.cutoff] == 6)
    #expect(arguments[Sample.output] == nil)
    #expect(arguments[Sample.layers] == [15, 15])
    #expect(arguments[Sample.settings] == [])
    #expect(arguments[Sample.method] == .lbfgs)
    #expect(!arguments[Sample.repair])
    #expect(!arguments.json)
    #expect(!arguments.isGiven(Sample.cutoff))
  }

  @Test func valuesAreReadInEverySpelling() throws {
    let line =
      "a -c5.5 b --max-epochs=7 --seed 18446744073709551615 --method adam -o x.yaml --layers 3,4 --layers 5"
      + " --set a.b=[1,2] --set c=1 --repair --json out"
    let arguments = try parse(line)
    #expect(arguments[Sample.files] == ["a", "b"])
    #expect(arguments.one(Sample.target) == "out")
    #expect(arguments[Sample.cutoff] == 5.5)
    #expect(arguments[Sample.epochs] == 7)
    #expect(arguments[Sample.seed] == .max)
    #expect(arguments[Sample.method] == .adam)
    #expect(arguments[Sample.output] == "x.yaml")
    #expect(arguments[Sample.layers] == [3, 4, 5])
    #expect(arguments[Sample.settings] == ["a.b=[1,2]", "c=1"])
    #expect(arguments[Sample.repair])
    #expect(arguments.json)
    #expect(arguments.isGiven(Sample.cutoff))
  }

  @Test func negativeNumbersAreValuesAndDashesEndOptions() throws {
    #expect(try parse("a out --cutoff -2.5")[Sample.cutoff] == -2.5)
    #expect(try parse("a -- --seed out")[Sample.files] == ["a", "--seed"])
    #expect(try parse("- out")[Sample.files] == ["-"])
    #expect(try parse("a out --output=")[Sample.output] == "")
  }

  @Test func helpNeedsNothingElse() throws {
    #expect(try parse("--help").wantsHelp)
    #expect(try parse("-h").wantsHelp)
  }

  @Test(arguments: [
    ("a out --max-epoch 3", "unknown option `--max-epoch`; did you mean `--max-epochs`?"),
    ("a out --max_epochs 3", "unknown option `--max_epochs`; did you mean `--max-epochs`?"),
    ("a out --qqqqqqqq", "unknown option `--qqqqqqqq`; see halite sample --help"),
    ("a out -x", "unknown option `-x`; see halite sample --help"),
    ("a out --seed", "option --seed needs a value (N)"),
    ("a out --cutoff --seed 3", "option --cutoff needs a value (X in Å)"),
    ("a out --seed 1.5", "option --seed: expected a whole number from 0, found `1.5`"),
    ("a out --cutoff six", "option --cutoff: expected a number, found `six`"),
    ("a out --cutoff inf", "option --cutoff: expected a number, found `inf`"),
    ("a out --layers 3,x", "option --layers: expected a whole number, found `x`"),
    ("a out --method adma", "option --method: expected one of lbfgs, adam, found `adma`; did you mean `adam`?"),
    ("a out --seed 1 --seed 2", "option --seed is given twice"),
    ("a out --repair=yes", "option --repair takes no value"),
    ("a", "OUT is missing: file to write; see halite sample --help"),
    ("", "FILES is missing: files to read; see halite sample --help"),
  ])
  func wrongCallsAreRefused(line: String, expected: String) {
    #expect(message(line) == expected)
  }

  @Test func helpShowsUnitsDefaultsAndEveryOption() {
    let text = Help.text(of: Sample.self)
    #expect(text.contains("usage: halite sample FILES… OUT [options]"))
    #expect(text.contains("-c, --cutoff X"))
    #expect(text.contains("reach (Å, default 6)"))
    #expect(text.contains("nodes (default 15,15, may be repeated)"))
    for option in Sample.allOptions { #expect(text.contains("--\(option.name)")) }
  }

  @Test(arguments: [
    ("3", 3..<4), ("-1", 9..<10), ("2:5", 2..<5), (":3", 0..<3), ("-3:", 7..<10), (":", 0..<10), ("8:99", 8..<10),
    ("5:2", 5..<5), ("12", 0..<0), ("-11", 0..<0), ("-99:2", 0..<2), ("20:30", 10..<10),
  ])
  func slicesAreThoseOfPython(text: String, expected: Range<Int>) throws {
    let slice = try #require(FrameSlice(argument: text))
    #expect(slice.range(of: 10) == expected)
  }

  @Test(arguments: ["", "a", "1:2:3", "1:x", "--"])
  func otherSlicesAreNone(text: String) { #expect(FrameSlice(argument: text) == nil) }
}

@Suite struct CommandRegisterTests {
  @Test func everyCommandHasHelpAndUniqueNames() {
    #expect(Set(Halite.commands.map { $0.name }).count == Halite.commands.count)
    for command in Halite.commands {
      let names = command.allOptions.map(\.name)
      #expect(Set(names).count == names.count, "\(command.name)")
      let letters = command.allOptions.compactMap(\.short)
      #expect(Set(letters).count == letters.count, "\(command.name)")
      #expect(names.contains("json") && names.contains("help"))
      let text = Help.text(of: command)
      #expect(text.hasPrefix("halite \(command.name): \(command.summary)"))
      #expect(command.summary.first?.isUppercase == false && !command.summary.hasSuffix("."))
      for option in command.allOptions { #expect(text.contains("--\(option.name)") && !option.help.isEmpty) }
    }
  }
}
