import Structures

struct ExtendedXYZReader {
  private var lines: TextLines
  private let keys: KeyChoice
  private(set) var tally = NoteTally()
  /// Frames of the file up to here, those before these bytes included.
  private var index: Int
  private var layout: RowLayout?
  private var layoutText = ""
  /// Line of the last count of atoms.
  private var countLine = 0

  init(lines: TextLines, keys: KeyChoice = KeyChoice(), framesBefore: Int = 0) {
    self.lines = lines
    index = framesBefore
    self.keys = keys
  }

  /// The next frame, nil at the end of the file.
  mutating func next() throws -> LabeledStructure? {
    guard let line = lines.nextFilled() else { return nil }
    let frame = try frame(count: try count(line))
    index += 1
    return frame
  }

  private mutating func count(_ line: TextSlice) throws(InputError) -> Int {
    var fields = Fields(line)
    if let word = fields.next(), fields.isAtEnd, let count = word.integer {
      guard count > 0 else { throw lines.error("a frame of 0 atoms") }
      countLine = lines.number
      return count
    }
    if index == 0 { throw lines.error("found \(line.quoted), expected the number of atoms") }
    throw lines.error(
      "found \(line.quoted), expected the number of atoms of the next frame",
      remedy: "does line \(countLine) give the right number of atoms?")
  }

  private mutating func frame(count: Int) throws -> LabeledStructure {
    guard let line = lines.next() else {
      throw lines.error("the file ends behind the number of atoms", remedy: "the file may be truncated")
    }
    var head: ExtendedXYZHead
    do {
      head = try self.head(line)
    } catch let error as CommentLine.Malformed {
      throw lines.error(error.reason)
    } catch let error as RowLayout.Malformed {
      throw lines.error(error.reason)
    }
    noteRivals(head.layout)
    let rows = try self.rows(count, head.layout)
    head.labels.forces = head.layout.forcesKey == nil ? nil : rows.forces
    head.labels.magneticForces = rows.magneticForces.isEmpty ? nil : rows.magneticForces
    let structure = Structure(
      lattice: head.lattice, periodic: head.periodic, elements: rows.elements, positions: rows.positions,
      moments: rows.moments)
    return LabeledStructure(
      id: head.id, structure: structure, labels: head.labels, provenance: head.provenance,
      configType: head.configType, info: head.info, columns: rows.columns(head.layout))
  }

  private mutating func head(_ line: TextSlice) throws -> ExtendedXYZHead {
    let provenance = Provenance(file: lines.file, index: index, line: countLine)
    guard var comment = try self.comment(line) else {
      var head = ExtendedXYZHead(layout: try RowLayout.plain(), provenance: provenance)
      head.info = line.isBlank ? [] : [InfoItem(key: "comment", value: line.text)]
      return head
    }
    var head = ExtendedXYZHead(layout: try layout(&comment), provenance: provenance)
    head.provenance.forcesKey = head.layout.forcesKey
    var reader = ExtendedXYZHeadReader(comment, head, keys: keys, lines: lines)
    head = try reader.read()
    tally.add(reader.notes)
    return head
  }

  /// The keys and values of a comment line; nil for the free text of a plain XYZ file, which may be anything.
  private func comment(_ line: TextSlice) throws(InputError) -> CommentLine? {
    guard line.bytes.contains(UInt8(ascii: "=")) else { return nil }
    do throws(CommentLine.Malformed) {
      return try CommentLine(line)
    } catch {
      let isExtended = ["properties=", "lattice="].contains { line.text.lowercased().contains($0) }
      guard isExtended else { return nil }
      throw lines.error(error.reason)
    }
  }

  private mutating func layout(_ comment: inout CommentLine) throws -> RowLayout {
    guard let item = try comment.take("Properties") else {
      try comment.refuseMisspelled("Properties")
      return try RowLayout.plain()
    }
    let text = item.text
    if let layout, text == layoutText { return layout }
    let new = try RowLayout(text, forcesKey: keys.forces)
    layout = new
    layoutText = text
    return new
  }

  private mutating func rows(_ count: Int, _ layout: RowLayout) throws(InputError) -> AtomRows {
    let width = layout.width
    try lines.requireRoom(for: count, minimum: 2 * width)
    var rows = AtomRows(count: count, layout: layout)
    let roles = layout.roles
    for atom in 0..<count {
      guard let line = lines.next() else {
        throw lines.error("the file ends after \(atom) of \(count) atoms", remedy: "the file may be truncated")
      }
      if !rows.append(line, roles: roles) { throw rowError(line, atom: atom, count: count, layout) }
    }
    return rows
  }

  private func rowError(_ line: TextSlice, atom: Int, count: Int, _ layout: RowLayout) -> InputError {
    let words = Array(Fields(line))
    if words.count != layout.width {
      let remedy =
        layout.width == 4 && words.count > 4
        ? "name the columns by Properties=…" : "does line \(countLine) give the right number of atoms?"
      return lines.error(
        "atom \(atom + 1) of \(count) has \(words.count) values, expected \(layout.width) (\(layout.names))",
        remedy: remedy)
    }
    var start = 0
    for (column, role) in zip(layout.columns, layout.roles) {
      let part = words[start..<start + column.width]
      start += column.width
      switch role {
      case .other: continue
      case .species, .atomicNumber:
        if let word = part.first, word.element == nil { return lines.elementError(word) }
      default:
        if let word = part.first(where: { $0.number() == nil }) {
          return lines.numberError(word, "\(column.name) of atom \(atom + 1)")
        }
      }
    }
    return lines.error("atom \(atom + 1) cannot be read")
  }

  private mutating func noteRivals(_ layout: RowLayout) {
    if let key = layout.momentsKey { tally.add("moments read from column \(key)") }
    if layout.momentsKey == nil, layout.others.contains(where: { $0.name == LabelKeys.initialMoments }) {
      tally.add(initialMomentsNote)
    }
    for (taken, kept) in layout.rivals {
      tally.add("column \(taken) read; column \(kept) stands there too and is kept uninterpreted")
    }
  }
}
