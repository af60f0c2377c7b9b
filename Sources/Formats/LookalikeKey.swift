import Structures

/// A key or column that was not read and whose name and values look like a label of frames that lack it.
public struct LookalikeKey: Hashable, Sendable {
  /// "energy", "forces" or "stress".
  public var label: String
  public var key: String
  public var frames: Int

  /// "rename it to REF_energy, or give --energy-key TotEnergy".
  public var remedy: String { "rename it to REF_\(label), or give --\(label)-key \(key)" }
}

/// What in frames looks like a label but was not read, one for each label and key.
public func lookalikeKeys(in frames: some Sequence<LabeledStructure>) -> [LookalikeKey] {
  var count = LookalikeCount()
  for frame in frames { count.add(frame) }
  return count.keys
}

/// Counts what looks like a label and was not read.
public struct LookalikeCount: Sendable {
  private var counts: [String: [String: Int]] = [:]

  public init() {}

  public mutating func add(_ frame: LabeledStructure) {
    if frame.labels.energy == nil {
      for item in frame.info where looksLikeEnergy(item) { count("energy", item.key) }
    }
    if frame.labels.forces == nil {
      for column in frame.columns where column.kind == .real && column.width == 3 && looksLikeForces(column.name) {
        count("forces", column.name)
      }
    }
    if frame.labels.virial == nil, frame.structure.volume != nil {
      for item in frame.info where looksLikeStress(item) { count("stress", item.key) }
    }
  }

  private mutating func count(_ label: String, _ key: String) {
    counts[label, default: [:]][key, default: 0] += 1
  }

  /// Energies first, then by how often.
  public var keys: [LookalikeKey] {
    ["energy", "forces", "stress"].flatMap { label in
      (counts[label] ?? [:]).sorted { (-$0.value, $0.key) < (-$1.value, $1.key) }
        .map { LookalikeKey(label: label, key: $0.key, frames: $0.value) }
    }
  }
}

private func looksLikeEnergy(_ item: InfoItem) -> Bool {
  guard numbers(item.value) == 1, item.value.contains(".") else { return false }
  return isNamed(item.key, like: ["energy", "toten", "etot", "e_tot", "e_dft"], known: LabelKeys.energy)
}

private func looksLikeForces(_ name: String) -> Bool {
  isNamed(name, like: ["force"], known: LabelKeys.forces)
}

private func looksLikeStress(_ item: InfoItem) -> Bool {
  guard [6, 9].contains(numbers(item.value)) else { return false }
  return isNamed(item.key, like: ["stress", "virial"], known: LabelKeys.virial)
}

/// Names of quantities that have an energy or a force in them and are not the label.
private let otherMeanings = [
  "halite", "peratom", "per_atom", "formation", "hull", "relative", "atomi", "cohesive", "binding", "adsorption",
  "surface", "kinetic", "fermi", "cutoff", "zero", "shift", "offset", "error", "std", "var", "uncert", "residual",
  "weight", "mask", "mag", "pred", "disp",
]

private func isNamed(_ name: String, like parts: [String], known: [String]) -> Bool {
  let lower = name.lowercased()
  if otherMeanings.contains(where: lower.contains) { return false }
  return parts.contains(where: lower.contains) || nearestName(to: name, among: known) != nil
}

/// How many numbers a value holds; 0 where a word is none.
private func numbers(_ value: String) -> Int {
  let words = value.split { " ,[]\t".contains($0) }.drop { $0 == "_JSON" }
  return words.allSatisfy { Double($0)?.isFinite == true } ? words.count : 0
}
