import Foundation
import Structures

/// Why a frame is suspicious by itself, whatever the rest of the data set.
/// - Throws: `InputError` for a cell without volume or a position that is no number.
public func frameReasons(_ frame: LabeledStructure, _ limits: DataLimits) throws -> [String] {
  guard !frame.isIsolatedAtom else { return [] }
  return try distanceReasons(frame, limits) + volumeReasons(frame, limits) + forceReasons(frame, limits)
}

private func distanceReasons(_ frame: LabeledStructure, _ limits: DataLimits) throws -> [String] {
  let elements = Set(frame.structure.elements)
  let cutoff = elements.reduce(0) { largest, a in
    elements.reduce(largest) { max($0, limits.minimumDistance(a, $1)) }
  }
  guard cutoff > 0 else { return [] }
  return try shortestPairs(frame, cutoff: cutoff).sorted { $0.key < $1.key }.compactMap { pair, distance in
    let limit = limits.minimumDistance(pair.first, pair.second)
    return distance < limit ? "\(pair) distance \(format(distance)) Å below \(format(limit)) Å" : nil
  }
}

private func volumeReasons(_ frame: LabeledStructure, _ limits: DataLimits) -> [String] {
  guard let volume = frame.structure.volume else { return [] }
  let perAtom = volume / Double(max(1, frame.structure.count))
  if perAtom < limits.minimumVolume {
    return ["volume \(format(perAtom)) Å³/atom below \(format(limits.minimumVolume)) Å³/atom"]
  }
  if perAtom > limits.maximumVolume {
    return ["volume \(format(perAtom)) Å³/atom above \(format(limits.maximumVolume)) Å³/atom"]
  }
  return []
}

private func forceReasons(_ frame: LabeledStructure, _ limits: DataLimits) -> [String] {
  guard let forces = frame.labels.forces, !forces.isEmpty else { return [] }
  var reasons: [String] = []
  let lengths = forces.map(length)
  if let atom = lengths.indices.max(by: { lengths[$0] < lengths[$1] }), lengths[atom] > limits.maximumForce {
    reasons.append(
      "|F| \(format(lengths[atom])) eV/Å on atom \(atom + 1) above \(format(limits.maximumForce)) eV/Å")
  }
  let net = length(forces.reduce(.zero, +)) / Double(forces.count)
  if net > limits.maximumNetForce {
    reasons.append("net force \(format(net)) eV/Å per atom above \(format(limits.maximumNetForce)) eV/Å")
  }
  return reasons
}

/// Four significant digits.
private func format(_ value: Double) -> String { String(format: "%.4g", value) }

/// Frames whose energy is far from the others'.
///
/// Reference energies are fitted to the frames that are not suspicious so far, the energies referred to them, and
/// frames beyond the limit taken out; again until nothing changes, so that an outlier cannot hide behind the fit that
/// it has spoilt.
public struct EnergyOutliers {
  /// Fewer frames with energies than this are not judged.
  static let fewestFrames = 20

  /// Places of frames whose energy is far from the others', each with the figure.
  public private(set) var reasons: [(index: Int, reason: String)] = []
  /// Why nothing could be judged.
  public private(set) var notes: [String] = []

  /// - Parameters:
  ///   - suspects: places of frames that are suspicious for other reasons.
  ///   - fit: makes reference energies of rows.
  /// - Throws: what `fit` throws.
  public init(
    _ rows: [EnergyRow], suspects: Set<Int>, limits: DataLimits, fit: ([EnergyRow]) throws -> ReferenceSummary
  ) throws {
    let judged = rows.indices.filter { rows[$0].energy != nil && !rows[$0].isIsolatedAtom }
    guard judged.count >= Self.fewestFrames else {
      notes.append(
        "energies are not judged: frames that have one are \(judged.count), outliers need \(Self.fewestFrames) or more"
      )
      return
    }
    var trusted = judged.filter { !suspects.contains($0) }
    var verdicts: [Int: String] = [:]
    for _ in 0..<10 {
      guard trusted.count >= Self.fewestFrames else {
        notes.append("energies are not judged: only \(trusted.count) frames are free of other reasons")
        return
      }
      let references = try fit(trusted.map { rows[$0] })
      let sample = trusted.compactMap { references.referredEnergyPerAtom(rows[$0]) }
      guard let scale = RobustScale(sample) else {
        notes.append("energies are not judged: more than half of them are equal after reference energies")
        return
      }
      // A frame with an element that only outliers hold keeps its verdict: there is no reference for it any more.
      for index in judged {
        guard let energy = references.referredEnergyPerAtom(rows[index]) else { continue }
        let isOutlier = abs(scale.deviation(of: energy)) > limits.maximumEnergyDeviation
        verdicts[index] = isOutlier ? scale.reason(for: energy, limit: limits.maximumEnergyDeviation) : nil
      }
      let next = judged.filter { !suspects.contains($0) && verdicts[$0] == nil }
      if next == trusted { break }
      trusted = next
    }
    reasons = verdicts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

/// Median and median absolute deviation of energies, eV/atom.
private struct RobustScale {
  let median: Double
  let spread: Double

  /// nil where more than half of the numbers are equal.
  init?(_ numbers: [Double]) {
    let center = middle(numbers)
    median = center
    spread = middle(numbers.map { abs($0 - center) })
    guard spread > 0 else { return nil }
  }

  /// 0.6745 (e − median)/MAD: for a normal distribution, in units of its standard deviation.
  func deviation(of energy: Double) -> Double { 0.6745 * (energy - median) / spread }

  func reason(for energy: Double, limit: Double) -> String {
    "energy \(format(energy)) eV/atom after reference energies, \(format(deviation(of: energy))) robust deviations"
      + " from the median \(format(median)) (limit \(format(limit)))"
  }
}

private func middle(_ numbers: [Double]) -> Double {
  let sorted = numbers.sorted()
  guard !sorted.isEmpty else { return .nan }
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
