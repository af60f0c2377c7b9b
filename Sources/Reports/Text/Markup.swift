/// XML text made of elements whose content and attributes are escaped: HTML pages and SVG drawings alike.
///
/// Attributes with an empty value are left out.
struct Markup: Sendable {
  private(set) var text = ""

  typealias Attributes = KeyValuePairs<String, String>

  mutating func element(_ name: String, _ attributes: Attributes = [:], _ content: (inout Markup) -> Void) {
    open(name, attributes, end: ">")
    content(&self)
    text += "</\(name)>"
  }

  mutating func element(_ name: String, _ attributes: Attributes = [:], text content: String) {
    element(name, attributes) { $0.write(content) }
  }

  /// An element without content: `<br/>`.
  mutating func empty(_ name: String, _ attributes: Attributes = [:]) { open(name, attributes, end: "/>") }

  /// Text that a reader shall see as it stands.
  mutating func write(_ content: String) { text += Self.escaped(content) }

  mutating func append(_ other: Markup) { text += other.text }

  mutating func newLine() { text += "\n" }

  /// What must stand unescaped, and is the program's own: a style sheet, a document type.
  mutating func appendVerbatim(_ source: String) { text += source }

  private mutating func open(_ name: String, _ attributes: Attributes, end: String) {
    text += "<" + name
    for (key, value) in attributes where !value.isEmpty { text += " \(key)=\"\(Self.escaped(value))\"" }
    text += end
  }

  /// `&`, `<`, `>` and quotes as entities; characters that XML forbids as U+FFFD.
  static func escaped(_ content: String) -> String {
    let special = content.utf8.contains { $0 < 32 || [34, 38, 39, 60, 62].contains($0) || $0 >= 0xEF }
    guard special else { return content }
    var result = ""
    for scalar in content.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{FFFE}"..."\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
