import Structures

/// Voltages over the whole range of lithium contents of a host, from the lower convex hull of its energies.
///
///     E_f(x) = E(x) − (x − x₀)/(x₁ − x₀) E(x₁) − (x₁ − x)/(x₁ − x₀) E(x₀)
///
/// with the lowest and the highest content as ends. Between neighbours on the hull two phases are side by side and the
/// voltage is constant; contents above the hull do not form.
public struct VoltageProfile: Sendable {
  /// One structure of the host.
  public struct Point: Hashable, Sendable {
    /// Place among the states that were given.
    public var index: Int
    /// Li for each formula unit of the host.
    public var content: Double
    /// eV for each formula unit.
    public var formationEnergy: Double
    /// eV for each formula unit; 0 on the hull.
    public var aboveHull: Double

    public var isStable: Bool { aboveHull == 0 }
  }

  /// Contents between which the voltage is constant.
  public struct Plateau: Hashable, Sendable {
    public var from: Double
    public var to: Double
    /// V.
    public var volts: Double
  }

  /// By content, then by energy.
  public let points: [Point]
  /// From the lowest content to the highest: the voltage falls.
  public let plateaus: [Plateau]
  /// V over the whole range, whatever lies between.
  public let average: Double

  /// eV for each formula unit: two structures closer than that to the hull are on it.
  static let tolerance = 1e-10

  /// - Parameter lithium: energy of metallic lithium, eV/atom.
  /// - Throws: `InputError` where hosts or frames of energy differ, or there is only one content.
  public init(_ states: [LithiationState], lithium: Double) throws {
    guard let first = states.first else { throw InputError("a voltage profile needs structures") }
    for state in states { try AverageVoltage.requirePartners(first, state) }
    let contents = states.map(\.content)
    let energies = states.map { $0.energy / Double($0.host.units) }
    let order = states.indices.sorted { (contents[$0], energies[$0], $0) < (contents[$1], energies[$1], $1) }
    let lowest = order.enumerated().filter { $0 == 0 || contents[order[$0 - 1]] < contents[$1] }.map(\.element)
    guard let poor = lowest.first, let rich = lowest.last, poor != rich else {
      throw InputError(
        "all structures of \(first.host.reducedText) hold the same lithium, \(contents[0]) for each formula unit",
        remedy: "a voltage needs two contents (halite generate delithiate)")
    }
    let span = contents[rich] - contents[poor]
    let formation = states.indices.map { k in
      let share = (contents[k] - contents[poor]) / span
      return energies[k] - share * energies[rich] - (1 - share) * energies[poor]
    }
    let hull = Self.lowerHull(lowest) { SIMD2(contents[$0], formation[$0]) }
    points = order.map { k in
      let above = formation[k] - Self.height(of: hull.map { SIMD2(contents[$0], formation[$0]) }, at: contents[k])
      return Point(
        index: k, content: contents[k], formationEnergy: formation[k],
        aboveHull: above <= Self.tolerance ? 0 : above)
    }
    plateaus = zip(hull, hull.dropFirst()).map { a, b in
      let slope = (energies[b] - energies[a]) / (contents[b] - contents[a])
      return Plateau(from: contents[a], to: contents[b], volts: lithium - slope)
    }
    average = lithium - (energies[rich] - energies[poor]) / span
  }

  /// Vertices of the lower hull by Andrew's monotone chain (doi:10.1016/0020-0190(79)90072-3); items rise in x.
  private static func lowerHull(_ items: [Int], _ place: (Int) -> SIMD2<Double>) -> [Int] {
    var hull: [Int] = []
    for item in items {
      while hull.count >= 2 {
        let (a, b, c) = (place(hull[hull.count - 2]), place(hull[hull.count - 1]), place(item))
        // The height of b above the line from a to c.
        let above = b.y - (a.y + (c.y - a.y) * (b.x - a.x) / (c.x - a.x))
        guard above > tolerance else { break }
        hull.removeLast()
      }
      hull.append(item)
    }
    return hull
  }

  private static func height(of hull: [SIMD2<Double>], at x: Double) -> Double {
    for (a, b) in zip(hull, hull.dropFirst()) where x <= b.x {
      return a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x)
    }
    return hull.last?.y ?? 0
  }
}
