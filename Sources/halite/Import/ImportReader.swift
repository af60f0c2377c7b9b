import Campaigns
import Formats
import Reports
import Structures

/// What an import demands of a frame.
struct ImportDemands: Sendable, Codable, Equatable {
  var labels: [LabelName] = [.energy, .forces]
  /// Of steps of VASP.
  var limits = DataLimits.oxideRuns
  /// Of frames of other files, which may hold anything.
  var otherLimits = DataLimits()
  /// How files of other formats than VASP's are read.
  var reading = ReadOptions.salvaging

  private enum CodingKeys: CodingKey { case labels, limits, otherLimits }

  /// True where a frame that was read gets the same verdict.
  static func == (a: Self, b: Self) -> Bool {
    a.labels == b.labels && a.limits == b.limits && a.otherLimits == b.otherLimits
  }
}

/// A unit read: its frames were handed over, this is what there is to say of it.
struct ImportOutcome: Sendable {
  var notes = NoteTally()
  /// Steps that could be no frames.
  var lost: [LostStep] = []
  /// Why a file could not be read.
  var failures: [ImportFailure] = []
  /// Why the numbers of every frame of the unit may be wrong.
  var doubt: String?
}

/// A file that could not be read, or only in part.
struct ImportFailure: Codable, Sendable {
  var file: String
  var reason: String
  /// Frames that were read before; nil for none.
  var frames: Int?

  var text: String {
    guard let frames, frames > 0 else { return "not read: " + reason }
    return "read in part, \(counted(frames, "frame")): " + reason
  }
}

/// Reads a run or a file: pairs OUTCAR with vasprun.xml, compares POSCAR and CONTCAR, and judges every frame by itself.
struct ImportReader {
  let demands: ImportDemands
  private(set) var outcome = ImportOutcome()

  init(_ demands: ImportDemands) { self.demands = demands }

  mutating func read(_ unit: ImportUnit, _ body: (LabeledStructure) throws -> Void) throws {
    var check = EndpointCheck(unit)
    let hubbard = unit.incar.flatMap { try? AtomicFile.read($0) }.flatMap { bytes in
      (try? Gzip.isCompressed(bytes) ? Gzip.decompress(bytes, file: unit.incar ?? "") : bytes)
        .map { HubbardDigits(incar: String(decoding: $0, as: UTF8.self)) }
    }
    let demands = demands
    let limits = unit.frames == nil ? demands.limits : demands.otherLimits
    func judged(_ frame: LabeledStructure) throws {
      var frame = frame
      check.compare(&frame)
      hubbard?.sharpen(&frame)
      try judge(&frame, demands, limits)
      try body(frame)
    }
    if let outcar = unit.outcar, let vasprun = unit.vasprun {
      try readPair(outcar, vasprun, judged)
    } else if let file = unit.outcar ?? unit.vasprun {
      try attempt(file) { outcome in try outcome.read(file, judged) }
    } else if let file = unit.frames {
      try readOther(file, judged)
    }
    outcome.notes.add(check.notes)
    outcome.failures += check.failures
  }

  /// Errors of the file become a line of the report; errors of writing end the import.
  private mutating func attempt(_ file: String, _ read: (inout ImportOutcome) throws -> Void) throws {
    do {
      try read(&outcome)
    } catch let error as InputError where error.file == file || error.file?.hasPrefix(file) ?? false {
      outcome.failures.append(ImportFailure(file: file, reason: error.description))
    }
  }

  private mutating func readOther(_ file: String, _ body: (LabeledStructure) throws -> Void) throws {
    var count = 0
    do {
      try outcome.read(file, options: demands.reading) {
        count += 1
        try body($0)
      }
    } catch let error as InputError where error.file == file || error.file?.hasPrefix(file + "/") ?? false {
      // What stands behind the damage is not known to be there: the file is named, with what was read of it.
      guard count == 0 else {
        return outcome.failures.append(ImportFailure(file: file, reason: error.description, frames: count))
      }
      // Rows without a symbol can be repaired; the frame is then worth looking at, not worth learning from.
      var options = demands.reading
      options.repair = true
      guard let repaired = try? readFrames(file, options: options) else {
        outcome.failures.append(ImportFailure(file: file, reason: error.description))
        return
      }
      for var frame in repaired.frames {
        frame.judge(.symbolMissing, reason: error.message)
        try body(frame)
      }
    }
  }

