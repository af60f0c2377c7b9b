import Structures

/// Frames without labels that share a cell and its sites, as extxyz: what they have in common is written once and copied.
/// The bytes are those of `ExtendedXYZ.write`.
public struct SharedSitesWriter: Sendable {
  private let sites: SharedSites
  /// Of the comment line, around the values that differ from frame to frame.
  private let pieces: [[UInt8]]
  /// Of each site, what stands behind the symbol.
  private let rows: [UInt8]
  private let starts: [Int]

  /// - Parameter info: keys and values in the order of the line; a value of nil is given with each frame.
  public init(_ sites: SharedSites, configType: String, info: [(key: String, value: String?)]) {
    self.sites = sites
    var text = TextBuffer()
    text.append("Lattice=\"")
    text.append(row: [sites.lattice.a, sites.lattice.b, sites.lattice.c])
    text.append("\" Properties=species:S:1:pos:R:3 config_type=" + CommentLine.written(configType))
    var pieces: [[UInt8]] = []
    for item in info {
      text.append(" " + CommentLine.writtenKey(item.key) + "=")
      if let value = item.value {
        text.append(CommentLine.written(value))
      } else {
        pieces.append(text.bytes)
        text = TextBuffer()
      }
    }
    text.append(" id=")
    self.pieces = pieces + [text.bytes]
    text = TextBuffer()
    starts =
      [0]
      + sites.positions.map { position in
        text.append(fields: position)
        text.append(byte: 10)
        return text.bytes.count
      }
    rows = text.bytes
  }

  /// Writes a frame.
  /// - Parameters:
  ///   - places: the site of each atom.
  ///   - values: of the keys without a fixed one, in their order.
  public func append(
    _ elements: [ChemicalElement], at places: [Int], values: [String] = [], to bytes: inout [UInt8]
  ) {
    precondition(elements.count == places.count && values.count == pieces.count - 1, "one of each")
    bytes.append(contentsOf: String(elements.count).utf8)
    bytes.append(10)
    bytes.append(contentsOf: pieces[0])
    for (k, value) in values.enumerated() {
      bytes.append(contentsOf: CommentLine.written(value).utf8)
      bytes.append(contentsOf: pieces[k + 1])
    }
    bytes.append(contentsOf: sites.id(elements, at: places).utf8)
    bytes.append(contentsOf: " pbc=\"T T T\"\n".utf8)
    for (element, place) in zip(elements, places) {
      bytes.append(contentsOf: element.symbol.utf8)
      bytes.append(contentsOf: rows[starts[place]..<starts[place + 1]])
    }
  }
}
