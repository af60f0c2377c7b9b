import Structures

/// An element, how much of it there is, and its oxidation state.
public struct ChargedAmount: Hashable, Sendable {
  public var element: ChemicalElement
  public var charge: Int
  public var amount: Double

  /// "0.4 Mn3+".
  public var description: String {
    let sign = charge < 0 ? "-" : "+"
    return "\(shortNumber(amount)) \(element)\(abs(charge) == 1 ? "" : String(abs(charge)))\(sign)"
  }
}

/// Oxidation states, whole numbers, for which a composition is neutral.
public enum ChargeBalance {
  /// All choices of one state for each element that add up to zero, the most usual states first; where there is none,
  /// those in which one element has two states.
  ///
  /// - Parameter tolerance: charge for each atom that counts as zero (amounts such as 0.333 are rounded).
  /// - Throws: `InputError` that says why the composition cannot be neutral.
  public static func assignments(
    _ amounts: [(element: ChemicalElement, amount: Double)], tolerance: Double = 1e-3
  ) throws -> [[ChargedAmount]] {
    if let unknown = amounts.first(where: { $0.element.oxidationStates.isEmpty }) {
      throw InputError("no oxidation states of \(unknown.element) are known here")
    }
    let total = amounts.reduce(0) { $0 + $1.amount }
    let limit = tolerance * total
    var pure: [(states: [ChargedAmount], cost: Double)] = []
    var mixed: [(states: [ChargedAmount], cost: Double)] = []
    forEachChoice(amounts) { choice, cost in
      let charge = choice.reduce(0) { $0 + Double($1.charge) * $1.amount }
      if abs(charge) <= limit { pure.append((choice, cost)) }
      guard pure.isEmpty else { return }
      for k in choice.indices {
        guard let split = split(choice[k], by: -charge) else { continue }
        var states = choice
        states.replaceSubrange(k...k, with: split)
        mixed.append((states, cost))
      }
    }
    let best = pure.isEmpty ? unique(mixed) : pure
    guard !best.isEmpty else { throw unbalanced(amounts) }
    return best.enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }
      .map(\.element.states)
  }

  /// One choice for each element, with the sum of amount × place in the list of usual states.
  private static func forEachChoice(
    _ amounts: [(element: ChemicalElement, amount: Double)], _ body: ([ChargedAmount], Double) -> Void
  ) {
    func descend(_ k: Int, _ choice: [ChargedAmount], _ cost: Double) {
      guard k < amounts.count else { return body(choice, cost) }
      let (element, amount) = amounts[k]
      for (rank, charge) in element.oxidationStates.enumerated() {
        let next = ChargedAmount(element: element, charge: charge, amount: amount)
        descend(k + 1, choice + [next], cost + Double(rank) * amount)
      }
    }
    descend(0, [], 0)
  }

  /// A part of an element in its next higher state, so that its charge grows by `missing`.
  private static func split(_ whole: ChargedAmount, by missing: Double) -> [ChargedAmount]? {
    let higher = whole.element.oxidationStates.filter { $0 > whole.charge }.min()
    guard let higher, missing > 0 else { return nil }
    let part = missing / Double(higher - whole.charge)
    guard part < whole.amount else { return nil }
    return [
      ChargedAmount(element: whole.element, charge: whole.charge, amount: whole.amount - part),
      ChargedAmount(element: whole.element, charge: higher, amount: part),
    ]
  }

  private static func unique(
    _ found: [(states: [ChargedAmount], cost: Double)]
  ) -> [(states: [ChargedAmount], cost: Double)] {
    var seen: Set<[ChargedAmount]> = []
    return found.filter { seen.insert($0.states).inserted }
  }

  private static func unbalanced(_ amounts: [(element: ChemicalElement, amount: Double)]) -> InputError {
    let cations = amounts.filter { !$0.element.isAnion }
    let anions = amounts.filter { $0.element.isAnion }
    func sum(_ parts: [(element: ChemicalElement, amount: Double)], _ pick: ([Int]) -> Int?) -> Double {
      parts.reduce(0) { $0 + $1.amount * Double(pick($1.element.oxidationStates) ?? 0) }
    }
    let formula = amounts.map { "\($0.element)" + ($0.amount == 1 ? "" : shortNumber($0.amount)) }.joined()
    return InputError(
      "\(formula) cannot be neutral: its cations carry from +\(shortNumber(sum(cations) { $0.min() })) to "
        + "+\(shortNumber(sum(cations) { $0.max() })), its anions \(shortNumber(sum(anions) { $0.first }))",
      remedy: "change the amounts")
  }

  /// Edge of the rocksalt cube from ionic radii, Å: 2 (⟨r_cation⟩ + ⟨r_anion⟩), empty sites left out.
  ///
  /// - Throws: `InputError` where the composition is not neutral, has no anions or cations, or a radius is not known.
  public static func rocksaltEdge(_ amounts: [(element: ChemicalElement, amount: Double)]) throws -> Double {
    guard let states = try assignments(amounts).first else { throw unbalanced(amounts) }
    return try rocksaltEdge(states)
  }

  /// The same for given oxidation states.
  public static func rocksaltEdge(_ states: [ChargedAmount]) throws -> Double {
    var (cations, anions) = ((sum: 0.0, count: 0.0), (sum: 0.0, count: 0.0))
    for state in states {
      guard let radius = state.element.ionicRadius(charge: state.charge) else {
        throw InputError(
          "no ionic radius of \(state.element) with charge \(state.charge) is known here",
          remedy: "give the lattice parameter")
      }
      if state.charge > 0 {
        cations = (cations.sum + radius * state.amount, cations.count + state.amount)
      } else {
        anions = (anions.sum + radius * state.amount, anions.count + state.amount)
      }
    }
    guard cations.count > 0, anions.count > 0 else {
      throw InputError("a rocksalt needs cations and anions", remedy: "give the lattice parameter")
    }
    return 2 * (cations.sum / cations.count + anions.sum / anions.count)
  }
}

