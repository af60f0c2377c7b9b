import Structures

/// What VASP's output says of one ionic step.
struct VASPStep {
  /// Ionic step, from 1; 0 before the first one.
  var number = 0
  /// Electronic steps done.
  var electronicSteps = 0
  /// Line of the file on which the step begins.
  var line = 0
  var lattice: Lattice?
  /// Cartesian, Å.
  var positions: [SIMD3<Double>] = []
  /// eV/Å.
  var forces: [SIMD3<Double>] = []
  /// XX YY ZZ XY YZ ZX, kB, compressive positive.
  var kilobar: [Double] = []
  /// F, E without entropy, E of sigma → 0, eV.
  var energy: Double?
  var energyWithoutEntropy: Double?
  var energyWithoutSmearing: Double?
  /// Moments along x (collinear: the only ones), y, z of every atom, μB.
  var moments: [[Double]] = [[], [], []]
  /// Of the cell, μB.
  var totalMoment: Double?
  /// What VASP says of the electronic steps; nil where it says nothing.
  var saysConverged: Bool?
  /// Changes of the energy and of the eigenvalues in the last electronic step, eV.
  var lastChanges: (Double, Double)?
  var isMachineLearned = false
  /// The step's own end was seen: LOOP+ of an OUTCAR, the end of a calculation of vasprun.xml.
  var isComplete = false
  /// The line of the other energies, the last one with a label, was seen.
  var printsEnergies = false
  /// Why the step can be no frame, with file and line.
  var damage: String?
  /// Wall time, s.
  var seconds: Double?
  /// Numbers that could not be read, and where.
  var faults: [String] = []

  var hasBegun: Bool { electronicSteps > 0 || !positions.isEmpty }
}

/// What VASP's output says of the whole run.
struct VASPRun {
  var settings = SettingsFingerprint()
  var elements: [ChemicalElement] = []
  /// Electronic steps allowed, and the change of energy at which they end, eV.
  var electronicLimit: Int?
  var electronicTolerance: Double?
  /// Ionic steps allowed.
  var ionicLimit: Int?
  /// −1 static, 0 molecular dynamics, 1–3 relaxation.
  var motion: Int?
  var isSpinPolarized = false
  var projection = 0
  var reachedAccuracy = false
  var endedNormally = false

  /// Atoms of the largest cell that is believed: nothing is set aside for what a damaged file only claims.
  static let largestCell = 200_000

  var isRelaxation: Bool { (ionicLimit ?? 0) > 0 && [1, 2, 3].contains(motion ?? -1) }

  /// The settings as keys of a frame.
  func items() -> [InfoItem] { settings.items(for: Set(elements.map(\.symbol))) }

  /// A step as a frame with its verdict.
  /// - Parameters:
  ///   - index: of the frame in the file, from 0.
  ///   - isLast: no step follows in the file.
  func frame(_ step: VASPStep, file: String, index: Int, isLast: Bool, items: [InfoItem]) -> LabeledStructure {
    var labels = Labels()
    labels.energy = step.energy
    labels.energyWithoutEntropy = step.energyWithoutEntropy
    labels.energyWithoutSmearing = step.energyWithoutSmearing
    if step.forces.count == elements.count { labels.forces = step.forces }
    if step.kilobar.count == 6, let lattice = step.lattice {
      let k = step.kilobar.map { lattice.volume * Units.evPerCubicAngstromPerKilobar * $0 }
      labels.virial = Matrix3([k[0], k[3], k[5]], [k[3], k[1], k[4]], [k[5], k[4], k[2]])
    }
    let structure = Structure(
      lattice: step.lattice, elements: elements, positions: step.positions,
      moments: step.frameMoments(elements.count))
    var provenance = Provenance(file: file, index: index, line: step.line > 0 ? step.line : nil)
    if labels.energy != nil { provenance.energyKey = "TOTEN" }
    if labels.forces != nil { provenance.forcesKey = "TOTAL-FORCE" }
    if labels.virial != nil { provenance.stressKey = "in kB" }
    var frame = LabeledStructure(structure: structure, labels: labels, provenance: provenance, info: items)
    frame.set("ionic_step", step.number > 0 ? String(step.number) : nil)
    frame.set("electronic_steps", step.electronicSteps > 0 ? String(step.electronicSteps) : nil)
    frame.set("total_moment", step.totalMoment?.description)
    frame.set("seconds", step.seconds?.description)
    if isLast, isRelaxation { frame.set("relaxed", reachedAccuracy ? "T" : "F") }
    frame.set(FrameVerdict.key, FrameVerdict.ok.rawValue)
    for (verdict, reason) in judgements(step, labels, isLast: isLast) { frame.judge(verdict, reason: reason) }
    return frame
  }

