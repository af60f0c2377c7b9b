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
    var content = CanonicalContent()
    content.append(text: "halite-frame-1")
    content.append(integer: structure.count)
    for element in structure.elements { content.append(integer: element.atomicNumber) }
    content.append(optional: structure.lattice.map { [$0.a, $0.b, $0.c] })
    for flag in [structure.periodic.a, structure.periodic.b, structure.periodic.c] {
      content.append(integer: flag ? 1 : 0)
    }
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
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
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
private struct CanonicalContent {
  var bytes: [UInt8] = []

  mutating func append(text: String) { bytes += Array(text.utf8) }

  mutating func append(integer: Int) {
    withUnsafeBytes(of: Int64(integer).littleEndian) { bytes += $0 }
  }

  mutating func append(optional vectors: [SIMD3<Double>]?) {
    append(integer: vectors == nil ? 0 : 1)
    guard let vectors else { return }
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
