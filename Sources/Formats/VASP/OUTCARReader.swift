import Glibc
import Structures

struct OUTCARReader {
  var lines: LineStream
  var run = VASPRun()
  var header = OUTCARHeader()
  private var step = VASPStep()
  /// The last step that was closed: it becomes a frame when it is known whether another one follows.
  private var pending: VASPStep?
  private var items: [InfoItem]?
  private var frames = 0
  private var summary = StreamSummary()
  private var lattice: Lattice?
  /// The positions before the first step, Å.
  private var initialPositions: [SIMD3<Double>] = []
  private var isVASP = false
  /// A row that cannot be read costs its step, not the rest of the file.
  private let salvages: Bool

  /// - Parameter salvages: see `ReadOptions`.
  init(_ window: ByteWindow, salvages: Bool) {
    lines = LineStream(window, salvages: salvages, leavesUnfinished: true)
    self.salvages = salvages
  }

  mutating func read(_ body: (LabeledStructure) throws -> Void) throws -> StreamSummary {
    while let line = try lines.next() {
      guard line.count > 10 else { continue }
      let first = line.start[0]
      if first == UInt8(ascii: " ") {
        // Most lines are rows of numbers: the first byte that is no blank tells them from the others.
        let blanks = UnsafeRawPointer(line.start).loadUnaligned(as: UInt64.self) ^ 0x2020_2020_2020_2020
        let indent = blanks.trailingZeroBitCount >> 3
        if indent > 6 { continue }
        let letter = line.start[indent] | 0x20
        if letter &- UInt8(ascii: "a") < 26 {
          try text(TextSlice(start: line.start + indent, end: line.end), indent, body)
        }
      } else if first == UInt8(ascii: "-") {
        try dashed(line, body)
      }
    }
    do {
      try finish(body)
    } catch let error as InputError where error.file == lines.file && frames == 0 && summary.lost.isEmpty {
      throw lines.damage?.error ?? error
    }
    summary.damage = lines.damage
    return summary
  }

  // MARK: Lines

  /// "--- Iteration 3( 12) ---" and "--- aborting loop because EDIFF is reached ---".
  private mutating func dashed(_ line: TextSlice, _ body: (LabeledStructure) throws -> Void) throws {
    var p = line.start
    while p < line.end, p.pointee == UInt8(ascii: "-") { p += 1 }
    guard line.end - p > 20, p.pointee == 32 else { return }
    let rest = TextSlice(start: p + 1, end: line.end)
    if rest.hasPrefix("Iteration") {
      try iteration(rest, body)
    } else if rest.hasPrefix("aborting loop because EDIFF is reached") {
      if step.saysConverged == nil { step.saysConverged = true }
    } else if rest.hasPrefix("aborting loop") {
      step.saysConverged = false
    }
  }

  private mutating func iteration(_ text: TextSlice, _ body: (LabeledStructure) throws -> Void) throws {
    var p = text.start + 9
    guard let ionic = integer(&p, text.end), p < text.end, p.pointee == UInt8(ascii: "(") else { return }
    p += 1
    guard let electronic = integer(&p, text.end) else { return }
    if electronic <= 1 || ionic != step.number {
      // A learned step may come before the first one that VASP computes itself, without an end of its own.
      try close(body, isFollowed: step.isMachineLearned)
      step.number = ionic
      step.line = lines.number
    }
    step.electronicSteps = max(step.electronicSteps, electronic)
  }

