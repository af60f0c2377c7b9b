import Structures

struct VasprunReader {
  private var xml: XMLStream
  private var run = VASPRun()
  private var head = VasprunHead()
  private var items: [InfoItem]?
  private var pending: VASPStep?
  private var frames = 0
  private var steps = 0
  private var summary = StreamSummary()
  private var sawRoot = false

  /// A row that cannot be read costs its step, not the rest of the file.
  private let salvages: Bool

  private var file: String { xml.window.file }

  /// - Parameter salvages: see `ReadOptions`.
  init(_ window: ByteWindow, salvages: Bool) {
    xml = XMLStream(window, salvages: salvages)
    self.salvages = salvages
  }

  mutating func read(_ body: (LabeledStructure) throws -> Void) throws -> StreamSummary {
    var damage: FileDamage?
    while damage == nil, try xml.advance() {
      let tag = xml.tag
      if tag.isEnd {
        if tag.isEnd("modeling") { run.endedNormally = true }
        continue
      }
      if tag.isStart("modeling") {
        sawRoot = true
      } else if tag.isStart("calculation") {
        try requireRoot()
        try readCalculation(body)
      } else if tag.isStart("atominfo") {
        damage = try secondRun()
        if damage == nil { try readAtoms() }
      } else if tag.isStart("kpoints") {
        try readMesh()
      } else if tag.isStart("i") || tag.isStart("v") {
        try readSetting(tag)
      } else if tag.isStart("dos") {
        _ = try xml.skip(to: "</dos>")
      }
    }
    if frames == 0, pending == nil, summary.lost.isEmpty {
      if let damage = xml.damage { throw damage.error }
      try requireRoot()
      throw InputError("no calculation in the file", file: file, remedy: "did the run begin?")
    }
    try emit(isLast: true, body)
    summary.damage = damage ?? xml.damage
    return summary
  }

  /// Atoms that stand behind a calculation are those of another run: its steps are not read as steps of this one.
  private func secondRun() throws -> FileDamage? {
    guard items != nil else { return nil }
    let error = InputError(
      "<atominfo> stands behind calculation \(steps): two runs in one file", file: file,
      remedy: "cut the file where the second <modeling> begins")
    guard salvages else { throw error }
    return FileDamage(error: error, mayBeWrong: false)
  }

  private func requireRoot() throws(InputError) {
    guard sawRoot else {
      throw InputError("found no <modeling>", file: file, remedy: "is this a vasprun.xml of VASP?")
    }
  }

  // MARK: Head

  private mutating func readSetting(_ tag: XMLTag) throws {
    guard let name = tag.name?.text, VasprunHead.tags.contains(name), let text = try xml.text() else { return }
    head.set(name, text.text.trimmingBlanks)
  }

  private mutating func readMesh() throws {
    var points = 0
    var isList = false
    while try xml.advance() {
      if xml.tag.isEnd("kpoints") { break }
      if xml.tag.isStart("varray") { isList = xml.tag.name?.equals("kpointlist") ?? false }
      if xml.tag.isStart("v") {
        if isList { points += 1 }
        if xml.tag.name?.equals("divisions") ?? false, let text = try xml.text() { head.mesh = numbers(text) }
      }
    }
    head.points = points
  }

  /// The array "atoms": symbol and type of each; the array "atomtypes": count, symbol, mass, valence, POTCAR of each type.
  private mutating func readAtoms() throws {
    var array = ""
    var cells: [String] = []
    while try xml.advance() {
      let tag = xml.tag
      if tag.isEnd("atominfo") { break }
      if tag.isStart("array") { array = tag.name?.text ?? "" }
      if tag.isStart("rc") { cells = [] }
      if tag.isStart("c"), let text = try xml.text() { cells.append(text.text.trimmingBlanks) }
      if tag.isEnd("rc") { try addRow(cells, of: array) }
      guard run.elements.count <= VASPRun.largestCell else {
        throw InputError("more than \(VASPRun.largestCell) atoms", file: file)
      }
    }
  }

