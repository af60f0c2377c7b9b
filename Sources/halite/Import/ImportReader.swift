import Formats
import Reports
import Structures

/// What an import demands of a frame.
struct ImportDemands: Sendable {
  var labels: [LabelName] = [.energy, .forces]
  var limits = DataLimits()
}

/// A unit read: its frames were handed over, this is what there is to say of it.
struct ImportOutcome: Sendable {
  var notes = NoteTally()
  /// Steps that could be no frames.
  var lost: [LostStep] = []
  /// Why a file could not be read.
  var failures: [ImportFailure] = []
}

/// A file that could not be read, or only in part.
struct ImportFailure: Codable, Sendable {
  var file: String
  var reason: String
}

/// Reads a run or a file: pairs OUTCAR with vasprun.xml, compares POSCAR and CONTCAR, and judges every frame by itself.
struct ImportReader {
  let demands: ImportDemands
  private(set) var outcome = ImportOutcome()

  init(_ demands: ImportDemands) { self.demands = demands }

  mutating func read(_ unit: ImportUnit, _ body: (LabeledStructure) throws -> Void) throws {
    var check = EndpointCheck(unit)
    let demands = demands
    func judged(_ frame: LabeledStructure) throws {
      var frame = frame
      check.compare(&frame)
      try judge(&frame, demands)
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
    do {
      try outcome.read(file, body)
    } catch let error as InputError where error.file == file {
      // Rows without a symbol can be repaired; the frame is then worth looking at, not worth learning from.
      var options = ReadOptions()
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
      lost = try forEachFrame(of: outcar) { frame in
        if frame.verdict == .machineLearned { isLearned = true }
        if let step = frame.value(ofKey: "ionic_step") { steps[step] = OUTCARStep(frame) }
      }.lost
    } catch let error as InputError {
      outcome.failures.append(ImportFailure(file: outcar, reason: error.description))
      return try attempt(vasprun) { try $0.read(vasprun, body) }
    }
    if isLearned {
      outcome.notes.add("a learned force field made steps: vasprun.xml beside the OUTCAR left alone", of: "run")
      return try attempt(outcar) { try $0.read(outcar, body) }
    }
    var disagreeing = 0
    var taken: Set<String> = []
    try attempt(vasprun) { outcome in
      try outcome.read(vasprun) { frame in
        guard let number = frame.value(ofKey: "ionic_step") else { return try body(frame) }
        guard let step = steps[number] else {
          taken.insert(number)
          return try body(frame)
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
      _ = try forEachFrame(of: outcar) { frame in
        if missed.contains(frame.value(ofKey: "ionic_step") ?? "") { try body(frame) }
      }
    }
    // Steps that the OUTCAR does not print are not lost where vasprun.xml has them.
    if taken.count < steps.count + lost.count {
      outcome.lost += lost.prefix(steps.count + lost.count - taken.count)
    }
  }
}

extension ImportOutcome {
  fileprivate mutating func read(_ file: String, _ body: (LabeledStructure) throws -> Void) throws {
    let summary = try forEachFrame(of: file, body)
    notes.add(summary.tally)
    lost += summary.lost
  }
}

/// What only an OUTCAR says of a step.
private struct OUTCARStep {
  var elements: [ChemicalElement]
  var energy: Double?
  var moments: Moments?
  var items: [InfoItem]

  init(_ frame: LabeledStructure) {
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
    var structure = frame.structure
    structure.moments = moments
    // The id is that of the whole content.
    var result = LabeledStructure(
      structure: structure, labels: frame.labels, provenance: frame.provenance, configType: frame.configType,
      info: items, columns: frame.columns)
    // An OUTCAR without a mesh tells only the points that symmetry leaves.
    if let density = frame.value(ofKey: "kpoint_density") { result.set("kpoint_density", density) }
    return result
  }
}

/// Judges a frame by itself.
private func judge(_ frame: inout LabeledStructure, _ demands: ImportDemands) throws {
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
    for reason in try frameReasons(frame, demands.limits) { frame.judge(.geometrySuspect, reason: reason) }
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