  /// - Parameter line: without its indentation.
  @inline(never)
  private mutating func text(_ line: TextSlice, _ indent: Int, _ body: (LabeledStructure) throws -> Void) throws {
    switch line.start[0] {
    case UInt8(ascii: "v"):
      if line.hasPrefix("volume of cell :") {
        checkVolume(line)
      } else if line.hasPrefix("vasp.") {
        isVASP = true
        header.version = TextSlice(start: line.start + 5, end: line.end).firstWord
      }
    case UInt8(ascii: "d"):
      if indent == 6, line.hasPrefix("direct lattice vectors") { try readLattice() }
    case UInt8(ascii: "P"):
      if line.hasPrefix("POSITION    "), line.offset(behind: "total-force") != nil {
        try forceBlock(isMachineLearned: line.offset(behind: "(ml)") != nil, body)
      } else {
        headerLine(line)
      }
    case UInt8(ascii: "f"):
      if line.hasPrefix("free  energy ") { step.energy = number(line, behind: "toten  =") }
    case UInt8(ascii: "e"):
      if line.hasPrefix("energy  without entropy") { otherEnergies(line) }
    case UInt8(ascii: "i"):
      if line.hasPrefix("in kB ") { stress(line) }
      if line.hasPrefix("ions per type =") { header.counts = line.afterSign.map { integers($0) } ?? [] }
    case UInt8(ascii: "m"):
      if line.hasPrefix("magnetization (") { try magnetization(axis: line) }
    case UInt8(ascii: "n"):
      if line.hasPrefix("number of electron ") { step.totalMoment = number(line, behind: "magnetization") }
      if line.hasPrefix("number of dos") {
        header.ions = number(line, behind: "nions =").flatMap { Int(exactly: $0) }
      }
    case UInt8(ascii: "t"):
      if line.hasPrefix("total energy-change") { energyChange(line) }
    case UInt8(ascii: "r"):
      if line.hasPrefix("reached required accuracy") { run.reachedAccuracy = true }
    case UInt8(ascii: "p"):
      if frames == 0, line.hasPrefix("position of ions in cartesian") { initialPositions = try positionRows() }
    case UInt8(ascii: "M"):
      if line.hasPrefix("ML FORCE on cell") {
        try close(body, isFollowed: true)
        step.isMachineLearned = true
        step.line = lines.number
      } else if line.hasPrefix("ML energy  without entropy") {
        otherEnergies(TextSlice(start: line.start + 3, end: line.end))
      } else {
        headerLine(line)
      }
    case UInt8(ascii: "L"):
      if line.hasPrefix("LOOP+:") {
        step.isComplete = true
        step.seconds = number(line, behind: "real time")
      } else {
        headerLine(line)
      }
    case UInt8(ascii: "F"):
      if line.hasPrefix("Following reciprocal coordinates"), step.number == 0, step.positions.isEmpty {
        try header.readWeights(&lines)
      }
    case UInt8(ascii: "G"):
      if line.hasPrefix("General timing and accounting") {
        run.endedNormally = true
        step.isComplete = true
      } else {
        headerLine(line)
      }
    default: headerLine(line)
    }
  }

  private mutating func headerLine(_ line: TextSlice) {
    if step.number == 0, step.positions.isEmpty { header.read(line) }
  }

  private mutating func stress(_ line: TextSlice) {
    step.kilobar = numbers(TextSlice(start: line.start + 5, end: line.end))
    guard step.kilobar.count != 6 else { return }
    step.faults.append("line \(lines.number): the stress is \(line.quoted)")
  }

  private mutating func otherEnergies(_ line: TextSlice) {
    step.printsEnergies = true
    step.energyWithoutEntropy = number(line, behind: "entropy=")
    step.energyWithoutSmearing = number(line, behind: "energy(sigma->0) =")
  }

  private mutating func energyChange(_ line: TextSlice) {
    guard let start = line.offset(behind: ":") else { return }
    var words: [Double] = []
    var cursor = line.start + start
    while cursor < line.end, words.count < 2 {
      if let value = DecimalNumber.scan(&cursor, end: line.end) { words.append(value) } else { cursor += 1 }
    }
    if words.count == 2 { step.lastChanges = (words[0], words[1]) }
  }

  /// The volume that VASP prints against that of the vectors before it was read; the vectors follow it.
  private mutating func checkVolume(_ line: TextSlice) { header.printedVolume = number(line, behind: ":") }

  // MARK: Blocks

