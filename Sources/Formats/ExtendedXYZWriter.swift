import Structures

extension TextBuffer {
  /// One frame: count, comment line, rows.
  mutating func append(extendedXYZ frame: LabeledStructure) {
    append("\(frame.structure.count)\n")
    appendComment(frame)
    appendRows(frame)
  }

  private mutating func appendComment(_ frame: LabeledStructure) {
    let structure = frame.structure
    let labels = frame.labels
    var written: Set<String> = ["Lattice", "Properties", "pbc", "id"]
    if let lattice = structure.lattice {
      append("Lattice=\"\(numbers([lattice.a, lattice.b, lattice.c]))\" ")
    }
    append("Properties=\(properties(frame))")
    func key(_ name: String, _ value: String?) {
      guard let value else { return }
      written.insert(name)
      append(" \(name)=\(value)")
    }
    key("REF_energy", labels.energy?.description)
    key(LabelKeys.energyWithoutSmearing, labels.energyWithoutSmearing?.description)
    key(LabelKeys.energyWithoutEntropy, labels.energyWithoutEntropy?.description)
    if let virial = labels.virial {
      let stress = structure.volume.map { exactStress(virial, volume: $0) }
      key("REF_stress", stress.map { "\"\(numbers([$0.matrix.x, $0.matrix.y, $0.matrix.z]))\"" })
      if stress?.isExact != true { key("REF_virial", "\"\(numbers([virial.x, virial.y, virial.z]))\"") }
    }
    key("config_type", frame.configType.map(CommentLine.written))
    for item in frame.info where !written.contains(item.key) {
      append(" \(writtenKey(item.key))=\(CommentLine.written(item.value))")
    }
    if let file = frame.provenance.file, !frame.info.contains(where: { $0.key == "source" }) {
      key("source", CommentLine.written(file + (frame.provenance.index.map { "#\($0)" } ?? "")))
    }
    let flags = [structure.periodic.a, structure.periodic.b, structure.periodic.c].map { $0 ? "T" : "F" }
    append(" id=\(frame.id) pbc=\"\(flags.joined(separator: " "))\"\n")
  }

  private func writtenKey(_ key: String) -> String {
    let isPlain = !key.isEmpty && key.utf8.allSatisfy { $0 > 32 && !"=\"'\\[]{}".utf8.contains($0) }
    return isPlain ? key : CommentLine.written(key.isEmpty ? " " : key)
  }

  private func properties(_ frame: LabeledStructure) -> String {
    var text = "species:S:1:pos:R:3"
    if frame.labels.forces != nil { text += ":REF_forces:R:3" }
    switch frame.structure.moments {
    case .collinear: text += ":REF_magmoms:R:1"
    case .vectors: text += ":REF_magmoms:R:3"
    case nil: break
    }
    if frame.labels.magneticForces != nil { text += ":REF_magnetic_forces:R:3" }
    for column in frame.columns { text += ":\(column.name):\(column.kind.rawValue):\(column.width)" }
    return text
  }

  private mutating func appendRows(_ frame: LabeledStructure) {
    let structure = frame.structure
    for atom in 0..<structure.count {
      append(structure.elements[atom].symbol)
      append(fields: structure.positions[atom])
      if let forces = frame.labels.forces { append(fields: forces[atom]) }
      switch structure.moments {
      case .collinear(let values): append(" \(values[atom])")
      case .vectors(let values): append(fields: values[atom])
      case nil: break
      }
      if let forces = frame.labels.magneticForces { append(fields: forces[atom]) }
      for column in frame.columns {
        for value in column.values[atom * column.width..<(atom + 1) * column.width] { append(" \(value)") }
      }
      append("\n")
    }
  }

  private func numbers(_ rows: [SIMD3<Double>]) -> String {
    rows.flatMap { [$0.x, $0.y, $0.z] }.map(\.description).joined(separator: " ")
  }

  /// σ = −W/V, and whether −V σ gives W to the last bit. Of σ and its neighbours the one that does is taken.
  private func exactStress(_ virial: Matrix3, volume: Double) -> (matrix: Matrix3, isExact: Bool) {
    var isExact = true
    let rows = virial.rows.map { w in
      let stress = -w / volume
      let exact = [stress, stress.nextUp, stress.nextDown].first { -volume * $0 == w }
      if exact == nil { isExact = false }
      return exact ?? stress
    }
    return (Matrix3(rows: rows), isExact)
  }
}