/// "0.4", "2", "0.3333".
func shortNumber(_ x: Double) -> String {
  let rounded = (x * 1e4).rounded() / 1e4
  return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
}

/// Compositions Li(1+x) M(1−x) O(2−y) F(y) of a cell with whole numbers of atoms and whole oxidation states.
public struct NeutralCompositions: Sendable {
  public struct Row: Sendable {
    /// Excess of lithium and amount of fluorine per formula unit of two cation sites.
    public var x: Double
    public var y: Double
    public var states: [ChargedAmount]
  }

  /// All neutral compositions of a cell of `sites` cation and as many anion sites.
  ///
  /// - Parameters:
  ///   - metals: each at least once, with one state, or two where one alone gives nothing neutral.
  ///   - x, y: ranges.
  /// - Throws: `InputError` where there is none.
  public static func all(
    metals: [ChemicalElement], sites: Int, x: ClosedRange<Double>, y: ClosedRange<Double>
  ) throws -> [Row] {
    let lithium = ChemicalElement("Li")!
    let (oxygen, fluorine) = (ChemicalElement("O")!, ChemicalElement("F")!)
    let units = Double(sites) / 2
    var rows: [Row] = []
    for li in 1...max(1, sites - metals.count) where x.contains(rounded(Double(li) / units - 1)) {
      for f in 0...sites where y.contains(rounded(Double(f) / units)) {
        for parts in divisions(of: sites - li, into: metals.count) {
          var amounts = [(element: lithium, amount: Double(li))] + zip(metals, parts).map { ($0, Double($1)) }
          if f < sites { amounts.append((oxygen, Double(sites - f))) }
          if f > 0 { amounts.append((fluorine, Double(f))) }
          let choices = (try? ChargeBalance.assignments(amounts, tolerance: 1e-9)) ?? []
          // Two states of one element only where the cell holds whole numbers of each.
          for states in choices where states.allSatisfy({ abs($0.amount - $0.amount.rounded()) < 1e-6 }) {
            rows.append(Row(x: rounded(Double(li) / units - 1), y: rounded(Double(f) / units), states: states))
          }
        }
      }
    }
    guard !rows.isEmpty else {
      throw InputError(
        "no neutral composition of Li, \(metals.map(\.symbol).joined(separator: ", ")), O and F on \(sites) cation sites "
          + "has x in \(x) and y in \(y)", remedy: "widen the ranges or take more sites")
    }
    return rows
  }

  private static func rounded(_ x: Double) -> Double { (x * 1e9).rounded() / 1e9 }

  /// Positive whole numbers that add up to `total`.
  static func divisions(of total: Int, into parts: Int) -> [[Int]] {
    if parts == 1 { return total >= 1 ? [[total]] : [] }
    guard total >= parts else { return [] }
    return (1...(total - parts + 1)).flatMap { first in
      divisions(of: total - first, into: parts - 1).map { [first] + $0 }
    }
  }
}
