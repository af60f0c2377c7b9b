import Structures

/// Text of a file that is being written.
struct TextBuffer {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ text: some StringProtocol) { bytes.append(contentsOf: text.utf8) }

  /// The shortest text that reads back as the same bits.
  mutating func append(_ number: Double) { append(number.description) }

  /// Numbers with a blank before each.
  mutating func append(fields vector: SIMD3<Double>) {
    for k in 0..<3 {
      bytes.append(32)
      append(vector[k])
    }
  }
}

extension LabeledStructure {
  /// - Throws: `InputError` where a number of the frame is not finite: no reader would take it back.
  func requireFinite() throws(InputError) {
    let lattice = structure.lattice.map { [$0.a, $0.b, $0.c] } ?? []
    let virial = labels.virial.map { [$0.x, $0.y, $0.z] } ?? []
    var parts: [(name: String, isFinite: Bool)] = [
      ("lattice", lattice.allSatisfy(\.isFinite)), ("positions", structure.positions.allSatisfy(\.isFinite)),
      ("energy", labels.energy?.isFinite ?? true), ("forces", labels.forces?.allSatisfy(\.isFinite) ?? true),
      ("virial", virial.allSatisfy(\.isFinite)),
      ("magnetic forces", labels.magneticForces?.allSatisfy(\.isFinite) ?? true),
      ("energy without smearing", labels.energyWithoutSmearing?.isFinite ?? true),
      ("energy without entropy", labels.energyWithoutEntropy?.isFinite ?? true),
    ]
    switch structure.moments {
    case .collinear(let values): parts.append(("moments", values.allSatisfy(\.isFinite)))
    case .vectors(let values): parts.append(("moments", values.allSatisfy(\.isFinite)))
    case nil: break
    }
    if let part = parts.first(where: { !$0.isFinite }) {
      throw InputError("the \(part.name) of \(name) hold a number that is not finite")
    }
  }
}

extension SIMD3<Double> {
  var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }
}

/// True for 64 hexadecimal digits: an id that Halite gave.
func isFrameID(_ text: String) -> Bool {
  text.utf8.count == 64 && text.utf8.allSatisfy { $0 &- 48 <= 9 || $0 &- 97 <= 5 }
}
