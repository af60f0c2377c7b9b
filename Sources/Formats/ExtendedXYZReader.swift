import Structures

struct ExtendedXYZReader {
  private var lines: TextLines
  private var frames: [LabeledStructure] = []
  private var tally = NoteTally()
  private var layout: RowLayout?
  private var layoutText = ""
  /// Line of the last count of atoms.
  private var countLine = 0

  init(lines: TextLines) { self.lines = lines }

  mutating func read() throws -> FrameFile {
    while let line = lines.nextFilled() { frames.append(try frame(count: try count(line))) }
    return FrameFile(frames: frames, tally: tally)
  }

  private mutating func count(_ line: TextSlice) throws(InputError) -> Int {
    var fields = Fields(line)
    if let word = fields.next(), fields.isAtEnd, let count = word.integer {
      guard count > 0 else { throw lines.error("a frame of 0 atoms") }
      countLine = lines.number
      return count
    }
    if frames.isEmpty { throw lines.error("found \(line.quoted), expected the number of atoms") }
    throw lines.error(
      "found \(line.quoted), expected the number of atoms of the next frame",
      remedy: "does line \(countLine) give the right number of atoms?")
  }

  private mutating func frame(count: Int) throws -> LabeledStructure {
    guard let line = lines.next() else {
      throw lines.error("the file ends behind the number of atoms", remedy: "the file may be truncated")
    }
    var provenance = Provenance(file: lines.file, index: frames.count, line: countLine)
    var labels = Labels()
    var comment: CommentLine
    var info: [InfoItem] = []
    if let parsed = try self.comment(line) {
      comment = parsed
    } else {
      comment = CommentLine(emptyAt: line)
      info = line.isBlank ? [] : [InfoItem(key: "comment", value: line.text)]
    }
    let layout: RowLayout
    let lattice: Lattice?
    let periodic: Periodicity
    let id: String?
    let configType: String?
    do {
      layout = try self.layout(&comment)
      (lattice, periodic) = try cell(&comment)
      try readEnergies(&comment, into: &labels, &provenance)
      try readVirial(&comment, volume: periodic == .all ? lattice?.volume : nil, into: &labels, &provenance)
      id = try self.id(&comment)
      configType = try comment.take("config_type")?.text
    } catch let error as CommentLine.Malformed {
      throw lines.error(error.reason)
    } catch let error as RowLayout.Malformed {
      throw lines.error(error.reason)
    }
    for item in comment.items where !item.isTaken { info.append(InfoItem(key: item.key, value: item.text)) }
    noteRivals(layout)
    let rows = try self.rows(count, layout)
    provenance.forcesKey = layout.forcesKey
    labels.forces = layout.forcesKey == nil ? nil : rows.forces
    labels.magneticForces = rows.magneticForces.isEmpty ? nil : rows.magneticForces
    let structure = Structure(
      lattice: lattice, periodic: periodic, elements: rows.elements, positions: rows.positions,
      moments: rows.moments)
    return LabeledStructure(
      id: id, structure: structure, labels: labels, provenance: provenance, configType: configType, info: info,
      columns: rows.columns(layout))
  }

  /// The keys and values of a comment line; nil for the free text of a plain XYZ file.
  private func comment(_ line: TextSlice) throws(InputError) -> CommentLine? {
    let isPlain = !line.bytes.contains(UInt8(ascii: "="))
    if isPlain { return nil }
    do throws(CommentLine.Malformed) {
      return try CommentLine(line)
    } catch {
      throw lines.error(error.reason)
    }
  }

  private mutating func layout(_ comment: inout CommentLine) throws -> RowLayout {
    guard let item = try comment.take("Properties") else {
      try refuseMisspelled("Properties", in: comment)
      return try RowLayout.plain()
    }
    let text = item.text
    if let layout, text == layoutText { return layout }
    let new = try RowLayout(text)
    layout = new
    layoutText = text
    return new
  }

  /// A key that only differs in case from one that decides how everything else is read.
  private func refuseMisspelled(_ key: String, in comment: CommentLine) throws(InputError) {
    guard let found = comment.items.first(where: { $0.key.lowercased() == key.lowercased() }) else { return }
    throw lines.error("found the key \(found.key)", remedy: "write \(key)")
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
    for (taken, kept) in layout.rivals {
      tally.add("column \(taken) read; column \(kept) stands there too and is kept uninterpreted")
    }
  }
}

// MARK: - The comment line

extension ExtendedXYZReader {
  private func numbers(_ item: CommentLine.Item, counts: [Int]) throws(InputError) -> [Double] {
    let words = item.words
    guard counts.contains(words.count) else {
      let expected = counts.map(String.init).joined(separator: " or ")
      throw lines.error("\(item.key) has \(words.count) numbers, expected \(expected)")
    }
    var values: [Double] = []
    for word in words {
      guard let value = word.number() else { throw lines.numberError(word, item.key) }
      values.append(value)
    }
    return values
  }

