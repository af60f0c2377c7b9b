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

  /// Tags that decide how an energy is found, not which one.
  private static let neutralTags: Set<String> = [
    "ALGO", "NELM", "NELMIN", "NELMDL", "NCORE", "NPAR", "KPAR", "NSIM", "LPLANE", "LWAVE", "LCHARG", "AMIX",
    "BMIX",
    "AMIN", "IMIX", "AMIX_MAG", "BMIX_MAG", "NSW", "POTIM", "SYMPREC", "SYSTEM", "ISTART", "ICHARG", "LSCALU",
    "LELF",
  ]

  public var labelSettings: String {
    guard case .map(let entries) = tree.content else { return "" }
    let kept = entries.filter { $0.key != "potcar_library" }.map { entry in
      guard entry.key == "incar", case .map(let tags) = entry.value.content else { return entry }
      let decisive = tags.filter { !Self.neutralTags.contains($0.key.uppercased()) }.sorted { $0.key < $1.key }
      return SettingsValue.Entry("incar", SettingsValue(.map(decisive)))
    }
    return writeYAML(SettingsValue(.map(kept.sorted { $0.key < $1.key })))
  }

  // MARK: Outputs

  public func outcome(of folder: String, planned: LabeledStructure, ladder: RepairLadder) throws -> RunOutcome? {
    func present(_ names: [String]) -> String? {
      names.lazy.map { folder + "/" + $0 }.first { access($0, F_OK) == 0 }
    }
    guard let output = present(Self.runs) ?? present(Self.documents) else { return nil }
    let start = try readFrames(folder + "/POSCAR").frames[0].structure
    var outcome: RunOutcome
    do {
      outcome = try read(output, start: start, planned: planned)
      if outcome.failure == nil, Self.runs.contains(where: output.hasSuffix), let document = present(Self.documents)
      {
        sharpen(&outcome, with: document)
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

  private func read(_ output: String, start: Structure, planned: LabeledStructure) throws -> RunOutcome {
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
    if isSameStructure(frame.structure, start, tolerance: 2e-5) {
      // The output has five decimals, POSCAR all.
      frame.structure.lattice = start.lattice
      frame.structure.positions = start.positions
    }
    var outcome = RunOutcome(frame: frame)
    outcome.seconds = seconds
    if let difference = differing(frame, planned) {
      outcome.failure = "settings-differ"
      outcome.detail = difference
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

  /// Where the output tells settings that are not those of the campaign.
  private func differing(_ frame: LabeledStructure, _ planned: LabeledStructure) -> String? {
    guard let found = SettingsFingerprint(of: frame) else { return nil }
    let incar = try? VASPInputs(planned, settings: settings, order: .ferromagnetic).incar
    if let wanted = incar?.number("ENCUT"), let cutoff = found.cutoff, abs(cutoff - wanted) > 1e-6 {
      return "ENCUT \(cutoff) eV in the output, \(wanted) eV in the campaign"
    }
    let species = elementRuns(planned.structure.elements)
    if case .list(let u) = incar?["LDAUU"] ?? .list(species.map { _ in 0 }) {
      for (element, wanted) in zip(species, u) {
        if let value = found.hubbardU[element.symbol], abs(value - wanted) > 1e-6 {
          return "U of \(element) is \(value) eV in the output, \(wanted) eV in the campaign"
        }
      }
    }
    for element in species {
      guard let name = settings.potcar[element.symbol], let title = found.potcars[element.symbol] else { continue }
      let words = title.split(separator: " ").map(String.init)
      let isRight = name.contains(" ") ? title == name : words.contains(name)
      if !isRight { return "POTCAR of \(element) is \(title) in the output, \(name) in the campaign" }
    }
    return nil
  }

  /// Eight decimals of vasprun.xml in place of the OUTCAR's five, where both are of one step.
  private func sharpen(_ outcome: inout RunOutcome, with document: String) {
    guard var frame = outcome.frame else { return }
    var last: LabeledStructure?
    guard (try? forEachFrame(of: document, { last = $0 })) != nil, let last,
      isSameStructure(last.structure, frame.structure, tolerance: 1e-3), let energy = last.labels.energy,
      abs(energy - (frame.labels.energy ?? .nan)) < 1e-5
    else { return }
    let moments = frame.structure.moments
    frame.structure = last.structure
    frame.structure.moments = moments
    frame.labels.forces = last.labels.forces ?? frame.labels.forces
    frame.labels.virial = last.labels.virial ?? frame.labels.virial
    outcome.frame = frame
  }

  /// The end of what the run printed. Not OUTCAR: there the names of routines stand beside their times, too.
  private func said(_ folder: String) -> String {
    var text = ""
    let names = ["job.out", "job.err", "vasp.out", "stdout"].map { folder + "/" + $0 }
    for name in names { text += fileEnd(name, bytes: 1 << 16) + "\n" }
    return text
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
