import Testing

@testable import Formats

/// key→value of each item; → alone where the key has no value.
private func items(_ text: String) throws -> [String] {
  try withLine(text) { line in
    try CommentLine(line).items.map { "\($0.key)→\($0.value == nil ? "" : $0.text)" }
  }
}

private func withLine<R>(_ text: String, _ block: (TextSlice) throws -> R) rethrows -> R {
  let bytes = Array(text.utf8)
  return try bytes.withUnsafeBufferPointer { buffer in
    let start = buffer.baseAddress!
    return try block(TextSlice(start: start, end: start + buffer.count))
  }
}

@Test(arguments: [
  ("a=1 b=2", ["a→1", "b→2"]),
  ("  a = 1\tb= 2 c", ["a→1", "b→2", "c→"]),
  ("a= b=2", ["a→", "b→2"]),
  ("a=", ["a→"]),
  ("a=\"x y\" b='x \"y\"'", ["a→x y", "b→x \"y\""]),
  ("a=\"x \\\"y\\\" \\\\ \\n \\t\"", ["a→x \"y\" \\ \n \\t"]),
  ("\"odd key\"=1", ["odd key→1"]),
  ("a=[1, [2, 3]] b={1 2} c=[\"]\"]", ["a→[1, [2, 3]]", "b→{1 2}", "c→[\"]\"]"]),
  ("µ=½ url=http://x/?y=z", ["µ→½", "url→http://x/?y=z"]),
])
func keysAndValuesAreTakenApart(_ text: String, _ expected: [String]) throws {
  #expect(try items(text) == expected)
}

@Test(arguments: [
  ("a=\"b", "no closing quotation mark for the value of a"),
  ("a=\"b\\\"", "no closing quotation mark for the value of a"),
  ("a=[b", "no closing bracket for the value of a"),
  ("a=\"b\"c=1", "text behind the closing mark of the value of a"),
  ("=1", "a value without a key"),
])
func whatIsMalformedIsNamed(_ text: String, _ reason: String) {
  let found = withLine(text) { line in
    do throws(CommentLine.Malformed) {
      _ = try CommentLine(line)
      return ""
    } catch {
      return error.reason
    }
  }
  #expect(found == reason)
}

@Test func wordsLeaveBracketsAndCommasOut() throws {
  let words = try withLine("a=[[1,2], {3  4}]") { try CommentLine($0).items[0].words.map(\.text) }
  #expect(words == ["1", "2", "3", "4"])
}

@Test(arguments: ["", "a", "a b", "a=b", "\"", "\\", "\\n", "\n", "[1, 2]", "[1", "]", "[1] x", "{\"a\": 1}", "ß'"])
func writtenValuesComeBack(_ value: String) throws {
  #expect(try items("k=" + CommentLine.written(value) + " b=1") == ["k→\(value)", "b→1"])
}
