/// A tree as it stands in any other coder, so that settings may be a part of a JSON report or a file header.
extension SettingsValue: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  public func encode(to encoder: any Encoder) throws {
    switch content {
    case .map(let entries):
      var container = encoder.container(keyedBy: Key.self)
      for entry in entries { try container.encode(entry.value, forKey: Key(entry.key)) }
    case .list(let values):
      var container = encoder.unkeyedContainer()
      for value in values { try container.encode(value) }
    default:
      var container = encoder.singleValueContainer()
      try encodeScalar(into: &container)
    }
  }

  private func encodeScalar(into container: inout any SingleValueEncodingContainer) throws {
    switch content {
    case .bool(let flag): try container.encode(flag)
    case .integer(let number):
      if let value = Int(exactly: number) {
        try container.encode(value)
      } else if let value = UInt64(exactly: number) {
        try container.encode(value)
      } else {
        try container.encode(Double(number))
      }
    case .real(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    case .null, .list, .map: try container.encodeNil()
    }
  }

  public init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: Key.self) {
      let entries = try container.allKeys.map {
        Entry($0.stringValue, try container.decode(SettingsValue.self, forKey: $0))
      }
      self.init(.map(entries))
    } else if var container = try? decoder.unkeyedContainer() {
      var values: [SettingsValue] = []
      while !container.isAtEnd { values.append(try container.decode(SettingsValue.self)) }
      self.init(.list(values))
    } else {
      self.init(try Self.scalar(decoder.singleValueContainer()))
    }
  }

  private static func scalar(_ container: any SingleValueDecodingContainer) throws -> Content {
    if container.decodeNil() { return .null }
    if let flag = try? container.decode(Bool.self) { return .bool(flag) }
    if let number = try? container.decode(Int.self) { return .integer(Int128(number)) }
    if let number = try? container.decode(UInt64.self) { return .integer(Int128(number)) }
    if let number = try? container.decode(Double.self) { return .real(number) }
    return .text(try container.decode(String.self))
  }
}