  private func judgements(_ step: VASPStep, _ labels: Labels, isLast: Bool) -> [(FrameVerdict, String)] {
    var found: [(FrameVerdict, String)] = []
    if step.isMachineLearned { found.append((.machineLearned, "a learned force field made the labels, not DFT")) }
    if !step.isComplete {
      let place = "of ionic step \(max(1, step.number))"
      found.append((.truncated, isLast ? "the file ends inside " + place : "the end \(place) is not there"))
    } else {
      if labels.energy == nil { found.append((.energyMissing, "the step prints no energy")) }
      if labels.forces == nil { found.append((.forcesMissing, "the step prints no forces")) }
    }
    if let reason = unconverged(step) { found.append((.scfUnconverged, reason)) }
    if isSpinPolarized, projection >= 10, !step.isMachineLearned, step.frameMoments(elements.count) == nil {
      found.append((.momentsMissing, "LORBIT \(projection) asks for moments, the step prints none"))
    }
    if isLast, isRelaxation, !reachedAccuracy, !step.isMachineLearned {
      let reason = endedNormally ? "NSW \(ionicLimit ?? 0) steps were not enough" : "the run stopped before"
      found.append((.ionicUnconverged, "the relaxation did not reach EDIFFG: " + reason))
    }
    for fault in step.faults { found.append((.geometrySuspect, fault)) }
    return found
  }

  /// Why the electronic steps did not converge; nil where they did.
  private func unconverged(_ step: VASPStep) -> String? {
    guard !step.isMachineLearned else { return nil }
    if step.saysConverged == false { return "VASP says that EDIFF was not reached" }
    guard let limit = electronicLimit, step.electronicSteps >= limit, limit > 1 else { return nil }
    // VASP 5 says "EDIFF is reached" at NELM, too: what counts are the changes of the last step.
    if let (energy, eigenvalues) = step.lastChanges, let tolerance = electronicTolerance,
      abs(energy) < tolerance, abs(eigenvalues) < tolerance
    {
      return nil
    }
    return "NELM \(limit) electronic steps were not enough"
  }
}

extension VASPStep {
  /// nil where not every atom has a moment.
  func frameMoments(_ count: Int) -> Moments? {
    guard count > 0, moments[0].count == count else { return nil }
    if moments[1].count == count, moments[2].count == count {
      return .vectors((0..<count).map { [moments[0][$0], moments[1][$0], moments[2][$0]] })
    }
    return .collinear(moments[0])
  }
}

/// A step of which a file holds no geometry, so that it can be no frame.
public struct LostStep: Hashable, Sendable, Codable {
  public var verdict: FrameVerdict
  /// With file and line.
  public var reason: String
  /// Ionic step, from 1.
  public var step: Int?
}

/// "accura", "a", "Accurate" → "accurate": VASP knows the precision by its first letter.
func precisionName(_ text: some StringProtocol) -> String? {
  guard let first = text.lowercased().first(where: { !$0.isWhitespace }) else { return nil }
  let names: [Character: String] = [
    "a": "accurate", "n": "normal", "h": "high", "m": "medium", "l": "low", "s": "single",
  ]
  return names[first] ?? text.trimmingBlanks.lowercased()
}

/// The functional of VASP's tags: "PBE", "PBEsol", "R2SCAN", "PBE hybrid".
/// - Parameters:
///   - meta: the tag METAGGA; "--" or F where there is none.
///   - exchange: the tag GGA, "--" where the POTCARs decide.
///   - potential: LEXCH of the POTCARs ("PE", "CA").
///   - isHybrid: LHFCALC.
public func functionalName(meta: String?, exchange: String?, potential: String?, isHybrid: Bool) -> String? {
  func name(_ tag: String) -> String {
    ["PE": "PBE", "91": "PW91", "PS": "PBEsol", "RP": "RPBE", "CA": "LDA", "AM": "AM05"][tag] ?? tag
  }
  let meta = meta.map { $0.trimmingBlanks.uppercased() }.flatMap {
    ["F", "", "--", ".FALSE."].contains($0) ? nil : $0
  }
  let exchange = exchange.map { $0.trimmingBlanks.uppercased() }.flatMap { ["--", ""].contains($0) ? nil : $0 }
  let base =
    meta.map { $0 == "R2SCA" ? "R2SCAN" : $0 } ?? exchange.map(name)
    ?? potential.map { name($0.trimmingBlanks.uppercased()) }
  return base.map { isHybrid ? $0 + " hybrid" : $0 }
}

/// LEXCH as the titles of the POTCARs tell it: "PAW_PBE", "PAW_GGA" (PW91), "PAW" (LDA).
func potentialTag(_ titles: [String]) -> String? {
  switch titles.first?.split(separator: " ").first {
  case "PAW_PBE", "US_PBE": "PE"
  case "PAW_GGA": "91"
  case "PAW", "PAW_LDA": "CA"
  default: nil
  }
}

extension StringProtocol {
  var trimmingBlanks: String {
    var text = Substring(self)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text.drop { $0.isWhitespace })
  }
}

/// The element of a POTCAR's title, "PAW_PBE Li_sv 10Sep2004", or of its label, "Li_sv".
func potcarElement(_ title: String) -> ChemicalElement? {
  let words = title.split(separator: " ")
  for word in words.dropFirst(words.count > 1 ? 1 : 0).prefix(1) + words.prefix(1) {
    let symbol = word.prefix { $0.isLetter && $0.isASCII }
    if let element = ChemicalElement(symbol) { return element }
  }
  return nil
}
