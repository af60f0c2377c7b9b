import Structures

extension FrameBlocks {
  /// Random combinations of the derivatives of all errors with respect to the parameters, by rows: for each frame the
  /// energy, then `draws` sums of force and virial components with random signs.
  ///
  /// Their products SᵀS have the mean 2 JᵀJ of the loss's Gauss–Newton matrix.
  func curvatureRows(_ model: Model, frames range: Range<Int>, draws: Int, seed: UInt64) throws -> [Double] {
    let scale = LossScale(weights, over: LossSums.counts(frames, weights))
    let rows = try parallelMap(chunks: range.count, threads: threads) { k in
      let frame = frames[range.lowerBound + k]
      return try Self.rows(model, frame, try list(model, frame), scale, draws: draws) { draw in
        RandomSource(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64((range.lowerBound + k) * 4096 + draw))
      }
    }
    return rows.flatMap { $0 }
  }

  private static func rows(
    _ model: Model, _ frame: LabeledStructure, _ list: NeighborList, _ scale: LossScale, draws: Int,
    random: (Int) -> RandomSource
  ) throws -> [Double] {
    let share = scale.share(of: frame)
    let (atoms, parameters) = (frame.structure.count, model.parameters.count)
    var result: [Double] = []
    func append(_ siteWeight: Double, _ tangents: [SIMD3<Double>]) {
      var row = [Double](repeating: 0, count: parameters)
      model.addParameterGradient(
        list, siteWeights: [Double](repeating: siteWeight, count: atoms), pairTangents: tangents, into: &row)
      result += row
    }
    if frame.labels.energy != nil, share.slopes[0] > 0 { append(share.slopes[0].squareRoot() / Double(atoms), []) }
    let hasForces = frame.labels.forces != nil && share.slopes[1] > 0
    let hasVirial = frame.labels.virial != nil && share.slopes[2] > 0
    guard hasForces || hasVirial else { return result }
    // No more than there are components.
    let count = min(draws, (hasForces ? 3 * atoms : 0) + (hasVirial ? 6 : 0))
    let forceSize = hasForces ? (share.slopes[1] / Double(count)).squareRoot() : 0
    let virialSize = hasVirial ? (share.slopes[2] / Double(count)).squareRoot() / Double(atoms) : 0
    for draw in 0..<count {
      var random = random(draw)
      func sign() -> Double { random.next() & 1 == 0 ? 1 : -1 }
      let signs = (0..<atoms).map { _ in SIMD3(sign(), sign(), sign()) }
      // Six components, of which three count twice.
      let (xx, yy, zz) = (sign(), sign(), sign())
      let half = 0.5.squareRoot()
      let (yz, xz, xy) = (half * sign(), half * sign(), half * sign())
      let slope = virialSize * Matrix3([xx, xy, xz], [xy, yy, yz], [xz, yz, zz])
      var tangents = [SIMD3<Double>](repeating: .zero, count: list.vectors.count)
      for site in 0..<atoms {
        for pair in list.pairs(of: site) {
          tangents[pair] = forceSize * (signs[site] - signs[list.indices[pair]]) - slope * list.vectors[pair]
        }
      }
      append(0, tangents)
    }
    return result
  }
}
