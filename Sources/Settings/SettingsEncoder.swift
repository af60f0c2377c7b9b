/// Makes the tree of any `Encodable`, in the order in which it encodes its keys.
///
/// Other than Foundation's encoders it writes an optional that is nil as null, so that the tree of default settings
/// holds every key there is.
extension SettingsValue {
  /// The tree of a value.
  /// - Throws: what the value's own `encode(to:)` throws.
  public init(encoding value: some Encodable) throws {
    let node = EncodedNode()
    try Self.encode(value, into: node, path: [])
    self = node.value
  }

  private static func scalar(_ value: any Encodable) -> SettingsValue? {
    switch value {
    case let tree as SettingsValue: tree
    case let flag as Bool: SettingsValue(.bool(flag))
    case let text as String: SettingsValue(.text(text))
    case let number as Double: SettingsValue(.real(number))
    case let number as Float: SettingsValue(.real(Double(number)))
    case let number as any FixedWidthInteger: Int128(exactly: number).map { SettingsValue(.integer($0)) }
    default: nil
    }
  }

  fileprivate static func encode(_ value: some Encodable, into node: EncodedNode, path: [any CodingKey]) throws {
    if let scalar = scalar(value) {
      node.scalar = scalar
    } else {
      try value.encode(to: TreeEncoder(node: node, codingPath: path))
      // A dictionary has another order in every process; equal settings must give equal text.
      if value is any TextKeyed { node.map?.sort { $0.key < $1.key } }
    }
  }
}

private protocol TextKeyed {}

extension Dictionary: TextKeyed where Key == String {}

/// A node while it is being made.
private final class EncodedNode {
  var scalar: SettingsValue?
  var list: [EncodedNode]?
  var map: [(key: String, node: EncodedNode)]?

  var value: SettingsValue {
    if let map { return SettingsValue(.map(map.map { SettingsValue.Entry($0.key, $0.node.value) })) }
    if let list { return SettingsValue(.list(list.map(\.value))) }
    return scalar ?? SettingsValue(.null)
  }

  func child(_ key: String) -> EncodedNode {
    let node = EncodedNode()
    if let place = map?.firstIndex(where: { $0.key == key }) { map?.remove(at: place) }
    map = map ?? []
    map?.append((key, node))
    return node
  }

  func append() -> EncodedNode {
    let node = EncodedNode()
    list = list ?? []
    list?.append(node)
    return node
  }
}

private struct TreeEncoder: Encoder {
  let node: EncodedNode
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if node.map == nil { node.map = [] }
    return KeyedEncodingContainer(MapEncoder(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if node.list == nil { node.list = [] }
    return ListEncoder(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    ScalarEncoder(node: node, codingPath: codingPath)
  }
}

private struct MapEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: EncodedNode
  let codingPath: [any CodingKey]

  mutating func encodeNil(forKey key: Key) { _ = node.child(key.stringValue) }

  mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    try SettingsValue.encode(value, into: node.child(key.stringValue), path: codingPath + [key])
  }

  mutating func encodeOrNull<T: Encodable>(_ value: T?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
  }

  // Swift's synthesised code calls these for optionals; the default ones would leave the key out.
  mutating func encodeIfPresent(_ v: Bool?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent(_ v: String?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent(_ v: Double?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent(_ v: Float?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent(_ v: Int?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent(_ v: Int8?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent(_ v: Int16?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent(_ v: Int32?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent(_ v: Int64?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent(_ v: UInt?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent(_ v: UInt8?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent(_ v: UInt16?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent(_ v: UInt32?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent(_ v: UInt64?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }
  mutating func encodeIfPresent<T: Encodable>(_ v: T?, forKey k: Key) throws { try encodeOrNull(v, forKey: k) }

  mutating func nestedContainer<Inner: CodingKey>(
    keyedBy keyType: Inner.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Inner> {
    TreeEncoder(node: node.child(key.stringValue), codingPath: codingPath + [key]).container(keyedBy: keyType)
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    TreeEncoder(node: node.child(key.stringValue), codingPath: codingPath + [key]).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { TreeEncoder(node: node.child("super"), codingPath: codingPath) }

  mutating func superEncoder(forKey key: Key) -> any Encoder {
    TreeEncoder(node: node.child(key.stringValue), codingPath: codingPath + [key])
  }
}

private struct ListEncoder: UnkeyedEncodingContainer {
  let node: EncodedNode
  let codingPath: [any CodingKey]
  var count: Int { node.list?.count ?? 0 }

  mutating func encodeNil() { _ = node.append() }

  mutating func encode<T: Encodable>(_ value: T) throws {
    try SettingsValue.encode(value, into: node.append(), path: codingPath)
  }

  mutating func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) -> KeyedEncodingContainer<Inner> {
    TreeEncoder(node: node.append(), codingPath: codingPath).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    TreeEncoder(node: node.append(), codingPath: codingPath).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { TreeEncoder(node: node.append(), codingPath: codingPath) }
}

private struct ScalarEncoder: SingleValueEncodingContainer {
  let node: EncodedNode
  let codingPath: [any CodingKey]

  mutating func encodeNil() { node.scalar = SettingsValue(.null) }

  mutating func encode<T: Encodable>(_ value: T) throws {
    try SettingsValue.encode(value, into: node, path: codingPath)
  }
}
