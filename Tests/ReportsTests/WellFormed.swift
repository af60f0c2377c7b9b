import Foundation
import FoundationXML

/// Reads XML to its end: the elements met, and the first error.
final class WellFormed: NSObject, XMLParserDelegate {
  private(set) var elements: [String: Int] = [:]
  private(set) var attributes: [String] = []
  private(set) var text = ""
  private(set) var error: String?

  init(_ source: String) {
    super.init()
    let parser = XMLParser(data: Data(source.utf8))
    parser.delegate = self
    if !parser.parse(), error == nil { error = parser.parserError.map { "\($0)" } ?? "not parsed" }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes values: [String: String]
  ) {
    elements[name, default: 0] += 1
    attributes += values.values
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(_ parser: XMLParser, parseErrorOccurred parseError: any Error) {
    if error == nil { error = "line \(parser.lineNumber): \(parseError)" }
  }
}
