import Optimization
import Structures

/// Finds the active set of frames that come in batches: rows of a batch that beat the set take their places in it, and
/// the batches come again until none does.
struct ActiveSetBuilder<Model: GradedPotential>: Sendable {
  let model: Model
  let rule: ActiveRule
  let threads: Int
  private let widths: [Int]
  private var groups: [ScaledMaxVol?]
  /// What an earlier active set says of its rows.
  private let earlier: [[ActiveSet.Member?]]
  /// The caller's key of each frame that has been seen.
  private var keys: [UInt64] = []

  /// Rows of one exchange: the table of their coefficients stays in the cache.
  private static var tableSize: Int { 1 << 18 }
  /// Row numbers within a frame have this many bits.
  private static var rowBits: Int { 24 }

  /// - Parameter start: an active set of the same rows to go on from.
  /// - Throws: `InputError` where the rows of that set are dependent.
  init(_ model: Model, _ rule: ActiveRule, start: ActiveSet? = nil, threads: Int) throws {
    self.model = model
    self.rule = rule
    self.threads = threads
    widths = ActiveRows.widths(model, rule)
    groups = try start?.groups() ?? [ScaledMaxVol?](repeating: nil, count: widths.count)
    earlier = start?.members ?? []
  }

  /// Rows of a batch, apart by groups, with their numbers.
  struct Batch: Sendable {
    var values: [[Double]]
    var numbers: [[Int]]
  }

  /// Makes the rows of frames.
  /// - Parameter keys: one a frame, to know it by.
  mutating func batch(_ frames: [LabeledStructure], keys: [UInt64]) throws -> Batch {
    let (model, rule) = (model, rule)
    let parts = try parallelMap(chunks: frames.count, threads: threads) { k in
      do { return try ActiveRows(of: frames[k].structure, model, rule) } catch let error as InputError {
        throw error.located(in: frames[k].name)
      }
    }
    return batch(parts, keys: keys)
  }

  /// - Parameter parts: rows of frames.
  mutating func batch(_ parts: [ActiveRows], keys: [UInt64]) -> Batch {
    let first = self.keys.count
    self.keys += keys
    var batch = Batch(
      values: [[Double]](repeating: [], count: widths.count), numbers: [[Int]](repeating: [], count: widths.count))
    for group in widths.indices {
      batch.values[group].reserveCapacity(parts.reduce(0) { $0 + $1.values[group].count })
      for (k, part) in parts.enumerated() {
        batch.values[group] += part.values[group]
        batch.numbers[group] += part.numbers[group].map { (first + k) << Self.rowBits | $0 }
      }
    }
    return batch
  }

  /// Takes in a batch.
  /// - Returns: how many exchanges it made.
  mutating func absorb(_ batch: Batch) throws -> Int {
    let (old, widths) = (groups, widths)
    let results = try parallelMap(chunks: widths.count, threads: threads) { g in
      Self.absorbed(batch.values[g], batch.numbers[g], width: widths[g], into: old[g])
    }
    groups = results.map(\.group)
    return results.reduce(0) { $0 + $1.swaps }
  }

  private static func absorbed(
    _ values: [Double], _ numbers: [Int], width: Int, into start: ScaledMaxVol?
  ) -> (group: ScaledMaxVol?, swaps: Int) {
    guard !numbers.isEmpty else { return (start, 0) }
    var (group, swaps) = start.map { ($0, 0) } ?? (pivots(values, numbers, width), width)
    let rows = max(32, tableSize / max(1, width))
    while true {
      var found = 0
      for first in stride(from: 0, to: numbers.count, by: rows) {
        let range = first..<min(first + rows, numbers.count)
        var pool = group.scaled(Array(values[range.lowerBound * width..<range.upperBound * width]))
        var names = Array(numbers[range])
        found += group.set.select(from: &pool, numbers: &names, threshold: ActiveSet.swapThreshold).count
      }
      swaps += found
      group.set.refine()
      if found == 0 { return (group, swaps) }
    }
  }

