import Structures

/// LAMMPS dumps (`dump custom`): any number of frames with forces, eV/Å; units metal, or real (kcal/mol), converted.
///
/// Elements come from the column `element`, or from `ReadOptions.species` and the column `type`. Positions are x y z,
/// or else xu yu zu, xs ys zs, xsu ysu zsu; they are not shifted by the origin of the box. Rows are put in the order
/// of `id`. Other columns are kept. Boxes are taken as they are, restricted or general triclinic, with the periodic
/// directions of their `pp` marks. The time step is kept as the key `timestep`.
public enum LAMMPSDump: SequentialFormat {
  public static let metadata = FormatMetadata(
    name: "lammps-dump", suffixes: [".dump", ".lammpstrj"], description: "LAMMPS dump of any number of frames",
    carries: [.forces, .columns], holdsManyFrames: true)

  /// - Throws: `InputError` with file and line.
  public static func scan(
    bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions, take: (LabeledStructure) throws -> Void
  ) throws -> NoteTally {
    var reader = LAMMPSDumpReader(
      lines: try TextLines(bytes, file: file, checksAhead: false), species: options.species)
    while let frame = try reader.next() { try take(frame) }
    return reader.tally
  }

  /// - Throws: `InputError` for a frame without a cell, a left-handed cell that is not restricted, or a number that is
  ///   not finite.
  public static func write(_ frames: [LabeledStructure]) throws -> [UInt8] {
    try write(frames, options: WriteOptions())
  }

  public static func write(_ frames: [LabeledStructure], options: WriteOptions) throws -> [UInt8] {
    let types = try TypeTable(writing: frames, species: options.species)
    var text = TextBuffer()
    for (index, frame) in frames.enumerated() {
      try frame.requireFinite()
      guard let lattice = frame.structure.lattice else {
        throw InputError("\(frame.name) is a free cluster, and a dump has a box", remedy: "write extxyz")
      }
      try LAMMPSCell(lattice).requireRightHanded(frame)
      let step = frame.value(ofKey: "timestep").flatMap { Int($0) } ?? options.framesBefore + index
      text.append("ITEM: TIMESTEP\n\(step)\nITEM: NUMBER OF ATOMS\n\(frame.structure.count)\n")
      text.append(box(LAMMPSCell(lattice), frame.structure.periodic))
      text.append(dumpRows: frame, types)
    }
    return text.bytes
  }

  private static func box(_ cell: LAMMPSCell, _ periodic: Periodicity) -> String {
    let marks = [periodic.a, periodic.b, periodic.c].map { $0 ? "pp" : "ff" }.joined(separator: " ")
    let l = cell.lattice
    guard cell.isRestricted else {
      let rows = [l.a, l.b, l.c].map { "\($0.x) \($0.y) \($0.z) 0.0\n" }.joined()
      return "ITEM: BOX BOUNDS abc origin \(marks)\n\(rows)"
    }
    let high = SIMD3(l.a.x, l.b.y, l.c.z)
    if cell.isOrthogonal {
      return "ITEM: BOX BOUNDS \(marks)\n" + (0..<3).map { "0.0 \(high[$0])\n" }.joined()
    }
    let (below, above) = LAMMPSCell.overhang(cell.tilts)
    let rows = (0..<3).map { k in
      "\(below[k]) \(bound(high[k], above: above[k], below: below[k])) \(cell.tilts[k])\n"
    }
    return "ITEM: BOX BOUNDS xy xz yz \(marks)\n" + rows.joined()
  }

  /// high + above, or a neighbour of it, so that the reader's subtraction gives the same bits.
  private static func bound(_ high: Double, above: Double, below: Double) -> Double {
    let sum = high + above
    return [sum, sum.nextUp, sum.nextDown].first { $0 - above == high } ?? sum
  }

  public static func remark(writing frame: LabeledStructure) -> String? { LAMMPSCell.remark(frame) }
}

extension TextBuffer {
  fileprivate mutating func append(dumpRows frame: LabeledStructure, _ types: TypeTable) {
    let structure = frame.structure
    append("ITEM: ATOMS id type element x y z")
    if frame.labels.forces != nil { append(" fx fy fz") }
    let own: Set<String> = ["id", "type", "element", "x", "y", "z", "fx", "fy", "fz"]
    let columns = frame.columns.filter { !own.contains($0.name) }
    for column in columns {
      for k in 0..<column.width { append(" \(column.name)" + (column.width > 1 ? "[\(k + 1)]" : "")) }
    }
    append("\n")
    for (atom, element) in structure.elements.enumerated() {
      append("\(atom + 1) \(types.number(of: element) + 1) \(element.symbol)")
      append(fields: structure.positions[atom])
      if let forces = frame.labels.forces { append(fields: forces[atom]) }
      for column in columns {
        for value in column.values[atom * column.width..<(atom + 1) * column.width] { append(" \(value)") }
      }
      append("\n")
    }
  }
}
