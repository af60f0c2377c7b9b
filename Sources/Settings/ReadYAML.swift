import CYaml
import Structures

/// Reads a YAML file (JSON is a part of YAML) into a tree with line numbers.
///
/// One document, without anchors, aliases and tags: settings are to be read by people. Plain words follow the core
/// schema of YAML 1.2.
/// - Throws: `InputError` with file and line: not readable, not YAML, a key given twice, nested deeper than 64.
public func readYAML(_ path: String) throws -> SettingsValue {
  try readYAML(bytes: AtomicFile.read(path), file: path)
}

/// Reads YAML from bytes; `file` is for messages.
public func readYAML(bytes: [UInt8], file: String?) throws -> SettingsValue {
  let reader = YAMLReader(file: file)
  return try bytes.withUnsafeBufferPointer { try reader.read($0) }
}

/// Builds the tree from libyaml's events, one at a time, so that hostile nesting is stopped where it begins.
private struct YAMLReader {
  let file: String?
  static let deepest = 64

  func read(_ bytes: UnsafeBufferPointer<UInt8>) throws -> SettingsValue {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else { throw InputError("out of memory", file: file) }
    defer { yaml_parser_delete(&parser) }
    let empty: [UInt8] = [0]
    return try empty.withUnsafeBufferPointer { spare in
      yaml_parser_set_input_string(&parser, bytes.baseAddress ?? spare.baseAddress, bytes.count)
      return try document(&parser)
    }
  }

  private func document(_ parser: inout yaml_parser_t) throws -> SettingsValue {
    var result: SettingsValue?
    while true {
      let event = try next(&parser)
      switch event.kind {
      case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT: continue
      case YAML_DOCUMENT_START_EVENT:
        if result != nil { throw InputError("a second document begins", file: file, line: event.line) }
        result = try value(startingWith: next(&parser), &parser, depth: 0)
      default: return result ?? SettingsValue(.null)
      }
    }
  }

  private func value(startingWith event: Event, _ parser: inout yaml_parser_t, depth: Int) throws -> SettingsValue {
    guard depth < Self.deepest else {
      throw InputError("nested deeper than \(Self.deepest) levels", file: file, line: event.line)
    }
    switch event.kind {
    case YAML_SCALAR_EVENT:
      return event.isPlain
        ? .plainScalar(event.text, line: event.line) : SettingsValue(.text(event.text), line: event.line)
    case YAML_SEQUENCE_START_EVENT:
      var values: [SettingsValue] = []
      while true {
        let item = try next(&parser)
        if item.kind == YAML_SEQUENCE_END_EVENT { return SettingsValue(.list(values), line: event.line) }
        values.append(try value(startingWith: item, &parser, depth: depth + 1))
      }
    case YAML_MAPPING_START_EVENT:
      return SettingsValue(.map(try entries(&parser, depth: depth)), line: event.line)
    default:
      throw InputError("a value is expected here", file: file, line: event.line)
    }
  }

  private func entries(_ parser: inout yaml_parser_t, depth: Int) throws -> [SettingsValue.Entry] {
    var entries: [SettingsValue.Entry] = []
    var lines: [String: Int] = [:]
    while true {
      let key = try next(&parser)
      if key.kind == YAML_MAPPING_END_EVENT { return entries }
      guard key.kind == YAML_SCALAR_EVENT else {
        throw InputError("a key must be one word, not a list or a map", file: file, line: key.line)
      }
      if let first = lines.updateValue(key.line, forKey: key.text) {
        throw InputError("key `\(key.text)` is given twice, first on line \(first)", file: file, line: key.line)
      }
      let item = try value(startingWith: next(&parser), &parser, depth: depth + 1)
      entries.append(SettingsValue.Entry(key.text, item, line: key.line))
    }
  }

  private struct Event {
    var kind: yaml_event_type_t
    var line: Int
    var text = ""
    var isPlain = false
  }

  private func next(_ parser: inout yaml_parser_t) throws -> Event {
    var raw = yaml_event_t()
    guard yaml_parser_parse(&parser, &raw) == 1 else {
      let problem = parser.problem.map { String(cString: $0) } ?? "not readable"
      let line = parser.error == YAML_READER_ERROR ? nil : Int(parser.problem_mark.line) + 1
      throw InputError("not valid YAML: \(problem)", file: file, line: line)
    }
    defer { yaml_event_delete(&raw) }
    var event = Event(kind: raw.type, line: Int(raw.start_mark.line) + 1)
    switch raw.type {
    case YAML_SCALAR_EVENT:
      let scalar = raw.data.scalar
      try refuse(anchor: scalar.anchor, tag: scalar.tag, line: event.line)
      event.text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      event.isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
    case YAML_SEQUENCE_START_EVENT:
      try refuse(anchor: raw.data.sequence_start.anchor, tag: raw.data.sequence_start.tag, line: event.line)
    case YAML_MAPPING_START_EVENT:
      try refuse(anchor: raw.data.mapping_start.anchor, tag: raw.data.mapping_start.tag, line: event.line)
    case YAML_ALIAS_EVENT: throw InputError("aliases (*name) are not read", file: file, line: event.line)
    default: break
    }
    return event
  }

  private func refuse(anchor: UnsafeMutablePointer<UInt8>?, tag: UnsafeMutablePointer<UInt8>?, line: Int) throws {
    if anchor != nil { throw InputError("anchors (&name) are not read", file: file, line: line) }
    if tag != nil { throw InputError("tags (!name) are not read", file: file, line: line) }
  }
}
