import Structures

/// Text of a file that is being written.
struct TextBuffer {
  private(set) var bytes: [UInt8] = []
  private var numbers = NumberTexts()

  mutating func append(_ text: some StringProtocol) { bytes.append(contentsOf: text.utf8) }

  mutating func append(byte: UInt8) { bytes.append(byte) }

  /// The shortest text that reads back as the same bits.
  mutating func append(_ number: Double) { numbers.append(number, to: &bytes) }

  /// Numbers with a blank before each.
  mutating func append(fields vector: SIMD3<Double>) {
    for k in 0..<3 {
      bytes.append(32)
      append(vector[k])
    }
  }

  /// Numbers with a blank between them.
  mutating func append(row vectors: [SIMD3<Double>]) {
    for (k, vector) in vectors.enumerated() {
      if k > 0 { bytes.append(32) }
      append(vector.x)
      bytes.append(32)
      append(vector.y)
      bytes.append(32)
      append(vector.z)
    }
  }
}

/// Numbers and their texts, the latest of each slot: frames on the same sites, or in the same cell, write the same
/// numbers again and again, and finding the shortest text is most of the work of writing.
private struct NumberTexts {
  private static let slotBits = 10
  /// The longest text of a finite double has 24 characters.
  private static let width = 24

  private var bits: [UInt64] = []
  /// 0 for a slot without a number.
  private var lengths: [UInt8] = []
  private var texts: [UInt8] = []

  mutating func append(_ number: Double, to bytes: inout [UInt8]) {
    if lengths.isEmpty { makeSlots() }
    let key = number.bitPattern
    let slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - Self.slotBits))
    if lengths[slot] == 0 || bits[slot] != key {
      let text = number.description
      guard text.utf8.count <= Self.width else { return bytes.append(contentsOf: text.utf8) }
      for (k, byte) in text.utf8.enumerated() { texts[slot * Self.width + k] = byte }
      lengths[slot] = UInt8(text.utf8.count)
      bits[slot] = key
    }
    let start = slot * Self.width
    bytes.append(contentsOf: texts[start..<start + Int(lengths[slot])])
  }

  private mutating func makeSlots() {
    bits = [UInt64](repeating: 0, count: 1 << Self.slotBits)
    lengths = [UInt8](repeating: 0, count: 1 << Self.slotBits)
    texts = [UInt8](repeating: 0, count: Self.width << Self.slotBits)
  }
}

extension LabeledStructure {
  /// - Throws: `InputError` where a number of the frame is not finite: no reader would take it back.
  func requireFinite() throws(InputError) {
    func check(_ name: String, _ isFinite: Bool) throws(InputError) {
      guard isFinite else { throw InputError("the \(name) of \(self.name) hold a number that is not finite") }
    }
    func allFinite(_ vectors: [SIMD3<Double>]?) -> Bool { vectors?.allSatisfy { $0.isFinite } ?? true }
    if let lattice = structure.lattice {
      try check("lattice", lattice.a.isFinite && lattice.b.isFinite && lattice.c.isFinite)
    }
    try check("positions", allFinite(structure.positions))
    try check("energy", labels.energy?.isFinite ?? true)
    try check("forces", allFinite(labels.forces))
    if let virial = labels.virial {
      try check("virial", virial.x.isFinite && virial.y.isFinite && virial.z.isFinite)
    }
    try check("magnetic forces", allFinite(labels.magneticForces))
    try check("energy without smearing", labels.energyWithoutSmearing?.isFinite ?? true)
    try check("energy without entropy", labels.energyWithoutEntropy?.isFinite ?? true)
    switch structure.moments {
    case .collinear(let values): try check("moments", values.allSatisfy { $0.isFinite })
    case .vectors(let values): try check("moments", allFinite(values))
    case nil: break
    }
  }
}

extension LabeledStructure {
  /// How a generated frame is made again, for the comments of formats without keys: "recipe: …; seed: …"; nil for
  /// frames that have no such keys.
  var origin: String? {
    let parts = ["host", "recipe", "seed"].compactMap { key in
      value(ofKey: key).map { key + ": " + $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}

extension SIMD3<Double> {
  var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }
}

/// True for 64 hexadecimal digits: an id that Halite gave.
func isFrameID(_ text: String) -> Bool {
  text.utf8.count == 64 && text.utf8.allSatisfy { $0 &- 48 <= 9 || $0 &- 97 <= 5 }
}
