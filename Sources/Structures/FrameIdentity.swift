import CCrypto

/// Who a frame is: an exact id where the file carries it, a tolerant comparison where it does not.
public enum FrameIdentity {
  /// SHA-256 (hexadecimal) of the frame's canonical content.
  ///
  /// The content is, little-endian: "halite-frame-1", the number of atoms, atomic numbers, a flag and nine numbers
  /// of the lattice, three periodicity flags, positions (Å), then for each of energy (eV), forces (eV/Å),
  /// virial (eV), moments (μB) a flag and the numbers. −0 counts as 0. Two frames have the same id only if all of
  /// these are the same bits.
  public static func exact(_ structure: Structure, _ labels: Labels) -> String {
    var content = CanonicalContent(elements: structure.elements)
    content.append(structure.lattice, structure.periodic)
    content.append(optional: structure.positions)
    content.append(optional: labels.energy.map { [SIMD3($0, 0, 0)] })
    content.append(optional: labels.forces)
    content.append(optional: labels.virial.map { [$0.x, $0.y, $0.z] })
    switch structure.moments {
    case .collinear(let values): content.append(optional: values.map { SIMD3(0, 0, $0) })
    case .vectors(let values): content.append(optional: values)
    case nil: content.append(optional: nil)
    }
    return sha256(content.bytes)
  }

  /// SHA-256 of bytes, 64 hexadecimal digits.
  public static func sha256(_ bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    let done = EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
    precondition(done == 1, "libcrypto has no SHA-256")
    return String(unsafeUninitializedCapacity: 64) { text in
      func digit(_ value: UInt8) -> UInt8 { value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10) }
      for (k, byte) in digest.enumerated() {
        text[2 * k] = digit(byte >> 4)
        text[2 * k + 1] = digit(byte & 15)
      }
      return 64
    }
  }

  /// The same of ids in their short form.
  public static func hash(of ids: [FrameID]) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(65 * ids.count)
    for id in ids.sorted() {
      bytes += id.text.utf8
      bytes.append(10)
    }
    return sha256(bytes)
  }

  /// SHA-256 over sorted ids: the hash of a data set or of one part of it, whatever the order of its frames.
  public static func hash(ofIDs ids: some Sequence<String>) -> String {
    sha256(ids.sorted().flatMap { Array($0.utf8) + [10] })
  }
}

/// Bytes of a frame in a form that does not depend on the machine.
struct CanonicalContent {
  var bytes: [UInt8] = []

  init() {}

  /// The beginning of a frame.
  init(elements: [ChemicalElement]) {
    bytes.reserveCapacity(256 + 56 * elements.count)
    bytes.append(contentsOf: "halite-frame-1".utf8)
    append(integer: elements.count)
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: 8 * elements.count))
    bytes.withUnsafeMutableBytes { buffer in
      for (index, element) in elements.enumerated() {
        buffer.storeBytes(
          of: Int64(element.atomicNumber).littleEndian, toByteOffset: start + 8 * index, as: Int64.self)
      }
    }
  }

  mutating func append(_ lattice: Lattice?, _ periodic: Periodicity) {
    append(optional: lattice.map { [$0.a, $0.b, $0.c] })
    for flag in [periodic.a, periodic.b, periodic.c] { append(integer: flag ? 1 : 0) }
  }

  mutating func append(integer: Int) {
    withUnsafeBytes(of: Int64(integer).littleEndian) { bytes += $0 }
  }

  mutating func append(optional vectors: [SIMD3<Double>]?) {
    append(integer: vectors == nil ? 0 : 1)
    if let vectors { append(vectors: vectors) }
  }

  mutating func append(vectors: [SIMD3<Double>]) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: 24 * vectors.count))
    bytes.withUnsafeMutableBytes { buffer in
      for (index, vector) in vectors.enumerated() {
        for k in 0..<3 {
          let bits = (vector[k] == 0 ? 0 : vector[k]).bitPattern.littleEndian
          buffer.storeBytes(of: bits, toByteOffset: start + 24 * index + 8 * k, as: UInt64.self)
        }
      }
    }
  }
}