  /// A start from a sample of the rows, evenly spread.
  private static func pivots(_ values: [Double], _ numbers: [Int], _ width: Int) -> ScaledMaxVol {
    let wanted = max(4 * width, 1024)
    let step = max(1, numbers.count / wanted)
    let chosen = Array(stride(from: 0, to: numbers.count, by: step))
    return ScaledMaxVol(
      sample: chosen.flatMap { values[$0 * width..<($0 + 1) * width] }, width: width,
      numbers: chosen.map { numbers[$0] })
  }

  /// What owns the rows of the set now: the caller's key and the row's number; nil where it is of the start.
  private func owner(_ number: Int) -> (key: UInt64, row: Int)? {
    number < 0 ? nil : (keys[number >> Self.rowBits], number & (1 << Self.rowBits - 1))
  }

  /// Keys of the frames that own a row which was not in the start.
  var owners: Set<UInt64> {
    Set(groups.compactMap { $0 }.flatMap { group in group.set.members.compactMap { owner($0)?.key } })
  }

  /// The set as it is, keys being the first 48 bits of ids.
  func finished() -> ActiveSet {
    var rows: [[Double]] = []
    var members: [[ActiveSet.Member?]] = []
    for (g, group) in groups.enumerated() {
      // An element without an atom: every row of it is new.
      let group = group ?? ScaledMaxVol(sample: [], width: widths[g], numbers: [])
      rows.append(group.rows)
      members.append(
        group.set.members.map { number in
          if let (key, row) = owner(number) { return ActiveSet.Member(frame: key, row: row) }
          return number <= -2 ? earlier[g][-2 - number] : nil
        })
    }
    return ActiveSet(rule: rule, rows: rows, members: members)
  }
}

extension ActiveSet {
  /// Rows that are held between passes, bytes; more are made again in each pass.
  private static let heldBytes = 512 << 20
  /// Passes at most.
  private static let passLimit = 20

  /// Bytes of the active set of a model.
  public static func bytes<Model: GradedPotential>(_ model: Model, _ rule: ActiveRule) -> Int {
    ActiveRows.widths(model, rule).reduce(0) { $0 + 8 * $1 * $1 }
  }

  /// The active set of frames.
  /// - Parameters:
  ///   - start: an active set of the same rows that the frames are added to.
  ///   - progress: called with the frames done, of how many, in each pass.
  /// - Throws: `InputError` naming a frame that cannot be worked on.
  public static func build<Model: GradedPotential>(
    _ model: Model, frames: [LabeledStructure], rule: ActiveRule = ActiveRule(), start: ActiveSet? = nil,
    threads: Int,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> ActiveSet {
    try rule.validate()
    var builder = try ActiveSetBuilder(model, rule, start: start, threads: threads)
    let waves = waves(frames, width: ActiveRows.widths(model, rule).max() ?? 0, rule)
    var held: ActiveSetBuilder<Model>.Batch?
    for _ in 0..<passLimit {
      var swaps = 0
      for wave in waves {
        let part = Array(frames[wave])
        let batch = try held ?? builder.batch(part, keys: part.map { TrainingMembers.key($0.id) })
        if waves.count == 1 { held = batch }
        swaps += try builder.absorb(batch)
        progress(wave.upperBound, frames.count)
      }
      // One wave is worked on until nothing changes.
      if swaps == 0 || waves.count == 1 { break }
    }
    return builder.finished()
  }

  /// Consecutive frames whose rows fit into memory.
  private static func waves(_ frames: [LabeledStructure], width: Int, _ rule: ActiveRule) -> [Range<Int>] {
    var waves: [Range<Int>] = []
    var (start, bytes) = (0, 0)
    for (k, frame) in frames.enumerated() {
      let own = 8 * width * ActiveRows.count(frame.structure.count, rule)
      if bytes > 0, bytes + own > heldBytes {
        waves.append(start..<k)
        (start, bytes) = (k, 0)
      }
      bytes += own
    }
    if start < frames.count { waves.append(start..<frames.count) }
    return waves
  }
}