  private mutating func addRow(_ cells: [String], of array: String) throws {
    if array == "atoms", let symbol = cells.first {
      guard let element = potcarElement(symbol) else {
        throw InputError("unknown species \"\(symbol.prefix(40))\" in <atominfo>", file: file)
      }
      run.elements.append(element)
    } else if array == "atomtypes", cells.count >= 5,
      let element = potcarElement(cells[4]) ?? potcarElement(cells[1])
    {
      head.kinds.append(element)
      head.titles.append(cells[4])
    }
  }

  // MARK: Calculations

  private mutating func readCalculation(_ body: (LabeledStructure) throws -> Void) throws {
    if items == nil {
      run = head.settled(into: run)
      items = run.items()
      summary.echo = head.echo
    }
    steps += 1
    var step = VASPStep()
    step.number = steps
    var last = Energies()
    while try xml.advance() {
      let tag = xml.tag
      if tag.isEnd("calculation") {
        step.isComplete = true
        break
      }
      if tag.isStart("scstep") {
        last.before = last.energy
        try readElectronicStep(&step, &last)
      } else if tag.isStart("structure") {
        try readStructure(&step)
      } else if tag.isStart("varray") {
        if tag.name?.equals("forces") ?? false {
          step.forces = try vectors(of: "forces", &step)
        } else if tag.name?.equals("stress") ?? false {
          let rows = try vectors(of: "stress", &step)
          if rows.count == 3 { step.kilobar = [rows[0].x, rows[1].y, rows[2].z, rows[0].y, rows[1].z, rows[0].z] }
        }
      } else if tag.isStart("energy") {
        try readEnergies { name, value in
          if name.equals("e_fr_energy") { step.energy = value }
          if name.equals("e_wo_entrp") { step.energyWithoutEntropy = value }
          if name.equals("e_0_energy") { step.energyWithoutSmearing = value }
        }
      } else if tag.isStart("time"), tag.name?.equals("totalsc") ?? false {
        step.seconds = try xml.text().flatMap { numbers($0).last }
      } else if tag.isStart("eigenvalues") {
        _ = try xml.skip(to: "</eigenvalues>")
      } else if tag.isStart("projected") {
        _ = try xml.skip(to: "</projected>")
      } else if tag.isStart("dos") {
        _ = try xml.skip(to: "</dos>")
      }
    }
    finish(&step, last)
    try add(step, body)
  }

  /// Energies of the last electronic step, and of the one before it, eV.
  private struct Energies {
    var before: Double?
    var energy: Double?
    var withoutEntropy: Double?
    var withoutSmearing: Double?
  }

  private mutating func readElectronicStep(_ step: inout VASPStep, _ energies: inout Energies) throws {
    step.electronicSteps += 1
    while try xml.advance() {
      if xml.tag.isEnd("scstep") { break }
      guard xml.tag.isStart("energy") else { continue }
      var found = Energies()
      try readEnergies { name, value in
        if name.equals("e_fr_energy") { found.energy = value }
        if name.equals("e_wo_entrp") { found.withoutEntropy = value }
        if name.equals("e_0_energy") { found.withoutSmearing = value }
      }
      energies.energy = found.energy
      energies.withoutEntropy = found.withoutEntropy
      energies.withoutSmearing = found.withoutSmearing
    }
  }

  private mutating func readEnergies(_ take: (TextSlice, Double) -> Void) throws {
    while try xml.advance() {
      if xml.tag.isEnd("energy") { break }
      guard xml.tag.isStart("i") else { continue }
      // The tag's name is gone once its text makes the window move.
      let kind = ["e_fr_energy", "e_wo_entrp", "e_0_energy"].first { xml.tag.name?.text == $0 }
      guard let kind, let value = try xml.text()?.trimmed.number() else { continue }
      switch kind {
      case "e_fr_energy": take(Self.slice("e_fr_energy"), value)
      case "e_wo_entrp": take(Self.slice("e_wo_entrp"), value)
      default: take(Self.slice("e_0_energy"), value)
      }
    }
  }

