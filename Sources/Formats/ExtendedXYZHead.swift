import Structures

/// What the comment line of an extxyz frame says.
struct ExtendedXYZHead {
  let layout: RowLayout
  var provenance: Provenance
  var lattice: Lattice?
  var periodic = Periodicity.none
  var labels = Labels()
  var id: String?
  var configType: String?
  /// Keys that are not interpreted.
  var info: [InfoItem] = []

  init(layout: RowLayout, provenance: Provenance) {
    self.layout = layout
    self.provenance = provenance
  }
}

/// Takes cell, labels and identity from the keys of a comment line.
struct ExtendedXYZHeadReader {
  private var comment: CommentLine
  private var head: ExtendedXYZHead
  private let keys: KeyChoice
  /// For errors: the line that was read last is the comment line.
  private let lines: TextLines
  private(set) var notes = NoteTally()

  init(_ comment: CommentLine, _ head: ExtendedXYZHead, keys: KeyChoice, lines: TextLines) {
    self.comment = comment
    self.head = head
    self.keys = keys
    self.lines = lines
  }

  /// - Throws: `InputError`, or `CommentLine.Malformed`, which knows no line.
  mutating func read() throws -> ExtendedXYZHead {
    try readCell()
    try readEnergies()
    try readVirial(volume: head.periodic == .all ? head.lattice?.volume : nil)
    try readID()
    head.configType = try comment.take("config_type")?.text
    for item in comment.items where !item.isTaken { head.info.append(InfoItem(key: item.key, value: item.text)) }
    return head
  }

  private func numbers(_ item: CommentLine.Item, counts: [Int]) throws(InputError) -> [Double] {
    var words = item.words
    // ASE writes nested lists as "_JSON [[…], …]", row by row.
    if words.first?.equals("_JSON") ?? false { words.removeFirst() }
    guard counts.contains(words.count) else {
      let expected = counts.map(String.init).joined(separator: " or ")
      throw lines.error("\(item.key) has \(words.count) numbers, expected \(expected)")
    }
    var values: [Double] = []
    values.reserveCapacity(words.count)
    for word in words {
      guard let value = word.number() else { throw lines.numberError(word, item.key) }
      values.append(value)
    }
    return values
  }

  // MARK: Cell

  private mutating func readCell() throws {
    let written = try comment.take("pbc").map { try periodicity($0) }
    guard let item = try comment.take("Lattice") else {
      try comment.refuseMisspelled("Lattice")
      guard written == nil || written == Periodicity.none else {
        throw lines.error("pbc says periodic, but there is no Lattice", remedy: "give Lattice or pbc=\"F F F\"")
      }
      return
    }
    let n = try numbers(item, counts: [9])
    // ASE writes a molecule's missing cell as nine zeros.
    if written == Periodicity.none, n.allSatisfy({ $0 == 0 }) { return }
    let lattice = Lattice(a: [n[0], n[1], n[2]], b: [n[3], n[4], n[5]], c: [n[6], n[7], n[8]])
    guard lattice.isRegular else {
      throw lines.error(
        "the cell has no volume: Lattice=\"\(item.text)\"", remedy: "a free cluster has no Lattice")
    }
    head.lattice = lattice
    head.periodic = written ?? .all
  }

  private func periodicity(_ item: CommentLine.Item) throws(InputError) -> Periodicity {
    var flags: [Bool] = []
    for word in item.words {
      guard let flag = word.flag else { throw lines.error("pbc holds \(word.quoted), expected T or F") }
      flags.append(flag)
    }
    guard flags.count == 3 else { throw lines.error("pbc has \(flags.count) values, expected 3") }
    return Periodicity(flags[0], flags[1], flags[2])
  }

  // MARK: Labels

  private mutating func readEnergies() throws {
    let present = (keys.energy.map { [$0] } ?? LabelKeys.energy).filter(comment.contains)
    if let key = present.first {
      head.labels.energy = try takeNumber(key)
      head.provenance.energyKey = key
      noteKept(key, present)
    }
    head.labels.energyWithoutSmearing = try takeNumber(LabelKeys.energyWithoutSmearing)
    head.labels.energyWithoutEntropy = try takeNumber(LabelKeys.energyWithoutEntropy)
  }

  private mutating func takeNumber(_ key: String) throws -> Double? {
    guard let item = try comment.take(key) else { return nil }
    return try numbers(item, counts: [1])[0]
  }

  /// - Parameter volume: Å³; nil where the frame does not repeat in three directions. A stress then has no volume to
  ///   be multiplied by, and stays uninterpreted.
  private mutating func readVirial(volume: Double?) throws {
    var present = (keys.stress.map { [$0] } ?? LabelKeys.virial).filter(comment.contains)
    if volume == nil {
      for key in present where LabelKeys.isStress(key) {
        notes.add("\(key) kept uninterpreted: not periodic in three directions, so it has no volume")
      }
      present.removeAll(where: LabelKeys.isStress)
    }
    guard let key = present.first, let item = try comment.take(key) else { return }
    let virial = try self.virial(item, volume: volume)
    head.labels.virial = virial
    head.provenance.stressKey = key
    for item in comment.items where item.key != key && present.contains(item.key) {
      let difference = (try self.virial(item, volume: volume) - virial).largest
      if difference > 1e-3 * (1 + virial.largest) { notes.add("\(item.key) and \(key) disagree; \(key) taken") }
    }
    // The writer puts REF_virial beside REF_stress where the last bit needs it: both are understood.
    if key == "REF_virial", try comment.take("REF_stress") != nil { present.removeAll { $0 == "REF_stress" } }
    noteKept(key, present)
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
      notes.add("\(taken) taken; \(kept) stands there too and is kept uninterpreted")
    }
  }

  // MARK: Identity

  private mutating func readID() throws {
    guard let item = try comment.take("id") else { return }
    if isFrameID(item.text) {
      head.id = item.text
    } else {
      comment.giveBack("id", as: "original_id")
      notes.add("the key id holds no id of Halite and is kept as original_id")
    }
  }
}

extension TextSlice {
  /// What Fortran and Python write for true and false.
  fileprivate var flag: Bool? {
    if ["t", "true", ".true.", "1"].contains(where: equalsIgnoringCase) { return true }
    if ["f", "false", ".false.", "0"].contains(where: equalsIgnoringCase) { return false }
    return nil
  }
}

extension Matrix3 {
  /// The largest size of an element.
  fileprivate var largest: Double { rows.reduce(0) { max($0, abs($1)) } }
}
