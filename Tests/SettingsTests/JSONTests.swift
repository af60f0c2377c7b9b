import Foundation
import Settings
import Structures
import Testing

private struct Row: Codable, Equatable {
  var name: String
  var numbers: [Double]
  var missing: Int?
}

@Suite struct JSONTests {
  @Test func keysKeepTheirOrderAndAbsentOnesAreLeftOut() throws {
    let text = try jsonText(Row(name: "a\"\n\u{1}é", numbers: [1, 0.1, -1e-30]))
    #expect(text == "{\n  \"name\": \"a\\\"\\n\\u0001é\",\n  \"numbers\": [1.0, 0.1, -1e-30]\n}\n")
  }

  @Test func foundationReadsWhatWeWrite() throws {
    let rows = [Row(name: "x/y", numbers: [], missing: 3), Row(name: "", numbers: [.pi])]
    #expect(try JSONDecoder().decode([Row].self, from: Data(jsonText(rows).utf8)) == rows)
  }

  @Test func notANumberIsRefused() {
    #expect(throws: InputError("nan cannot be written as JSON")) { try jsonText([Double.nan]) }
  }

  @Test(arguments: [
    ("{", "f.json: not valid JSON"),
    (#"{"name": "a"}"#, "f.json: key `numbers` is missing"),
    (#"{"name": "a", "numbers": [1, "x"]}"#, "f.json: `numbers[1]`: expected Double"),
  ])
  func readingErrorsNameTheKey(text: String, expected: String) {
    do {
      _ = try readJSON(Row.self, bytes: Array(text.utf8), file: "f.json")
      Issue.record("no error")
    } catch {
      #expect("\(error)" == expected)
    }
  }

  @Test func aTreeGoesThroughAnyCoder() throws {
    let tree = try readYAML(bytes: Array("a: [1, x, true, 2.5]\nb: {c: ~}\n".utf8), file: nil)
    let back = try JSONDecoder().decode(SettingsValue.self, from: JSONEncoder().encode(tree))
    #expect(
      back["a"]?.content == .list([.init(.integer(1)), .init(.text("x")), .init(.bool(true)), .init(.real(2.5))]))
    #expect(back["b"]?["c"]?.content == .null)
  }
}