  private static func slice(_ text: StaticString) -> TextSlice {
    TextSlice(start: text.utf8Start, end: text.utf8Start + text.utf8CodeUnitCount)
  }

  private mutating func readStructure(_ step: inout VASPStep) throws {
    var fractional: [SIMD3<Double>] = []
    while try xml.advance() {
      if xml.tag.isEnd("structure") { break }
      guard xml.tag.isStart("varray"), let name = xml.tag.name else { continue }
      if name.equals("basis") {
        let rows = try vectors(of: "basis", &step)
        guard rows.count == 3 else { continue }
        let lattice = Lattice(a: rows[0], b: rows[1], c: rows[2])
        guard lattice.isRegular else {
          let error = InputError("the cell of calculation \(steps) has no volume", file: file)
          guard salvages else { throw error }
          step.damage = error.description
          continue
        }
        step.lattice = lattice
      } else if name.equals("positions") {
        fractional = try vectors(of: "positions", &step)
      }
    }
    if let lattice = step.lattice { step.positions = fractional.map(lattice.cartesian) }
  }

  /// The rows <v>…</v> of a varray.
  private mutating func vectors(of name: String, _ step: inout VASPStep) throws -> [SIMD3<Double>] {
    var rows: [SIMD3<Double>] = []
    while try xml.advance() {
      if xml.tag.isEnd("varray") { break }
      guard xml.tag.isStart("v"), let text = try xml.text() else { continue }
      var fields = Fields(text)
      guard let row = fields.vector() else {
        step.faults.append("row \(rows.count + 1) of \(name) in calculation \(steps) is \(text.quoted)")
        continue
      }
      rows.append(row)
    }
    return rows
  }

  private func finish(_ step: inout VASPStep, _ last: Energies) {
    // The sigma → 0 energy of the calculation itself is 0 or F in some versions.
    if step.energy != nil {
      step.energyWithoutEntropy = last.withoutEntropy ?? step.energyWithoutEntropy
      step.energyWithoutSmearing = last.withoutSmearing ?? step.energyWithoutSmearing
    }
    if let energy = last.energy, let before = last.before { step.lastChanges = (energy - before, 0) }
    if step.forces.count != run.elements.count { step.forces = [] }
  }

  private mutating func add(_ step: VASPStep, _ body: (LabeledStructure) throws -> Void) throws {
    guard step.positions.count == run.elements.count, !run.elements.isEmpty, step.lattice != nil else {
      let isCut = !step.isComplete
      if let damage = step.damage ?? (isCut ? nil : step.faults.first.map { file + ": " + $0 }) {
        summary.lost.append(LostStep(verdict: .geometrySuspect, reason: damage, step: steps))
        return summary.tally.add("not read: a damaged row", of: "ionic step")
      }
      summary.lost.append(
        LostStep(
          verdict: isCut ? .truncated : .forcesMissing,
          reason: isCut
            ? "\(file): the file ends inside of calculation \(steps)"
            : "\(file): calculation \(steps) has no structure of \(run.elements.count) atoms", step: steps))
      summary.tally.add(
        isCut ? "not read: cut off before its structure" : "not read: without structure", of: "ionic step")
      return
    }
    try emit(isLast: false, body)
    pending = step
  }

  private mutating func emit(isLast: Bool, _ body: (LabeledStructure) throws -> Void) throws {
    guard let step = pending else { return }
    pending = nil
    // VASP does not say here whether a relaxation ended by accuracy: it did where it stopped before NSW steps.
    if isLast, run.endedNormally, let limit = run.ionicLimit, steps < limit { run.reachedAccuracy = true }
    var frame = run.frame(step, file: file, index: frames, isLast: isLast, items: items ?? [])
    if frame.provenance.energyKey != nil { frame.provenance.energyKey = "e_fr_energy" }
    if frame.provenance.forcesKey != nil { frame.provenance.forcesKey = "forces" }
    if frame.provenance.stressKey != nil { frame.provenance.stressKey = "stress" }
    try body(frame)
    frames += 1
  }
}

