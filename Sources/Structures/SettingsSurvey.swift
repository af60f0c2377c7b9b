/// The settings of many frames: what most of them have, and what is mixed.
public struct SettingsSurvey: Sendable {
  /// Of each aspect ("functional", "U of Mn") the values in the order in which they came, with the frames of each.
  private var aspects: [String: [(value: String, frames: Int)]] = [:]
  private var densities: [Double] = []
  /// Frames with and without settings.
  public private(set) var known = 0
  public private(set) var unknown = 0

  public init() {}

  /// Of all frames of a data set.
  public init(of frames: some Sequence<LabeledStructure>) {
    for frame in frames { add(SettingsFingerprint(of: frame), isIsolatedAtom: frame.isIsolatedAtom) }
  }

  /// - Parameter isIsolatedAtom: a free atom has a mesh and a smearing of its own.
  public mutating func add(_ settings: SettingsFingerprint?, isIsolatedAtom: Bool = false) {
    guard let settings else {
      unknown += 1
      return
    }
    known += 1
    for (aspect, value) in settings.aspects(isIsolatedAtom: isIsolatedAtom) {
      let place = aspects[aspect]?.firstIndex { Self.isSame(aspect, $0.value, value) }
      if let place { aspects[aspect]?[place].frames += 1 } else { aspects[aspect, default: []].append((value, 1)) }
    }
    if !isIsolatedAtom, let density = settings.kpointDensity { densities.append(density) }
  }

  /// The mixtures in one line, the first few of them.
  public var mixtureText: String {
    let all = mixtures
    return all.prefix(4).joined(separator: "; ") + (all.count > 4 ? "; and \(all.count - 4) more" : "")
  }

  /// The aspects of which there is more than one value: "U of Mn: 3.9 eV (120 frames), 0 eV (8 frames)".
  public var mixtures: [String] {
    var found = aspects.filter { $0.value.count > 1 }.sorted {
      (Self.rank($0.key), $0.key) < (Self.rank($1.key), $1.key)
    }.map { aspect, values in
      let counts = values.sorted { ($1.frames, $0.value) < ($0.frames, $1.value) }
        .map { "\($0.value) (\($0.frames) frame\($0.frames == 1 ? "" : "s"))" }
      return "\(aspect): " + counts.joined(separator: ", ")
    }
    let outside = densities.count { !isUsual($0) }
    if outside > 0 {
      found.append(
        "k-points times atoms: \(outside) frame\(outside == 1 ? "" : "s") more than a factor of \(Int(SettingsFingerprint.kpointFactor)) from the median"
      )
    }
    return found
  }

  /// The same value; of U also what an OUTCAR, which prints one decimal, makes of it: 3.3 of 3.32.
  private static func isSame(_ aspect: String, _ a: String, _ b: String) -> Bool {
    if a == b { return true }
    let numbers = [a, b].compactMap { $0.split(separator: " ").first.flatMap { Double($0) } }
    guard aspect.hasPrefix("U of "), numbers.count == 2 else { return false }
    let isShort = numbers.contains { abs(10 * $0 - (10 * $0).rounded()) < 1e-6 }
    return isShort && !numbers.contains(0) && abs(numbers[0] - numbers[1]) <= 0.05 * (1 + 1e-6)
  }

  /// What matters most comes first.
  private static func rank(_ aspect: String) -> Int {
    ["functional", "U of ", "J of ", "cutoff", "POTCAR of ", "smearing", "precision"].firstIndex {
      aspect.hasPrefix($0)
    }
      ?? 9
  }

  /// Where a frame's settings are not those of most frames; empty where they are, or where nothing is known of them.
  public func deviations(of settings: SettingsFingerprint?, isIsolatedAtom: Bool = false) -> [String] {
    guard let settings else { return [] }
    var found: [String] = []
    for (aspect, value) in settings.aspects(isIsolatedAtom: isIsolatedAtom) {
      guard let values = aspects[aspect], let first = values.first else { continue }
      let usual = values.dropFirst().reduce(first) { $1.frames > $0.frames ? $1 : $0 }
      if !Self.isSame(aspect, usual.value, value) {
        found.append("\(aspect) is \(value), most frames have \(usual.value)")
      }
    }
    if !isIsolatedAtom, let density = settings.kpointDensity, !isUsual(density) {
      found.append("k-points times atoms are \(shortNumber(density)), the median is \(shortNumber(median))")
    }
    return found
  }

  private func isUsual(_ density: Double) -> Bool {
    let factor = SettingsFingerprint.kpointFactor
    return density <= factor * median && median <= factor * density
  }

  private var median: Double {
    let sorted = densities.sorted()
    return sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2]
  }
}

extension SettingsFingerprint {
  /// "functional R2SCAN, cutoff 520 eV, U of Mn 3.9 eV": energies of frames may be compared where this is the same.
  public var energyScale: String {
    aspects(isIsolatedAtom: false).map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }

  /// What must agree between frames, and its value as text. The mesh is judged apart.
  func aspects(isIsolatedAtom: Bool) -> [(String, String)] {
    var result: [(String, String)] = []
    func add(_ name: String, _ value: String?) {
      if let value { result.append((name, value)) }
    }
    add("functional", functional)
    add("cutoff", cutoff.map { shortNumber($0) + " eV" })
    add("precision", precision)
    if !isIsolatedAtom { add("smearing (ISMEAR SIGMA)", smearing) }
    add("code", majorVersion)
    if !isIsolatedAtom { add("ISPIN", spinPolarization.map(String.init)) }
    add("LDAUTYPE", hubbardType.map(String.init))
    for (symbol, j) in hubbardJ.sorted(by: { $0.key < $1.key }) { add("J of \(symbol)", shortNumber(j) + " eV") }
    for (symbol, u) in hubbardU.sorted(by: { $0.key < $1.key }) { add("U of \(symbol)", shortNumber(u) + " eV") }
    for (symbol, title) in potcars.sorted(by: { $0.key < $1.key }) { add("POTCAR of \(symbol)", title) }
    return result
  }
}
