/// Comma-separated text after RFC 4180, lines ending in a line feed.
struct CSVTable {
  private(set) var text: String
  private let width: Int

  init(columns: [String]) {
    width = columns.count
    text = columns.map(Self.field).joined(separator: ",") + "\n"
  }

  mutating func append(_ fields: [String]) {
    precondition(fields.count == width, "one field for each column")
    text += fields.map(Self.field).joined(separator: ",") + "\n"
  }

  /// In quotes where it must be.
  static func field(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { [",", "\"", "\n", "\r"].contains($0) }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