  /// The frames of vasprun.xml (eight decimals) with what only the OUTCAR has (moments, whether the run converged); steps of which
  /// the two files disagree, or that only the OUTCAR has, as the OUTCAR has them.
  private mutating func readPair(
    _ outcar: String, _ vasprun: String, _ body: (LabeledStructure) throws -> Void
  ) throws {
    var steps: [String: OUTCARStep] = [:]
    var isLearned = false
    var lost: [LostStep] = []
    do {
      var count = 0
      let summary = try forEachFrame(of: outcar, options: .salvaging) { frame in
        count += 1
        if frame.verdict == .machineLearned { isLearned = true }
        if let step = frame.value(ofKey: "ionic_step") { steps[step] = OUTCARStep(frame) }
      }
      lost = summary.lost
      if !isLearned { outcome.note(summary.damage, of: outcar, frames: count) }
    } catch let error as InputError {
      outcome.failures.append(ImportFailure(file: outcar, reason: error.description))
      return try attempt(vasprun) { try $0.read(vasprun, body) }
    }
    if isLearned {
      outcome.notes.add("a learned force field made steps: vasprun.xml beside the OUTCAR left alone", of: "run")
      return try attempt(outcar) { try $0.read(outcar, body) }
    }
    var disagreeing = 0
    let hasMoments = steps.values.contains { $0.moments != nil }
    var taken: Set<String> = []
    // An OUTCAR prints one decimal of U, vasprun.xml all: steps of one run must not differ by that.
    var digits: [InfoItem] = []
    try attempt(vasprun) { outcome in
      try outcome.read(vasprun) { frame in
        digits = frame.info.filter { ["hubbard_u", "hubbard_j"].contains($0.key) }
        guard let number = frame.value(ofKey: "ionic_step") else { return try body(frame) }
        guard let step = steps[number] else {
          taken.insert(number)
          var frame = frame
          if hasMoments { frame.judge(.momentsMissing, reason: "the OUTCAR beside it does not have the step") }
          return try body(frame)
        }
        // Of a step that one file has only in part the other one's is taken.
        if frame.verdict == .truncated, step.isComplete { return }
        guard step.isComplete || frame.verdict == .truncated else {
          taken.insert(number)
          return try body(step.addingMoments(to: frame, areExpected: hasMoments))
        }
        guard step.agrees(with: frame) else {
          disagreeing += 1
          return
        }
        taken.insert(number)
        try body(step.completing(frame))
      }
    }
    if disagreeing > 0 {
      outcome.notes.add(
        "vasprun.xml and OUTCAR disagree in energy or elements: OUTCAR taken", count: disagreeing, of: "ionic step")
    }
    let missed = Set(steps.keys).subtracting(taken)
    if !missed.isEmpty {
      _ = try forEachFrame(of: outcar, options: .salvaging) { frame in
        guard missed.contains(frame.value(ofKey: "ionic_step") ?? "") else { return }
        var frame = frame
        for item in digits where frame.value(ofKey: item.key) != nil { frame.set(item.key, item.value) }
        try body(frame)
      }
    }
    // A step that one of the files has is not lost, and one that neither has is lost once.
    var had = taken.union(missed)
    outcome.lost = (lost + outcome.lost).filter { $0.step.map { had.insert(String($0)).inserted } ?? true }
  }
}

extension ImportOutcome {
  fileprivate mutating func read(
    _ file: String, options: ReadOptions = .salvaging, _ body: (LabeledStructure) throws -> Void
  ) throws {
    var count = 0
    let summary = try forEachFrame(of: file, options: options) {
      count += 1
      try body($0)
    }
    notes.add(summary.tally)
    lost += summary.lost
    note(summary.damage, of: file, frames: count)
  }