/// What stands in a vasprun.xml before the first calculation.
struct VasprunHead {
  /// `ENMAX` is ENCUT as it was used.
  static let tags: Set<String> = [
    "version", "PREC", "ISPIN", "ENMAX", "ENCUT", "NELM", "EDIFF", "NSW", "IBRION", "ISMEAR", "SIGMA", "GGA",
    "METAGGA",
    "LHFCALC", "LDAU", "LDAUU", "LDAUJ", "LDAUL", "LDAUTYPE", "IVDW", "ISIF", "LASPH",
  ]

  private var values: [String: String] = [:]
  var mesh: [Double] = []
  var points = 0
  var kinds: [ChemicalElement] = []
  var titles: [String] = []

  mutating func set(_ name: String, _ text: String) {
    // The echo of INCAR comes first and has the list at full length.
    if ["LDAUU", "LDAUJ", "LDAUL", "METAGGA"].contains(name), values[name] != nil { return }
    values[name] = text
  }

  func settled(into run: VASPRun) -> VASPRun {
    var run = run
    run.electronicLimit = values["NELM"].flatMap { Int($0) }
    run.electronicTolerance = values["EDIFF"].flatMap(fortranNumber)
    run.ionicLimit = values["NSW"].flatMap { Int($0) }
    run.motion = values["IBRION"].flatMap { Int($0) }
    run.isSpinPolarized = values["ISPIN"] == "2"
    // LORBIT is left at 0: there are no moments in this file that could be missing.
    var settings = SettingsFingerprint()
    settings.functional = functionalName(
      meta: values["METAGGA"], exchange: values["GGA"], potential: potentialTag(titles),
      isHybrid: values["LHFCALC"]?.hasPrefix("T") ?? false)
    if let dispersion = values["IVDW"], dispersion != "0" {
      settings.functional = settings.functional.map { $0 + " IVDW \(dispersion)" }
    }
    settings.cutoff = (values["ENMAX"] ?? values["ENCUT"]).flatMap(fortranNumber)
    settings.precision = values["PREC"].flatMap(precisionName)
    if let method = values["ISMEAR"] {
      let sigma = values["SIGMA"].flatMap(fortranNumber).map { "\($0)" }
      settings.smearing = [method, sigma].compactMap { $0 }.joined(separator: " ")
    }
    settings.code = values["version"].map { "VASP " + versionNumber($0) }
    let product = mesh.count == 3 ? mesh.reduce(1, *) : points > 0 ? Double(points) : nil
    settings.kpointDensity = product.map { $0 * Double(run.elements.count) }
    settings.spinPolarization = values["ISPIN"].flatMap { Int($0) }
    let isOff = values["LDAU"]?.uppercased().hasPrefix("F") ?? false
    settings.setSpecies(
      kinds, titles: titles,
      hubbard: isOff
        ? HubbardTags()
        : HubbardTags(
          u: list("LDAUU"), j: list("LDAUJ"), momentum: list("LDAUL"), type: values["LDAUTYPE"].flatMap { Int($0) })
    )
    run.settings = settings
    return run
  }

  /// The settings as they are printed; the mesh as "KPOINTS".
  var echo: [String: String] {
    var echo = values
    echo["ENCUT"] = values["ENMAX"] ?? values["ENCUT"]
    if mesh.count == 3 { echo["KPOINTS"] = mesh.map { "\(Int(exactly: $0) ?? 0)" }.joined(separator: " ") }
    return echo
  }

  private func list(_ tag: String) -> [Double]? {
    values[tag].map { $0.split(separator: " ").compactMap { fortranNumber(String($0)) } }
  }
}
