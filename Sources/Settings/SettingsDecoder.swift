import Structures

extension SettingsValue {
  /// Makes any `Decodable` of the tree.
  ///
  /// Strict: a key that the type does not ask for is refused, and numbers, texts and flags are not turned into each
  /// other (a whole number serves as a real one).
  /// - Parameter file: named in errors.
  /// - Throws: `InputError` with file and line: unknown key with the nearest right one, missing key, wrong type.
  public func decoded<T: Decodable>(as type: T.Type, file: String? = nil) throws -> T {
    do {
      return try DecodingPlace(node: self, path: [], file: file).decode(type)
    } catch let error as DecodingError {
      throw inputError(error, file: file)
    }
  }

  /// An error of a type's own `init(from:)`, said with the line of the value.
  private func inputError(_ error: DecodingError, file: String?) -> InputError {
    let context =
      switch error {
      case .typeMismatch(_, let c), .valueNotFound(_, let c), .keyNotFound(_, let c), .dataCorrupted(let c): c
      @unknown default: DecodingError.Context(codingPath: [], debugDescription: "\(error)")
      }
    let key = dotted(context.codingPath)
    let text = context.debugDescription
    return InputError(
      key.isEmpty ? text : "`\(key)`: \(text)", file: file, line: deepest(along: context.codingPath).line)
  }
}

/// "training.layers[2]" of a path of keys.
private func dotted(_ path: [any CodingKey]) -> String {
  path.reduce(into: "") { text, key in
    if let index = key.intValue {
      text += "[\(index)]"
    } else {
      text += (text.isEmpty ? "" : ".") + key.stringValue
    }
  }
}

private struct IndexKey: CodingKey {
  let intValue: Int?
  var stringValue: String { String(intValue ?? 0) }
  init(_ index: Int) { intValue = index }
  init?(intValue: Int) { self.init(intValue) }
  init?(stringValue: String) { nil }
}

/// A node of the tree and where it stands.
private struct DecodingPlace {
  let node: SettingsValue
  let path: [any CodingKey]
  let file: String?

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    if type == SettingsValue.self, let tree = node as? T { return tree }
    if let value = try scalar(type) { return value }
    try checkCase(type)
    let decoder = TreeDecoder(place: self)
    let value = try T(from: decoder)
    try decoder.refuseUnaskedKeys()
    return value
  }

  func mismatch(_ expected: String) -> InputError {
    let key = dotted(path)
    return InputError(
      (key.isEmpty ? "" : "`\(key)`: ") + "expected \(expected), found \(node.summary)", file: file, line: node.line
    )
  }

  /// The scalar of a standard type; nil where the type is not one.
  private func scalar<T>(_ type: T.Type) throws -> T? {
    switch type {
    case is Bool.Type:
      guard case .bool(let flag) = node.content else { throw mismatch("true or false") }
      return flag as? T
    case is String.Type:
      guard case .text(let text) = node.content else {
        throw mismatch("a text (in quotes where it looks like a number)")
      }
      return text as? T
    case is Double.Type: return try real() as? T
    case is Float.Type: return try Float(real()) as? T
    case let integer as any FixedWidthInteger.Type: return try whole(integer) as? T
    default: return nil
    }
  }

  private func real() throws -> Double {
    switch node.content {
    case .real(let number):
      guard number.isFinite else { throw mismatch("a finite number") }
      return number
    case .integer(let number): return Double(number)
    default: throw mismatch("a number")
    }
  }

  private func whole<I: FixedWidthInteger>(_ type: I.Type) throws -> I {
    guard case .integer(let number) = node.content else { throw mismatch("a whole number") }
    guard let value = I(exactly: number) else { throw mismatch("a whole number from \(I.min) to \(I.max)") }
    return value
  }

  /// Names the cases of an enumeration of texts where the text is none of them.
  private func checkCase<T>(_ type: T.Type) throws {
    guard let cases = type as? any CaseIterable.Type, let names = rawTexts(cases) else { return }
    guard case .text(let text) = node.content else { throw mismatch("one of " + names.joined(separator: ", ")) }
    guard !names.contains(text) else { return }
    var error = mismatch("one of " + names.joined(separator: ", "))
    error.remedy = nearestName(to: text, among: names).map { "did you mean `\($0)`?" }
    throw error
  }

  private func rawTexts<C: CaseIterable>(_ type: C.Type) -> [String]? {
    guard type is any RawRepresentable.Type else { return nil }
    let texts = C.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
    return texts.isEmpty ? nil : texts
  }

  func child(_ value: SettingsValue, _ key: any CodingKey) -> DecodingPlace {
    DecodingPlace(node: value, path: path + [key], file: file)
  }
}