  fileprivate mutating func note(_ damage: FileDamage?, of file: String, frames: Int) {
    guard let damage else { return }
    failures.append(ImportFailure(file: file, reason: damage.error.description, frames: frames))
    if damage.mayBeWrong { doubt = damage.error.description + "; numbers before the damage may be wrong, too" }
  }
}

extension ReadOptions {
  /// What is whole of a damaged file is worth having, for every frame gets a verdict.
  static var salvaging: ReadOptions {
    var options = ReadOptions()
    options.salvages = true
    return options
  }
}

/// What only an OUTCAR says of a step.
private struct OUTCARStep {
  var elements: [ChemicalElement]
  var energy: Double?
  var moments: Moments?
  var items: [InfoItem]
  var isComplete: Bool

  init(_ frame: LabeledStructure) {
    isComplete = frame.verdict != .truncated
    elements = frame.structure.elements
    energy = frame.labels.energy
    moments = frame.structure.moments
    items = frame.info
  }

  func agrees(with frame: LabeledStructure) -> Bool {
    guard frame.structure.elements == elements else { return false }
    guard let energy, let other = frame.labels.energy else { return energy == nil }
    return abs(energy - other) < 1e-5
  }

  func completing(_ frame: LabeledStructure) -> LabeledStructure {
    var result = withMoments(frame)
    result.info = items
    // An OUTCAR that was cut off takes its last step for that of the run.
    if frame.value(ofKey: "relaxed") == nil, result.value(ofKey: "relaxed") != nil {
      result.set("relaxed", nil)
      if result.verdict == .ionicUnconverged {
        result.set(FrameVerdict.key, frame.value(ofKey: FrameVerdict.key))
        result.set(FrameVerdict.reasonKey, frame.value(ofKey: FrameVerdict.reasonKey))
      }
    }
    // An OUTCAR without a mesh tells only the points that symmetry leaves.
    if let density = frame.value(ofKey: "kpoint_density") { result.set("kpoint_density", density) }
    for key in ["hubbard_u", "hubbard_j"] {
      if let value = frame.value(ofKey: key), result.value(ofKey: key) != nil { result.set(key, value) }
    }
    return result
  }
}

extension OUTCARStep {
  /// A step that only vasprun.xml has to its end.
  /// - Parameter areExpected: other steps of the run have moments.
  fileprivate func addingMoments(to frame: LabeledStructure, areExpected: Bool) -> LabeledStructure {
    var result = withMoments(frame)
    if areExpected, moments == nil {
      result.judge(.momentsMissing, reason: "the OUTCAR ends before the moments of the step")
    }
    return result
  }

  /// The id is that of the whole content.
  fileprivate func withMoments(_ frame: LabeledStructure) -> LabeledStructure {
    var structure = frame.structure
    structure.moments = moments
    return LabeledStructure(
      structure: structure, labels: frame.labels, provenance: frame.provenance, configType: frame.configType,
      info: frame.info, columns: frame.columns)
  }
}

/// Judges a frame by itself.
private func judge(_ frame: inout LabeledStructure, _ demands: ImportDemands, _ limits: DataLimits) throws {
  if frame.verdict == nil { frame.set(FrameVerdict.key, FrameVerdict.ok.rawValue) }
  let volume = frame.structure.volume ?? 0
  if frame.structure.count == 1, volume > 500, frame.configType == nil { frame.configType = "IsolatedAtom" }
  let isCut = frame.verdict == .truncated
  for label in demands.labels where !label.isPresent(frame) && !isCut {
    // A free atom has no forces worth the name, and needs none.
    if label == .forces, frame.isIsolatedAtom { continue }
    if frame.verdict == .ok || frame.verdict != label.missing {
      frame.judge(label.missing, reason: "\(label.rawValue) needed, the file has none")
    }
  }
  do {
    for reason in try frameReasons(frame, limits) { frame.judge(.geometrySuspect, reason: reason) }
  } catch let error as InputError {
    frame.judge(.geometrySuspect, reason: error.message)
  }
}

extension LabelName {
  /// The verdict on a frame that lacks the label.
  var missing: FrameVerdict {
    switch self {
    case .energy: .energyMissing
    case .forces, .stress: .forcesMissing
    case .moments: .momentsMissing
    }
  }
}