  /// Three rows of 3 blanks, 3 × F13.9, 3 blanks, 3 × F13.9: cut by column, for numbers may run into each other.
  private mutating func readLattice() throws {
    var direct: [SIMD3<Double>] = []
    var reciprocal: [SIMD3<Double>] = []
    step.lattice = nil
    self.lattice = nil
    for _ in 0..<3 {
      guard let line = try lines.next() else { return }
      guard let rows = latticeRow(line) else {
        return try damaged(
          lines.error(
            "lattice vector \(line.quoted) is not of 2 × 3 numbers in columns of 13", remedy: "was the file edited?"
          ))
      }
      direct.append(rows.0)
      reciprocal.append(rows.1)
    }
    let lattice = Lattice(a: direct[0], b: direct[1], c: direct[2])
    guard lattice.isRegular else { return try damaged(lines.error("the cell has no volume")) }
    // a · a* = 1, as far as nine decimals say it.
    for (a, r) in zip(direct, reciprocal) where abs(dot(a, r) - 1) > 1e-4 + 2e-9 * (length(a) + length(r)) * 1e3 {
      step.faults.append("line \(lines.number): the lattice does not belong to its reciprocal vectors")
      break
    }
    if let printed = header.printedVolume, abs(printed - lattice.volume) > 0.011 + 1e-6 * lattice.volume {
      step.faults.append("line \(lines.number): the lattice has \(lattice.volume) Å³, the file says \(printed) Å³")
    }
    header.printedVolume = nil
    self.lattice = lattice
    step.lattice = lattice
  }

  private mutating func damaged(_ error: InputError) throws(InputError) {
    guard salvages else { throw error }
    step.damage = error.description
  }

  private func latticeRow(_ line: TextSlice) -> (SIMD3<Double>, SIMD3<Double>)? {
    if line.count >= 84 {
      let columns = [3, 16, 29, 45, 58, 71].compactMap { start in
        TextSlice(start: line.start + start, end: line.start + start + 13).trimmed.number()
      }
      if columns.count == 6 {
        return ([columns[0], columns[1], columns[2]], [columns[3], columns[4], columns[5]])
      }
    }
    var fields = Fields(line)
    guard let direct = fields.vector(), let reciprocal = fields.vector(), fields.isAtEnd else { return nil }
    return (direct, reciprocal)
  }

  /// Rows of x y z fx fy fz between two lines of dashes.
  private mutating func forceBlock(isMachineLearned: Bool, _ body: (LabeledStructure) throws -> Void) throws {
    if isMachineLearned != step.isMachineLearned || !step.positions.isEmpty {
      let (kilobar, lattice) = (step.kilobar, step.lattice)
      try close(body, isFollowed: true)
      step.isMachineLearned = isMachineLearned
      step.kilobar = kilobar
      step.lattice = lattice
      step.line = lines.number
    }
    try settle()
    guard try lines.next() != nil else { return }
    let count = run.elements.count
    var positions: [SIMD3<Double>] = []
    var forces: [SIMD3<Double>] = []
    positions.reserveCapacity(count)
    forces.reserveCapacity(count)
    while positions.count < count {
      guard let line = try lines.next() else { return }
      var fields = Fields(line)
      guard let position = fields.vector() else { return fault(line, atom: positions.count) }
      positions.append(position)
      guard let force = fields.vector() else {
        fault(line, atom: forces.count)
        continue
      }
      forces.append(force)
    }
    step.positions = positions
    step.forces = forces
  }

  private mutating func fault(_ line: TextSlice, atom: Int) {
    step.faults.append("line \(lines.number): position and force of atom \(atom + 1) are \(line.quoted)")
  }

  /// Rows of three numbers up to the first other line.
  private mutating func positionRows() throws -> [SIMD3<Double>] {
    var rows: [SIMD3<Double>] = []
    while let line = try lines.next() {
      var fields = Fields(line)
      guard let row = fields.vector(), fields.isAtEnd else { break }
      rows.append(row)
    }
    return rows
  }

