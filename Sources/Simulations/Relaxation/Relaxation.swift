import Potentials
import Structures

/// Moves atoms, and the cell where asked, to the nearest minimum of the energy.
///
/// The same structure, potential and settings give the same bits, however many structures are relaxed side by side. A
/// relaxation ends where forces and stress are small, and before the potential is asked for what it cannot know: atoms too
/// close, a volume far from the start, a grade of extrapolation above its limit.
public struct Relaxation: Sendable {
  public let evaluator: Evaluator
  public let settings: RelaxationSettings

  /// - Throws: `InputError` for settings out of their range.
  public init(_ evaluator: Evaluator, settings: RelaxationSettings = RelaxationSettings()) throws {
    try settings.validate()
    self.evaluator = evaluator
    self.settings = settings
  }

  /// Structures side by side, results in their order.
  /// - Parameter names: for errors, one a structure.
  /// - Throws: `InputError` naming the structure that the potential cannot say anything of.
  public func relax(_ structures: [Structure], names: [String] = [], threads: Int = 1) throws -> [RelaxedStructure]
  {
    try parallelMap(chunks: structures.count, threads: threads) { k in
      do { return try relax(structures[k]) } catch let error as InputError {
        throw names.indices.contains(k) ? error.located(in: names[k]) : error
      }
    }
  }

  /// - Throws: `InputError` where the potential cannot say anything of the structure, or a cell that is none should relax.
  public func relax(_ start: Structure) throws -> RelaxedStructure {
    let coordinates = try CellCoordinates(start, relaxesCell: settings.relaxesCell)
    var point = coordinates.point
    var mover = Mover(settings)
    let first = try evaluator.evaluate(start)
    var best = state(start, first, from: start, startEnergy: first.prediction.energy, steps: 0)
    if let end = try guardedEnd(start, grade: first.grade) {
      best.end = end
      return best
    }
    var current = best
    var retreats = 0
    for step in 1... {
      if isConverged(current) {
        current.end = .converged
        return current
      }
      guard current.energy.isFinite || settings.method == .lbfgs else { return ended(best, .stuck) }
      // What is given back is the lowest structure seen: a step that raised the energy is none.
      if current.energy <= best.energy { best = current }
      best.steps = current.steps
      guard step <= settings.stepLimit else { return ended(best, .stepLimit) }
      let prediction = current.evaluation.prediction
      let gradient = coordinates.gradient(at: point, forces: prediction.forces, virial: prediction.virial)
      let move = try allowedMove(&mover, from: point, prediction.energy, gradient, coordinates, &retreats)
      guard case .to(let next, let moved) = move else {
        if case .end(let end) = move { return ended(best, end) }
        return ended(best, .stuck)
      }
      point = next
      let evaluation = try evaluator.evaluate(moved)
      if let end = gradeEnd(evaluation.grade) { return ended(best, end) }
      current = state(moved, evaluation, from: start, startEnergy: first.prediction.energy, steps: step)
    }
    return best
  }

  private enum Move {
    case to([SIMD3<Double>], Structure)
    case end(RelaxationEnd)
  }

  /// Long steps that the guards refuse are shortened a few times before they end a relaxation.
  private static let mostRetreats = 12

  /// The next point that the guards let pass, or why there is none.
  private func allowedMove(
    _ mover: inout Mover, from point: [SIMD3<Double>], _ energy: Double, _ gradient: [SIMD3<Double>],
    _ coordinates: CellCoordinates, _ retreats: inout Int
  ) throws -> Move {
    guard var next = mover.next(point, energy: energy, gradient: gradient) else { return .end(.stuck) }
    while true {
      let moved = coordinates.structure(at: next)
      let end = try moved.map { try guardedEnd($0, grade: nil, volume: coordinates.start.volume) } ?? .volume(-1)
      guard let end else { return moved.map { .to(next, $0) } ?? .end(.volume(-1)) }
      retreats += 1
      guard settings.method == .lbfgs, retreats <= Self.mostRetreats,
        let shorter = mover.next(next, energy: .infinity, gradient: gradient)
      else { return .end(end) }
      next = shorter
    }
  }

  private func ended(_ state: RelaxedStructure, _ end: RelaxationEnd) -> RelaxedStructure {
    var result = state
    result.end = end
    return result
  }

  private func state(
    _ structure: Structure, _ evaluation: Evaluation, from start: Structure, startEnergy: Double, steps: Int
  ) -> RelaxedStructure {
    let stress = structure.volume.map { volume in
      evaluation.prediction.virial.rows.map { abs($0) / volume }.max() ?? 0
    }
    let change = structure.volume.flatMap { volume in start.volume.map { volume / $0 - 1 } }
    return RelaxedStructure(
      structure: structure, evaluation: evaluation, startEnergy: startEnergy, steps: steps, end: .stepLimit,
      largestForce: evaluation.prediction.forces.map(length).max() ?? 0, largestStress: stress, volumeChange: change
    )
  }

  private func isConverged(_ state: RelaxedStructure) -> Bool {
    guard state.energy.isFinite, state.largestForce < settings.forceTolerance else { return false }
    return !settings.relaxesCell || (state.largestStress ?? 0) < settings.stressTolerance
  }

  private func guardedEnd(_ structure: Structure, grade: Double?, volume: Double? = nil) throws -> RelaxationEnd? {
    if let volume, let now = structure.volume, abs(now / volume - 1) > settings.volumeLimit {
      return .volume(now / volume - 1)
    }
    if let contact = try ContactGuard(fraction: settings.contactFraction).contact(in: structure) {
      return .contact(contact)
    }
    return gradeEnd(grade)
  }

  private func gradeEnd(_ grade: Double?) -> RelaxationEnd? {
    guard let grade, let limit = settings.gradeLimit, !(grade <= limit) else { return nil }
    return .extrapolation(grade)
  }
}

/// One of the two ways to move.
private enum Mover {
  case fire(FIRE)
  case quasiNewton(TrustedQuasiNewton)

  init(_ settings: RelaxationSettings) {
    switch settings.method {
    case .fire: self = .fire(FIRE(longestStep: settings.longestStep))
    case .lbfgs: self = .quasiNewton(TrustedQuasiNewton(longestStep: settings.longestStep))
    }
  }

  mutating func next(_ point: [SIMD3<Double>], energy: Double, gradient: [SIMD3<Double>]) -> [SIMD3<Double>]? {
    switch self {
    case .fire(var mover):
      defer { self = .fire(mover) }
      return mover.next(point, gradient: gradient)
    case .quasiNewton(var mover):
      defer { self = .quasiNewton(mover) }
      return mover.next(point, energy: energy, gradient: gradient)
    }
  }
}