private final class TreeDecoder: Decoder {
  let place: DecodingPlace
  /// Keys that the type has asked for; nil until it asks for a map.
  var asked: Set<String>?
  var codingPath: [any CodingKey] { place.path }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(place: DecodingPlace) { self.place = place }

  func refuseUnaskedKeys() throws {
    guard let asked, case .map(let entries) = place.node.content else { return }
    guard let entry = entries.first(where: { !asked.contains($0.key) }) else { return }
    throw unknownKey(entry, among: asked.sorted(), place: place)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .map(let entries) = place.node.content else { throw place.mismatch("a map of keys") }
    asked = asked ?? []
    let values = Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    return KeyedDecodingContainer(MapDecoder(decoder: self, values: values, keys: entries.map(\.key)))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .list(let values) = place.node.content else { throw place.mismatch("a list") }
    return ListDecoder(place: place, values: values)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { ScalarDecoder(place: place) }
}

/// Says which key is not known and which one may be meant.
private func unknownKey(_ entry: SettingsValue.Entry, among known: [String], place: DecodingPlace) -> InputError {
  let parent = dotted(place.path)
  let remedy =
    if let near = nearestName(to: entry.key, among: known) {
      "did you mean `\(near)`?"
    } else if known.isEmpty {
      "no key is expected here"
    } else {
      "known are " + known.sorted().joined(separator: ", ")
    }
  return InputError(
    "unknown key `\(entry.key)`" + (parent.isEmpty ? "" : " in `\(parent)`"), file: place.file, line: entry.line,
    remedy: remedy)
}

private struct MapDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: TreeDecoder
  let values: [String: SettingsValue]
  let keys: [String]
  var codingPath: [any CodingKey] { decoder.codingPath }
  var allKeys: [Key] { keys.compactMap { Key(stringValue: $0) } }

  private func place(_ key: Key) throws -> DecodingPlace {
    decoder.asked?.insert(key.stringValue)
    if let value = values[key.stringValue] { return decoder.place.child(value, key) }
    let near = nearestName(to: key.stringValue, among: keys)
    throw InputError(
      "key `\(dotted(codingPath + [key]))` is missing", file: decoder.place.file, line: decoder.place.node.line,
      remedy: near.map { "does `\($0)` mean it?" })
  }

  func contains(_ key: Key) -> Bool {
    decoder.asked?.insert(key.stringValue)
    return values[key.stringValue] != nil
  }

  func decodeNil(forKey key: Key) throws -> Bool { try place(key).node.content == .null }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try place(key).decode(type) }

  func nestedContainer<Inner: CodingKey>(
    keyedBy type: Inner.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Inner> {
    try TreeDecoder(place: place(key)).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try TreeDecoder(place: place(key)).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { decoder }

  func superDecoder(forKey key: Key) throws -> any Decoder { TreeDecoder(place: try place(key)) }
}

private struct ListDecoder: UnkeyedDecodingContainer {
  let place: DecodingPlace
  let values: [SettingsValue]
  var currentIndex = 0
  var codingPath: [any CodingKey] { place.path }
  var count: Int? { values.count }
  var isAtEnd: Bool { currentIndex >= values.count }

  init(place: DecodingPlace, values: [SettingsValue]) {
    self.place = place
    self.values = values
  }

  private mutating func next() throws -> DecodingPlace {
    guard currentIndex < values.count else { throw place.mismatch("more than \(values.count) values") }
    currentIndex += 1
    return place.child(values[currentIndex - 1], IndexKey(currentIndex - 1))
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, values[currentIndex].content == .null else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decode(type) }

  mutating func nestedContainer<Inner: CodingKey>(
    keyedBy type: Inner.Type
  ) throws -> KeyedDecodingContainer<Inner> {
    try TreeDecoder(place: next()).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try TreeDecoder(place: next()).unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { TreeDecoder(place: try next()) }
}

private struct ScalarDecoder: SingleValueDecodingContainer {
  let place: DecodingPlace
  var codingPath: [any CodingKey] { place.path }

  func decodeNil() -> Bool { place.node.content == .null }

  func decode<T: Decodable>(_ type: T.Type) throws -> T { try place.decode(type) }
}