  /// " magnetization (x)", a blank line, heads, dashes, rows of number, s p d (f) tot.
  private mutating func magnetization(axis line: TextSlice) throws {
    guard let axis = ["x", "y", "z"].firstIndex(where: { line.text.hasPrefix("magnetization (\($0))") }) else {
      return
    }
    var values: [Double] = []
    var dashes = 0
    while let line = try lines.next() {
      if line.count > 3, line.start[0] == UInt8(ascii: "-") {
        dashes += 1
        if dashes == 2 { break }
        continue
      }
      guard dashes == 1 else {
        if dashes == 0, values.isEmpty, line.isBlank || line.start[0] == UInt8(ascii: "#") { continue }
        break
      }
      let row = numbers(line)
      guard row.count >= 3, let total = row.last, row[0] == Double(values.count + 1) else { break }
      values.append(total)
    }
    if dashes == 2 { step.moments[axis] = values }
  }

  // MARK: Steps

  /// Takes elements and settings from the head once the first step needs them.
  private mutating func settle() throws {
    guard items == nil else { return }
    run = try header.settled(into: run, lines: lines)
    items = run.items()
    summary.echo = header.echo
  }

  /// Closes the step; the one before it becomes a frame.
  /// - Parameter isFollowed: another block of the same ionic step follows, and LOOP+ behind both of them.
  private mutating func close(
    _ body: (LabeledStructure) throws -> Void, isFollowed: Bool = false
  ) throws {
    defer {
      let number = step.number
      step = VASPStep()
      step.number = number
      step.lattice = lattice
    }
    guard step.hasBegun else {
      // A second print of the moments, behind the last step.
      if step.moments[0].count == run.elements.count, pending?.moments[0].isEmpty == true {
        pending?.moments = step.moments
      }
      return
    }
    try settle()
    if isFollowed, step.printsEnergies { step.isComplete = true }
    let hasCell = step.lattice != nil || !step.isComplete
    guard !step.positions.isEmpty, hasCell, step.damage == nil else { return lose() }
    try emit(isLast: false, body)
    pending = step
  }

  private mutating func lose() {
    let isCut = !step.isComplete
    if let damage = step.damage ?? (isCut ? nil : step.faults.first.map { lines.file + ", " + $0 }) {
      summary.lost.append(LostStep(verdict: .geometrySuspect, reason: damage, step: step.number))
      return summary.tally.add("not read: a damaged row", of: "ionic step")
    }
    if !step.positions.isEmpty {
      let reason = "\(lines.file):\(step.line): ionic step \(step.number) prints no lattice that can be read"
      summary.lost.append(LostStep(verdict: .geometrySuspect, reason: reason, step: step.number))
      return summary.tally.add("not read: without a lattice", of: "ionic step")
    }
    let reason =
      isCut
      ? "\(lines.file):\(lines.number): the file ends inside of ionic step \(step.number), before its positions"
      : "\(lines.file):\(step.line): ionic step \(step.number) prints no positions"
    summary.lost.append(LostStep(verdict: isCut ? .truncated : .forcesMissing, reason: reason, step: step.number))
    summary.tally.add(
      isCut
        ? "not read: cut off before the positions were printed"
        : "not read: printed without positions and forces (NWRITE 0); vasprun.xml has them",
      of: "ionic step")
  }

  private mutating func emit(isLast: Bool, _ body: (LabeledStructure) throws -> Void) throws {
    guard let step = pending else { return }
    pending = nil
    try body(run.frame(step, file: lines.file, index: frames, isLast: isLast, items: items ?? []))
    frames += 1
  }

  private mutating func finish(_ body: (LabeledStructure) throws -> Void) throws {
    guard isVASP || header.hasSpecies else {
      throw InputError("found no line of a VASP OUTCAR", file: lines.file, remedy: "is this an OUTCAR?")
    }
    try settle()
    if step.positions.isEmpty, pending == nil, frames == 0, initialPositions.count == run.elements.count,
      !run.elements.isEmpty
    {
      // Nothing but the beginning of the first step: its geometry is that of the head.
      step.positions = initialPositions
      step.lattice = lattice
      step.number = max(step.number, 1)
    }
    try close(body)
    if pending == nil, frames == 0, summary.lost.isEmpty {
      throw InputError("no ionic step in the file", file: lines.file, remedy: "did the run begin?")
    }
    try emit(isLast: true, body)
  }
}
