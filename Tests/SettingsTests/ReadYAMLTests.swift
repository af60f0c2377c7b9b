import Settings
import Structures
import Testing

@Suite struct ReadYAMLTests {
  private func read(_ text: String) throws -> SettingsValue {
    try readYAML(bytes: Array(text.utf8), file: "f.yaml")
  }

  private func message(_ text: String) -> String {
    do {
      _ = try read(text)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func readsMapsListsAndScalarsWithTheirLines() throws {
    let tree = try read("a: 1\nb:\n  c: [x, 2.5, true, ~]\n  d: \"1\"\n")
    #expect(tree["a"]?.content == .integer(1))
    #expect(tree["b"]?["c"]?.line == 3)
    guard case .list(let values) = tree["b"]?["c"]?.content else {
      Issue.record("no list")
      return
    }
    #expect(values.map(\.content) == [.text("x"), .real(2.5), .bool(true), .null])
    #expect(tree["b"]?["d"]?.content == .text("1"))
  }

  @Test(arguments: [
    ("no", SettingsValue.Content.text("no")), ("N", .text("N")), ("nan", .text("nan")), ("0x10", .text("0x10")),
    ("1e-3", .real(1e-3)), ("-.5", .real(-0.5)), ("18446744073709551615", .integer(18_446_744_073_709_551_615)),
    ("1.", .real(1)), (".inf", .real(.infinity)), ("1-2", .text("1-2")), ("1e999", .text("1e999")),
  ])
  func plainWordsFollowTheCoreSchema(word: String, expected: SettingsValue.Content) throws {
    #expect(try read("k: \(word)")["k"]?.content == expected)
  }

  @Test(arguments: [
    ("a: 1\nb: 2\na: 3\n", "f.yaml:3: key `a` is given twice, first on line 1"),
    ("a: &x 1\nb: *x\n", "f.yaml:1: anchors (&name) are not read"),
    ("a: *x\n", "f.yaml:1: aliases (*name) are not read"),
    ("a: !!int 1\n", "f.yaml:1: tags (!name) are not read"),
    ("a: 1\n---\nb: 2\n", "f.yaml:2: a second document begins"),
    ("? [a]\n: 1\n", "f.yaml:1: a key must be one word, not a list or a map"),
    ("a: [1, 2\nb: 3\n", "f.yaml:2: not valid YAML: did not find expected ',' or ']'"),
  ])
  func refusesWithFileAndLine(text: String, expected: String) {
    #expect(message(text) == expected)
  }

  @Test func hostileNestingIsStopped() {
    #expect(message(String(repeating: "[", count: 100_000)) == "f.yaml:1: nested deeper than 64 levels")
  }

  @Test func anEmptyFileIsNull() throws {
    #expect(try read("").content == .null)
    #expect(try read("# nothing\n").content == .null)
  }

  @Test func aMissingFileSaysSo() {
    #expect(throws: InputError("cannot open: No such file or directory", file: "/nowhere/x.yaml")) {
      try readYAML("/nowhere/x.yaml")
    }
  }

  @Test func anyBytesEndInATreeOrAnInputError() {
    var random = RandomSource(seed: 11)
    let alphabet = Array("abc:-[]{}\n\n  \"'#&*!|>%@`,?\t\\01.e~\u{E9}".utf8) + [0, 0xFF, 0xC3]
    var trees = 0
    for _ in 0..<20_000 {
      let bytes = (0..<random.below(40)).map { _ in alphabet[random.below(alphabet.count)] }
      do {
        _ = try readYAML(bytes: bytes, file: nil)
        trees += 1
      } catch {
        #expect(error is InputError)
      }
    }
    #expect(trees > 100)
  }
}
