import Structures

/// What of a frame ASE has no column for, in the binary form of ASE's `data`: eight bytes with the place of a JSON
/// text (arrays in between, which Halite does not write), then that text.
struct ASEData {
  var virial: [Double]?
  var moments: [SIMD3<Double>]?
  var magneticForces: [SIMD3<Double>]?
  var energyWithoutSmearing: Double?
  var energyWithoutEntropy: Double?
  var configType: String?
  var info: [InfoItem] = []
  var columns: [AtomColumn] = []

  static func bytes(_ frame: LabeledStructure) -> [UInt8] {
    var parts: [String] = []
    func add(_ key: String, _ value: String?) {
      if let value { parts.append("\"\(key)\":\(value)") }
    }
    let labels = frame.labels
    add("virial", labels.virial.map { list($0.rows) })
    if case .vectors(let values) = frame.structure.moments { add("magmoms", list(values)) }
    add("magnetic_forces", labels.magneticForces.map(list))
    add("energy_sigma0", labels.energyWithoutSmearing?.description)
    add("energy_no_entropy", labels.energyWithoutEntropy?.description)
    add("config_type", frame.configType.map(JSONText.quoted))
    if !frame.info.isEmpty {
      add(
        "info",
        "[" + frame.info.map { "[\(JSONText.quoted($0.key)),\(JSONText.quoted($0.value))]" }.joined(separator: ",")
          + "]")
    }
    if !frame.columns.isEmpty { add("columns", "[" + frame.columns.map(column).joined(separator: ",") + "]") }
    let text = parts.isEmpty ? "{}" : "{\"\(ASEDatabase.dataKey)\":{\(parts.joined(separator: ","))}}"
    return [8, 0, 0, 0, 0, 0, 0, 0] + Array(text.utf8)
  }

  private static func list(_ numbers: [Double]) -> String {
    "[" + numbers.map(\.description).joined(separator: ",") + "]"
  }

  private static func list(_ vectors: [SIMD3<Double>]) -> String {
    "[" + vectors.map { list([$0.x, $0.y, $0.z]) }.joined(separator: ",") + "]"
  }

  private static func column(_ column: AtomColumn) -> String {
    let values = column.values.map(JSONText.quoted).joined(separator: ",")
    let name = JSONText.quoted(column.name)
    return
      "{\"name\":\(name),\"kind\":\"\(column.kind.rawValue)\",\"width\":\(column.width),\"values\":[\(values)]}"
  }

  // MARK: Reading

  /// Takes Halite's part of `data`, and the names of what else is there.
  static func read(_ bytes: [UInt8], file: String) throws -> (data: ASEData, others: [String]) {
    var data = ASEData()
    var others: [String] = []
    var text = bytes[...]
    // Before version 9 the column is plain JSON.
    if let first = bytes.first, first != UInt8(ascii: "{"), bytes.count > 8 {
      let place = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard place >= 8, place < UInt64(bytes.count) else {
        throw InputError("data names a place beyond its end", file: file)
      }
      text = bytes[Int(place)...]
    }
    try text.withUnsafeBytes { bytes in
      guard !bytes.isEmpty else { return }
      var json = try JSONScanner(bytes, file: file)
      guard json.peek() == UInt8(ascii: "{") else { return }
      try json.object("data") { json, key in
        if key == ASEDatabase.dataKey { return try data.take(&json) }
        others.append(key)
        try json.skip()
      }
    }
    return (data, others)
  }

  private mutating func take(_ json: inout JSONScanner) throws {
    try json.object("data") { json, key in
      switch key {
      case "virial":
        let rows = try json.numbers(key)
        virial = rows.count == 9 ? rows : nil
      case "magmoms": moments = try json.vectors(key)
      case "magnetic_forces": magneticForces = try json.vectors(key)
      case "energy_sigma0": energyWithoutSmearing = try json.number(key)
      case "energy_no_entropy": energyWithoutEntropy = try json.number(key)
      case "config_type": configType = try json.string(key)
      case "info":
        try json.array(key) { json in
          var pair: [String] = []
          try json.array(key) { pair.append(try $0.string(key)) }
          if pair.count == 2 { info.append(InfoItem(key: pair[0], value: pair[1])) }
        }
      case "columns": try json.array(key) { if let column = try Self.column(&$0) { columns.append(column) } }
      default: try json.skip()
      }
    }
  }

  private static func column(_ json: inout JSONScanner) throws -> AtomColumn? {
    var column = AtomColumn(name: "", kind: .string, width: 0, values: [])
    try json.object("a column") { json, key in
      switch key {
      case "name": column.name = try json.string(key)
      case "kind": column.kind = try json.string(key).first.flatMap(AtomColumn.Kind.init) ?? .string
      case "width": column.width = try json.integer(key)
      case "values": try json.array(key) { column.values.append(try $0.string(key)) }
      default: try json.skip()
      }
    }
    return column.width > 0 && !column.name.isEmpty ? column : nil
  }
}
