import Foundation
import Structures

/// Whether the stresses of a data set can be right: at equal composition the pressure must fall as the volume grows.
///
/// Within each composition P = −tr σ/3 is compared with ln V (per atom); over all compositions the slope of the centred values,
/// Σ (ln V − mean)(P − mean) / Σ (ln V − mean)², is −B, a bulk modulus. A slope above zero means a wrong sign, |B| far outside of
/// what solids have a wrong unit. Where volumes hardly vary, or pressures hardly follow them, nothing can be said.
public struct StressSense: Codable, Sendable {
  public enum Judgement: String, Codable, Sendable {
    case right
    case wrongSign = "wrong-sign"
    case wrongUnit = "wrong-unit"
    case unknown
  }

  /// One frame: composition, volume (Å³/atom), pressure (GPa).
  public struct Point: Sendable {
    public var formula: String
    var volume: Double
    var pressure: Double

    /// nil without a stress or a volume.
    public init?(_ frame: LabeledStructure) {
      guard let volume = frame.structure.volume, frame.structure.count > 0, !frame.isIsolatedAtom,
        let stress = frame.labels.stress(volume: volume)
      else { return nil }
      formula = frame.structure.reducedFormula
      self.volume = volume / Double(frame.structure.count)
      pressure = -(stress.x.x + stress.y.y + stress.z.z) / 3 * Units.gigapascalsPerEVPerCubicAngstrom
    }
  }

  public var judgement: Judgement
  /// Compositions whose volumes vary, and their frames.
  public var compositions: Int
  public var frames: Int
  /// −dP/d ln V, GPa.
  public var bulkModulus: Double?
  /// Of ln V and P within the compositions.
  public var correlation: Double?

  private enum CodingKeys: String, CodingKey {
    case judgement, compositions, frames, correlation
    case bulkModulus = "bulk_modulus"
  }

  /// Bulk moduli that a solid may have, with room for fits through relaxations, GPa.
  public static let plausible = 2.0...2000.0
  /// Volumes of one composition must vary by this fraction.
  public static let smallestSpread = 0.005
  /// A weaker correlation says nothing.
  public static let weakestCorrelation = 0.5

  public init(_ points: [Point]) {
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    compositions = 0
    frames = 0
    for (_, group) in Dictionary(grouping: points, by: \.formula).sorted(by: { $0.key < $1.key }) {
      let logarithms = group.map { log($0.volume) }
      guard group.count >= 3, let low = logarithms.min(), let high = logarithms.max(),
        high - low >= Self.smallestSpread
      else {
        continue
      }
      compositions += 1
      frames += group.count
      let x = logarithms.reduce(0, +) / Double(group.count)
      let y = group.reduce(0) { $0 + $1.pressure } / Double(group.count)
      for (logarithm, point) in zip(logarithms, group) {
        xx += (logarithm - x) * (logarithm - x)
        xy += (logarithm - x) * (point.pressure - y)
        yy += (point.pressure - y) * (point.pressure - y)
      }
    }
    judgement = .unknown
    guard frames >= 3, xx > 0, yy > 0 else { return }
    let r = xy / (xx * yy).squareRoot()
    bulkModulus = -xy / xx
    correlation = r
    guard abs(r) >= Self.weakestCorrelation else { return }
    judgement = r > 0 ? .wrongSign : Self.plausible.contains(-xy / xx) ? .right : .wrongUnit
  }

  /// For the user; nil where all is well or nothing can be said.
  public var warning: String? {
    guard let bulkModulus else { return nil }
    let size = String(format: "%.3g", abs(bulkModulus))
    let basis = "\(frames) frames of \(compositions) composition\(compositions == 1 ? "" : "s")"
    switch judgement {
    case .wrongSign:
      return
        "the pressure rises with the volume (by \(size) GPa for ln V, \(basis)): the sign of the stresses must be wrong"
    case .wrongUnit:
      return
        "the stresses give a bulk modulus of \(size) GPa (\(basis)), which no solid has: their unit must be wrong"
    case .right, .unknown: return nil
    }
  }

  /// One line.
  public var text: String {
    if let warning { return warning }
    guard let bulkModulus, judgement == .right else {
      return "stress: volumes vary too little to judge sign and unit"
    }
    return
      "stress: pressure falls with volume, by \(String(format: "%.3g", bulkModulus)) GPa for ln V (\(frames) frames)"
  }
}
