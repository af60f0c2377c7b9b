import Optimization
import Structures

/// The rows of largest volume among those that a potential has learned from, and the grade of other rows by them
/// (Podryabinkin and Shapeev 2017, doi:10.1016/j.commatsci.2017.08.031).
///
///     c = b A⁻¹,  γ(b) = max_j |c_j|
///
/// γ ≤ 1: the row is a combination of active rows with coefficients of at most 1, so that the model interpolates. Rows are
/// derivatives with respect to the coefficients that the energy is linear in. Elements with columns of their own have an
/// active set each. Where the data do not have the rank, rows 10⁻⁵ of their column's size stay from the start: what is new
/// in such a direction gets a very large grade.
public struct ActiveSet: Sendable {
  /// Where an active row comes from.
  public struct Member: Hashable, Sendable {
    /// The first 48 bits of the frame's id.
    public var frame: UInt64
    /// The atom from 0; of a configuration 0 for the energy, then 3N forces and 6 of the virial.
    public var row: Int
  }

  public let rule: ActiveRule
  /// For each group of columns, where its rows come from; nil for one that stands in for a direction without data.
  public let members: [[Member?]]
  /// Active rows of each group, as many as columns, one after the other.
  let rows: [[Double]]

  /// Grades above: label the frame; far outside: stop a run. The defaults of MLIP-3.
  public static let selectThreshold = 2.1
  public static let breakThreshold = 11.0
  /// Rows enter an active set with a grade above 1 and this.
  static let swapThreshold = 1e-3

  init(rule: ActiveRule, rows: [[Double]], members: [[Member?]]) {
    precondition(zip(rows, members).allSatisfy { $0.count == $1.count * $1.count }, "square sets of rows")
    self.rule = rule
    self.rows = rows
    self.members = members
  }

  /// Columns of each group.
  public var widths: [Int] { members.map(\.count) }
  /// Rows that come from frames.
  public var rowCount: Int { members.reduce(0) { $0 + $1.count { $0 != nil } } }
  /// Directions in which there was no data.
  public var emptyCount: Int { members.reduce(0) { $0 + $1.count { $0 == nil } } }
  /// Frames that own a row.
  public var frameCount: Int { Set(members.joined().compactMap { $0?.frame }).count }

  /// "active set: 93 rows of 41 frames".
  public var summary: String {
    let empty = emptyCount
    return
      "active set: \(rowCount) \(rule.rows == .neighbourhoods ? "neighbourhoods" : "rows") of \(frameCount) frames"
      + (empty > 0 ? "; the data leave \(empty) directions open, in which everything is new" : "")
  }

  /// Ready to grade rows and to be gone on with: the numbers of its members are −2 − k for member k, −1 for a direction
  /// without data.
  /// - Throws: `InputError` where the rows are dependent.
  func groups() throws -> [ScaledMaxVol] {
    try zip(rows, members).map { rows, members in
      let numbers = members.indices.map { members[$0] == nil ? -1 : -2 - $0 }
      guard let group = ScaledMaxVol(rows: rows, members: numbers) else {
        throw InputError(
          "the rows of the active set are dependent or not finite",
          remedy: "make it anew: halite active build POTENTIAL --data FILES")
      }
      return group
    }
  }
}

/// MaxVol of rows whose columns are scaled by powers of two to the size of one: grades do not change, round-off does.
struct ScaledMaxVol: Sendable {
  /// What columns are multiplied by.
  let scales: [Double]
  var set: MaxVol

  private static let epsilon = 1e-5

  /// Active rows of a file.
  /// - Returns: nil where they are dependent.
  init?(rows: [Double], members: [Int]) {
    guard rows.allSatisfy(\.isFinite) else { return nil }
    scales = Self.scales(rows, members.count)
    guard let set = MaxVol(rows: Self.scaled(rows, scales), members: members) else { return nil }
    self.set = set
  }

  /// The pivots of a sample of rows to begin with, ε I below them.
  init(sample rows: [Double], width: Int, numbers: [Int]) {
    scales = Self.scales(rows, width)
    let scaled = Self.scaled(rows, scales)
    set = MaxVol(pivotsOf: scaled, numbers: numbers, size: width, epsilon: Self.epsilon)
  }

  /// A by rows, in the columns' own units.
  var rows: [Double] {
    var result = set.rows
    let width = scales.count
    for k in result.indices { result[k] /= scales[k % width] }
    return result
  }

  func grades(_ rows: [Double]) -> [Double] { set.grades(Self.scaled(rows, scales)) }

  func scaled(_ rows: [Double]) -> [Double] { Self.scaled(rows, scales) }

  private static func scales(_ rows: [Double], _ width: Int) -> [Double] {
    var largest = [Double](repeating: 0, count: width)
    for start in stride(from: 0, to: rows.count, by: max(1, width)) {
      for k in 0..<width { largest[k] = max(largest[k], abs(rows[start + k])) }
    }
    return largest.map { $0 > 0 && $0.isFinite ? Double(sign: .plus, exponent: -$0.exponent, significand: 1) : 1 }
  }

  private static func scaled(_ rows: [Double], _ scales: [Double]) -> [Double] {
    var result = rows
    let width = scales.count
    result.withUnsafeMutableBufferPointer { result in
      for start in stride(from: 0, to: result.count, by: max(1, width)) {
        for k in 0..<width { result[start + k] *= scales[k] }
      }
    }
    return result
  }
}