  private func cell(_ comment: inout CommentLine) throws -> (Lattice?, Periodicity) {
    let written = try comment.take("pbc").map { try periodicity($0) }
    guard let item = try comment.take("Lattice") else {
      try refuseMisspelled("Lattice", in: comment)
      guard written == nil || written == Periodicity.none else {
        throw lines.error("pbc says periodic, but there is no Lattice", remedy: "give Lattice or pbc=\"F F F\"")
      }
      return (nil, .none)
    }
    let n = try numbers(item, counts: [9])
    let lattice = Lattice(a: [n[0], n[1], n[2]], b: [n[3], n[4], n[5]], c: [n[6], n[7], n[8]])
    // ASE writes a molecule's missing cell as nine zeros.
    if written == Periodicity.none, n.allSatisfy({ $0 == 0 }) { return (nil, .none) }
    guard lattice.isRegular else {
      throw lines.error(
        "the cell has no volume: Lattice=\"\(item.text)\"", remedy: "a free cluster has no Lattice")
    }
    return (lattice, written ?? .all)
  }

  private func periodicity(_ item: CommentLine.Item) throws(InputError) -> Periodicity {
    var flags: [Bool] = []
    for word in item.words {
      switch word.text.lowercased() {
      case "t", "true", ".true.", "1": flags.append(true)
      case "f", "false", ".false.", "0": flags.append(false)
      default: throw lines.error("pbc holds \(word.quoted), expected T or F")
      }
    }
    guard flags.count == 3 else { throw lines.error("pbc has \(flags.count) values, expected 3") }
    return Periodicity(flags[0], flags[1], flags[2])
  }

  private mutating func readEnergies(
    _ comment: inout CommentLine, into labels: inout Labels, _ provenance: inout Provenance
  ) throws {
    let present = LabelKeys.energy.filter(comment.contains)
    if let key = present.first, let item = try comment.take(key) {
      labels.energy = try numbers(item, counts: [1])[0]
      provenance.energyKey = key
      noteKept(key, present)
    }
    if let item = try comment.take(LabelKeys.energyWithoutSmearing) {
      labels.energyWithoutSmearing = try numbers(item, counts: [1])[0]
    }
    if let item = try comment.take(LabelKeys.energyWithoutEntropy) {
      labels.energyWithoutEntropy = try numbers(item, counts: [1])[0]
    }
  }

  /// - Parameter volume: Å³; nil where the frame does not repeat in three directions. A stress then has no volume to
  ///   be multiplied by, and stays uninterpreted.
  private mutating func readVirial(
    _ comment: inout CommentLine, volume: Double?, into labels: inout Labels, _ provenance: inout Provenance
  ) throws {
    let present = LabelKeys.virial.filter(comment.contains)
    let usable = present.filter { volume != nil || !LabelKeys.isStress($0) }
    for key in present where volume == nil && LabelKeys.isStress(key) {
      tally.add("\(key) kept uninterpreted: not periodic in three directions, so it has no volume")
    }
    guard let key = usable.first, let item = try comment.take(key) else { return }
    let virial = try self.virial(item, volume: volume)
    labels.virial = virial
    provenance.stressKey = key
    // The writer gives REF_stress a REF_virial where it is needed for the last bit: both are understood.
    let both = key == "REF_virial" && usable.contains("REF_stress")
    let kept = both ? present.filter { $0 != "REF_stress" } : present
    for other in usable.dropFirst() {
      guard let item = comment.items.first(where: { $0.key == other }) else { continue }
      let difference = (try self.virial(item, volume: volume) - virial).largest
      if difference > 1e-3 * (1 + virial.largest) { tally.add("\(other) and \(key) disagree; \(key) taken") }
    }
    if both { _ = try comment.take("REF_stress") }
    noteKept(key, kept)
  }

  /// W of a virial, or −V σ of a stress, eV.
  private func virial(_ item: CommentLine.Item, volume: Double?) throws(InputError) -> Matrix3 {
    let values = try numbers(item, counts: [6, 9])
    let matrix = values.count == 6 ? Matrix3(voigt: values) : Matrix3(rows: values)
    guard LabelKeys.isStress(item.key), let volume else { return matrix }
    return -volume * matrix
  }

  private mutating func noteKept(_ taken: String, _ present: [String]) {
    for kept in present where kept != taken {
      tally.add("\(taken) taken; \(kept) stands there too and is kept uninterpreted")
    }
  }

  private mutating func id(_ comment: inout CommentLine) throws -> String? {
    guard let item = try comment.take("id") else { return nil }
    if isFrameID(item.text) { return item.text }
    comment.giveBack("id", as: "original_id")
    tally.add("the key id holds no id of Halite and is kept as original_id")
    return nil
  }
}

extension Matrix3 {
  /// The largest size of an element.
  fileprivate var largest: Double { rows.reduce(0) { max($0, abs($1)) } }
}
