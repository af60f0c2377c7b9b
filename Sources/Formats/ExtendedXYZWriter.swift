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
    var written = ["Lattice", "Properties", "pbc", "id"]
    if let lattice = structure.lattice {
      append("Lattice=\"")
      append(row: [lattice.a, lattice.b, lattice.c])
      append("\" ")
    }
    append("Properties=")
    append(properties(frame))
    func key(_ name: String) {
      written.append(name)
      append(byte: 32)
      append(name)
      append(byte: UInt8(ascii: "="))
    }
    func number(_ name: String, _ value: Double?) {
      guard let value else { return }
      key(name)
      append(value)
    }
    func matrix(_ name: String, _ value: Matrix3) {
      key(name)
      append("\"")
      append(row: [value.x, value.y, value.z])
      append("\"")
    }
    number("REF_energy", labels.energy)
    number(LabelKeys.energyWithoutSmearing, labels.energyWithoutSmearing)
    number(LabelKeys.energyWithoutEntropy, labels.energyWithoutEntropy)
    if let virial = labels.virial {
      let stress = structure.volume.map { exactStress(virial, volume: $0) }
      if let stress { matrix("REF_stress", stress.matrix) }
      if stress?.isExact != true { matrix("REF_virial", virial) }
    }
    if let group = frame.configType {
      key("config_type")
      append(CommentLine.written(group))
    }
    for item in frame.info where !written.contains(item.key) {
      append(byte: 32)
      append(CommentLine.writtenKey(item.key))
      append(byte: UInt8(ascii: "="))
      append(CommentLine.written(item.value))
    }
    if let file = frame.provenance.file, !frame.info.contains(where: { $0.key == "source" }) {
      append(" source=")
      append(CommentLine.written(file + (frame.provenance.index.map { "#\($0)" } ?? "")))
    }
    append(" id=")
    append(frame.id)
    append(" pbc=\"")
    append(structure.periodic.a ? "T " : "F ")
    append(structure.periodic.b ? "T " : "F ")
    append(structure.periodic.c ? "T\"\n" : "F\"\n")
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
      case .collinear(let values):
        append(byte: 32)
        append(values[atom])
      case .vectors(let values): append(fields: values[atom])
      case nil: break
      }
      if let forces = frame.labels.magneticForces { append(fields: forces[atom]) }
      for column in frame.columns {
        for value in column.values[atom * column.width..<(atom + 1) * column.width] { append(" \(value)") }
      }
      append(byte: 10)
    }
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
