import Formats
import Glibc
import Settings
import Structures

/// VASP, which the user has: halite writes its inputs and reads what it leaves.
public struct VASPLabeller: Labeller {
  public static let name = "vasp"
  public let settings: VASPSettings
  private let tree: SettingsValue
  private let library: POTCARLibrary?
  public let isRepairable = true
  public let knowsMoments = true

  /// - Parameters:
  ///   - tree: `vasp:` of campaign.yaml.
  ///   - root: the campaign's folder, from which a relative `potcar_library` counts.
  /// - Throws: `InputError` with file and line.
  public init(_ tree: SettingsValue, root: String, file: String?) throws {
    self.tree = tree
    settings = try VASPSettings(tree, file: file)
    library = settings.potcar_library.map { POTCARLibrary(folder: $0.hasPrefix("/") ? $0 : root + "/" + $0) }
  }

  private static let runs = ["OUTCAR", "OUTCAR.gz", "OUTCAR.bz2"]
  private static let documents = ["vasprun.xml", "vasprun.xml.gz", "vasprun.xml.bz2"]

  public var outputs: [String] { Self.runs + Self.documents }

  public func inputs(of run: PlannedRun) throws -> [RunFile] {
    try VASPInputs(
      run.frame, settings: settings, order: run.order, nupdown: run.nupdown, fixes: run.fixes, meshOf: run.reference
    ).files(library)
  }

  public func admit(_ frame: LabeledStructure, after first: Structure?) throws {
    guard frame.structure.periodic == .all, frame.structure.lattice?.isRegular ?? false else {
      throw InputError("VASP needs a cell that repeats in three directions")
    }
    for element in Set(frame.structure.elements) where settings.potcar[element.symbol] == nil {
      throw InputError("no POTCAR is named for \(element)", remedy: "add it to vasp.potcar of campaign.yaml")
    }
  }

  public func initialMoments(of frame: LabeledStructure, order: MagneticOrder) throws -> [Double]? {
    let moments = try order.moments(of: frame.structure, sizes: settings.momentSizes(frame))
    return settings.isSpinPolarized(isIsolatedAtom: frame.isIsolatedAtom) ? moments : nil
  }

  /// Tags that decide how an energy is found, not which one.
  private static let neutralTags: Set<String> = [
    "ALGO", "NELM", "NELMIN", "NELMDL", "NCORE", "NPAR", "KPAR", "NSIM", "LPLANE", "LWAVE", "LCHARG", "AMIX",
    "BMIX",
    "AMIN", "IMIX", "AMIX_MAG", "BMIX_MAG", "NSW", "POTIM", "SYMPREC", "SYSTEM", "ISTART", "ICHARG", "LSCALU",
    "LELF",
  ]

  public var labelSettings: String {
    guard case .map(let entries) = tree.content else { return "" }
    let kept = entries.filter { !["potcar_library", "other_tags"].contains($0.key) }.map { entry in
      guard entry.key == "incar", case .map(let tags) = entry.value.content else { return entry }
      let decisive = tags.filter { !Self.neutralTags.contains($0.key.uppercased()) }.sorted { $0.key < $1.key }
      return SettingsValue.Entry("incar", SettingsValue(.map(decisive)))
    }
    return writeYAML(SettingsValue(.map(kept.sorted { $0.key < $1.key })))
  }

  /// The tetrahedron method or, where there are too few k-points for it, Gaussians.
  public func distinction(of folder: String) -> String? {
    guard let incar = try? AtomicFile.read(folder + "/INCAR") else { return nil }
    return RunInputs.tags(String(decoding: incar, as: UTF8.self))["ISMEAR"].map { "ISMEAR \($0)" }
  }

  // MARK: Potentials

  public func potentials(of elements: [ChemicalElement]) throws -> [String: PotentialVersion] {
    var versions: [String: PotentialVersion] = [:]
    for element in Set(elements) {
      guard let library, let name = settings.potcar[element.symbol] else { continue }
      versions[element.symbol] = try library.version(name, of: element)
    }
    return versions
  }

  public func potentials(putInto folder: String) throws -> [String: PotentialVersion] {
    let file = folder + "/POTCAR"
    guard access(folder + "/POTCAR.spec", F_OK) == 0, access(file, F_OK) == 0 else { return [:] }
    let species = elementRuns(try readFrames(folder + "/POSCAR").frames[0].structure.elements)
    let versions = PotentialVersion.all(in: try AtomicFile.read(file), file: file)
    guard versions.count == species.count else { return [:] }
    return Dictionary(zip(species.map(\.symbol), versions)) { first, _ in first }
  }

