import Optimization
import Structures

#if canImport(Glibc)
  import Glibc
#endif

extension MTP {
  /// Frames that starts are compared on, at least, and rows for each coefficient that is solved for.
  private static let comparedFrames = 50
  private static let rowsPerColumn = 4

  /// Random radial functions; of several those that leave the lowest loss: where a short descent ends (`gauss_newton`,
  /// `bfgs`), or with their ξ and ξ⁰ solved for.
  ///
  /// A run that goes on from its checkpoint needs none of this: all parameters are in it.
  /// - Throws: `InputError` where the user stops it, a frame cannot be worked on, or too much is to be solved for.
  mutating func setRadialFunctions(for data: Dataset, _ run: TrainingRun) throws {
    var random = RandomSource(seed: run.seed)
    setRandomRadialFunctions(using: &random)
    let count = startCount
    guard count > 1, !Checkpoint.isThere(run) else { return }
    if isChosenByDescents {
      try descend(from: count, data, &random, run)
    } else {
      try solve(at: count, data, &random, run)
    }
  }

  /// Random starts: as many as the settings say, or as are worth it.
  ///
  /// A small basis has several minima, and some starts end in the worse; what several descents cost a large one is better
  /// spent on one.
  var startCount: Int {
    // A few epochs say nothing of where a descent will end.
    let isLong = Self.startEpochs(hyperparameters.descent) >= 10
    return hyperparameters.starts ?? (isChosenByDescents && isLong && parameterCount <= 150 ? 6 : 1)
  }

  /// True for methods that come far in few epochs.
  var isChosenByDescents: Bool { [.gaussNewton, .bfgs].contains(hyperparameters.descent.method) }

  /// Epochs of the descent from each start: a fifth of all.
  static func startEpochs(_ settings: DescentSettings) -> Int { settings.epochLimit / 5 }

  /// Descends a little from each start; goes on from where the loss came lowest.
  private mutating func descend(
    from count: Int, _ data: Dataset, _ random: inout RandomSource, _ run: TrainingRun
  ) throws {
    var settings = hyperparameters.descent
    settings.maxEpochs = Self.startEpochs(settings)
    settings.patience = 0
    let total = count * (settings.epochLimit + 1)
    var (best, lowest) = (self, Double.infinity)
    let begun = (0..<count).prefix {
      Checkpoint.isThere(run.forStart($0 + 1, epochs: settings.epochLimit + 1) { _ in })
    }
    run.searched(begun.isEmpty ? 0 : max(1, (begun.count - 1) * (settings.epochLimit + 1)), total)
    for k in 0..<count {
      if k > 0 { setRandomRadialFunctions(using: &random) }
      let before = k * (settings.epochLimit + 1)
      let own = run.forStart(k + 1, epochs: settings.epochLimit + 1) { run.searched(before + $0, total) }
      let trained = try GradientTraining.shortDescent(self, on: data, settings: settings, run: own)
      guard trained.stopReason != .user else {
        throw InputError("stopped while a start was looked for", remedy: "the same command again goes on")
      }
      let loss = trained.log.map(\.loss).min() ?? .infinity
      if loss < lowest { (best, lowest) = (trained.best, loss) }
    }
    self = best
  }

  /// Solves for ξ and ξ⁰ at each start, on some frames; goes on from where that leaves the lowest loss.
  private mutating func solve(
    at count: Int, _ data: Dataset, _ random: inout RandomSource, _ run: TrainingRun
  ) throws {
    guard coefficients.count <= MTPLinearSystem.largestCount else {
      throw InputError(
        "starts is \(count), but level \(hyperparameters.level) has \(coefficients.count) contractions to solve for at each, "
          + "more than \(MTPLinearSystem.largestCount)", remedy: "set starts to 1, or lower level")
    }
    guard let frames = comparison(data) else { return }
    var (best, lowest) = (self, Double.infinity)
    var quiet = run
    quiet.advanced = { _, _ in }
    for k in 0..<count {
      if k > 0 { setRandomRadialFunctions(using: &random) }
      run.searched(k, count)
      guard !run.shouldStop(), let factor = try MTPLinearSystem(self, frames, run: quiet).factor() else {
        throw InputError("stopped while a start was looked for", remedy: "the same command again begins anew")
      }
      guard let solution = LinearSolver(singularCutoff: 1e-13).solve(factor, threads: run.threads),
        solution.residual < lowest
      else { continue }
      (best, lowest) = (self, solution.residual)
      best.coefficients = Array(solution.x[..<coefficients.count])
      best.speciesEnergies = Array(solution.x[coefficients.count...])
    }
    self = best
  }

  /// Some frames, evenly from the data; nil where all of them do not fix what is solved for.
  func comparison(_ data: Dataset) -> Dataset? {
    let rows = MTPLinearSystem(self, data, run: TrainingRun()).rowCount
    let needed = Self.rowsPerColumn * columnCount
    guard rows >= needed else { return nil }
    let share = max(Double(Self.comparedFrames) / Double(data.count), Double(needed) / Double(rows))
    let step = max(1, Int(1 / share))
    return Dataset(stride(from: 0, to: data.count, by: step).map { data[$0] })
  }

  /// Random radial functions that look the same from both ends of a pair, orthogonal to each other over all pairs of types:
  /// mixing them and their norms change nothing that ξ could not undo.
  mutating func setRandomRadialFunctions(using random: inout RandomSource) {
    let (species, functions, size) = (elements.count, tables.functionCount, hyperparameters.radialSize)
    var values = radial
    func place(_ a: Int, _ b: Int, _ m: Int) -> Int { ((a * species + b) * functions + m) * size }
    for a in 0..<species {
      for b in a..<species {
        for k in 0..<functions * size {
          let value = 2 * random.uniform() - 1
          values[place(a, b, 0) + k] = value
          values[place(b, a, 0) + k] = value
        }
      }
    }
    let rows = (0..<functions).map { m in
      (0..<species * species).flatMap { pair in (0..<size).map { (pair * functions + m) * size + $0 } }
    }
    for m in rows.indices {
      for other in 0..<m {
        let overlap = zip(rows[m], rows[other]).reduce(0) { $0 + values[$1.0] * values[$1.1] }
        for (own, place) in zip(rows[m], rows[other]) {
          values[own] -= overlap / Double(species * species) * values[place]
        }
      }
      let norm = rows[m].reduce(0) { $0 + values[$1] * values[$1] }.squareRoot()
      for place in rows[m] { values[place] *= norm > 0 ? Double(species) / norm : 0 }
    }
    radial = values
    // Moments of a dense crystal are then of the order of one.
    let width = hyperparameters.rMax - hyperparameters.closest
    scaling = 0.25 / (width * width)
  }

  /// The smallest distance of two atoms in the data, Å; nil where none are within the reach.
  static func smallestDistance(in data: Dataset, reach: Double) -> Double? {
    var smallest = min(reach, 2.5)
    var isFound = false
    for cutoff in [smallest, reach] where !isFound {
      smallest = cutoff
      for frame in data {
        let elements = Set(frame.structure.elements).sorted()
        // Frames with atoms too close are named where they are trained on.
        guard let search = try? NeighborSearch(frames: [frame.structure], elements: elements, cutoff: smallest),
          let list = try? search.list(of: search.sites)
        else { continue }
        for vector in list.vectors {
          isFound = true
          smallest = min(smallest, length(vector))
        }
      }
    }
    return isFound ? smallest : nil
  }
}