  /// What is wrong with the POTCAR of a run folder; nil where it is right, or there is none.
  /// - Throws: `InputError` where POSCAR or POTCAR cannot be read.
  func potentialFault(_ folder: String) throws -> String? {
    // halite's own POTCAR is known by its hash; one beside POTCAR.spec was put there by hand.
    guard access(folder + "/POTCAR.spec", F_OK) == 0, access(folder + "/POTCAR", F_OK) == 0 else { return nil }
    let names = String(decoding: try AtomicFile.read(folder + "/POTCAR.spec"), as: UTF8.self).split(separator: "\n")
    let species = elementRuns(try readFrames(folder + "/POSCAR").frames[0].structure.elements)
    return RunPotentials(names: names.map(String.init), species: species).difference(
      POTCARHead.all(in: try AtomicFile.read(folder + "/POTCAR")))
  }

  /// - Throws: `InputError` where the run folder has no POTCAR and the command does not make one, or it is not the one of POTCAR.spec.
  public func requireRunnable(_ folder: String, command: String) throws {
    if access(folder + "/POTCAR", F_OK) != 0, access(folder + "/POTCAR.spec", F_OK) == 0 {
      guard !command.contains("POTCAR") else { return }
      throw InputError(
        "the run folder holds no POTCAR", file: folder,
        remedy: "set vasp.potcar_library of campaign.yaml; halite campaign prepare then adds them")
    }
    guard let wrong = try potentialFault(folder) else { return }
    throw InputError(wrong, file: folder, remedy: "put the POTCARs of POTCAR.spec there, in the order of POSCAR")
  }

  // MARK: Outputs

  private func present(_ names: [String], _ folder: String) -> String? {
    names.lazy.map { folder + "/" + $0 }.first { access($0, F_OK) == 0 }
  }

  public func outcome(of folder: String, planned: LabeledStructure, ladder: RepairLadder) throws -> RunOutcome? {
    guard let output = present(Self.runs, folder) ?? present(Self.documents, folder) else { return nil }
    let start = try readFrames(folder + "/POSCAR").frames[0].structure
    var outcome: RunOutcome
    do {
      if let wrong = try potentialFault(folder) { return RunOutcome(failure: "settings-differ", detail: wrong) }
      outcome = try read(output, in: folder, start: start)
      // Bound atoms have less energy than the free ones that POTCARs count from.
      if outcome.failure == nil, !planned.isIsolatedAtom, let energy = outcome.frame?.labels.energy, energy > 0 {
        outcome.failure = "positive-energy"
        outcome.detail = "the energy is \(energy) eV: the electrons or the structure are wrong"
      }
      if outcome.failure == nil, Self.runs.contains(where: output.hasSuffix),
        let document = present(Self.documents, folder)
      {
        var last: LabeledStructure?
        _ = try? forEachFrame(of: document) { last = $0 }
        outcome.frame = outcome.frame?.sharpened(with: last)
      }
    } catch let error as InputError {
      outcome = RunOutcome(failure: "unreadable", detail: error.description)
    }
    if let failure = outcome.failure, !["foreign-output", "settings-differ"].contains(failure),
      let error = ladder.error(in: said(folder))
    {
      outcome.detail = "\(error.name); " + outcome.detail
      outcome.failure = error.name
      outcome.isCut = outcome.isCut || failure == "truncated"
    }
    return outcome
  }

  private func read(_ output: String, in folder: String, start: Structure) throws -> RunOutcome {
    var first: Structure?
    var last: LabeledStructure?
    var seconds: Double?
    let summary = try forEachFrame(of: output) { frame in
      if first == nil { first = frame.structure }
      if let time = frame.value(ofKey: "seconds").flatMap({ Double($0) }) { seconds = (seconds ?? 0) + time }
      last = frame
    }
    guard var frame = last else {
      let lost = summary.lost.first
      return RunOutcome(
        failure: (lost?.verdict ?? .truncated).rawValue, detail: lost?.reason ?? "the output holds no ionic step",
        isCut: lost?.verdict != .forcesMissing)
    }
    // A run that was cut off early prints no cell: then the atoms tell.
    guard let first, first.lattice == nil ? first.elements == start.elements : isSameStructure(first, start) else {
      return RunOutcome(
        failure: "foreign-output",
        detail: "\(output) is of \(frame.structure.formula), not of the structure in POSCAR")
    }
    frame = begun(frame, at: start)
    var outcome = RunOutcome(frame: frame)
    outcome.seconds = seconds
    let inputs = RunInputs(folder, species: elementRuns(start.elements))
    let differences =
      inputs.differences(summary.echo, SettingsFingerprint(of: frame))
      + inputs.momentDifference(frame.value(ofKey: "total_moment").flatMap(Double.init))
    HubbardDigits(tags: inputs.incar).sharpen(&frame)
    outcome.frame = frame
    if !differences.isEmpty {
      outcome.failure = "settings-differ"
      outcome.detail = differences.joined(separator: "; ")
    } else if let verdict = frame.verdict, verdict != .ok {
      let reason = frame.value(ofKey: FrameVerdict.reasonKey) ?? ""
      outcome.failure = verdict.rawValue
      outcome.detail = reason
      outcome.isCut = verdict == .truncated || reason.contains("the run stopped before")
      // A relaxation that was cut off between two steps ends in a whole one.
      if verdict == .ionicUnconverged, outcome.isCut { outcome.failure = FrameVerdict.truncated.rawValue }
    }
    return outcome
  }

  public func steps(of folder: String) throws -> [LabeledStructure]? {
    guard let output = present(Self.runs, folder) ?? present(Self.documents, folder) else { return nil }
    let start = try readFrames(folder + "/POSCAR").frames[0].structure
    var frames: [LabeledStructure] = []
    let summary = try forEachFrame(of: output) { frames.append($0) }
    let inputs = RunInputs(folder, species: elementRuns(start.elements))
    guard try potentialFault(folder) == nil, let first = frames.first, isSameStructure(first.structure, start),
      inputs.differences(summary.echo, SettingsFingerprint(of: first)).isEmpty
    else { return nil }
    frames[0] = begun(first, at: start)
    for place in frames.indices { HubbardDigits(tags: inputs.incar).sharpen(&frames[place]) }
    if Self.runs.contains(where: output.hasSuffix), let document = present(Self.documents, folder) {
      var finer: [String: LabeledStructure] = [:]
      _ = try? forEachFrame(of: document) { finer[$0.value(ofKey: "ionic_step") ?? ""] = $0 }
      frames = frames.map { $0.sharpened(with: finer[$0.value(ofKey: "ionic_step") ?? ""]) }
    }
    return frames
  }

  /// POSCAR has all decimals, the output's first step five.
  private func begun(_ frame: LabeledStructure, at start: Structure) -> LabeledStructure {
    guard isSameStructure(frame.structure, start, tolerance: 2e-5) else { return frame }
    var frame = frame
    frame.structure.lattice = start.lattice
    frame.structure.positions = start.positions
    return frame
  }

  /// The end of what the run printed. Not OUTCAR: there the names of routines stand beside their times, too.
  private func said(_ folder: String) -> String {
    var text = ""
    let names = ["job.out", "job.err", "vasp.out", "stdout"].map { folder + "/" + $0 }
    for name in names { text += fileEnd(name, bytes: 1 << 16) + "\n" }
    return text
  }
}

extension LabeledStructure {
  /// Eight decimals of vasprun.xml in place of the OUTCAR's five, where both are of one step.
  fileprivate func sharpened(with finer: LabeledStructure?) -> LabeledStructure {
    guard let finer, isSameStructure(finer.structure, structure, tolerance: 1e-3), let energy = finer.labels.energy,
      abs(energy - (labels.energy ?? .nan)) < 1e-5
    else { return self }
    var frame = self
    frame.structure = finer.structure
    frame.structure.moments = structure.moments
    frame.labels.forces = finer.labels.forces ?? labels.forces
    frame.labels.virial = finer.labels.virial ?? labels.virial
    return frame
  }
}

/// The last bytes of a file as text; empty where it cannot be read.
func fileEnd(_ path: String, bytes: Int) -> String {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return "" }
  defer { close(descriptor) }
  let size = Int(lseek(descriptor, 0, SEEK_END))
  lseek(descriptor, off_t(max(0, size - bytes)), SEEK_SET)
  var buffer = [UInt8](repeating: 0, count: min(max(0, size), bytes))
  var filled = 0
  while filled < buffer.count {
    let count = buffer.withUnsafeMutableBytes {
      Glibc.read(descriptor, $0.baseAddress! + filled, $0.count - filled)
    }
    if count <= 0 { break }
    filled += count
  }
  return String(decoding: buffer.prefix(filled), as: UTF8.self)
}
