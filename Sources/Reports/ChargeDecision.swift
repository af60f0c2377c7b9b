import Structures

/// Decides between states of equal moment by the charges of a frame: Fe2+ and Fe4+ have one moment, but FeO holds only Fe2+ and SrFeO3
/// only Fe4+.
///
/// Sites of one element that may be of the same states are all taken to be of one of them; where exactly one choice for all of them makes
/// the frame neutral it is taken, else none is.
enum ChargeDecision {
  /// Charges of elements that have only one in oxides and fluorides.
  private static let fixed: [String: Int] = [
    "Li": 1, "Na": 1, "K": 1, "Rb": 1, "Cs": 1, "Be": 2, "Mg": 2, "Ca": 2, "Sr": 2, "Ba": 2, "Zn": 2, "Al": 3,
    "Ga": 3,
    "Sc": 3, "Y": 3, "La": 3, "Bi": 3, "Zr": 4, "Hf": 4, "Nb": 5, "Ta": 5, "O": -2, "F": -1,
  ]

  /// Sites that may be of the same states.
  private struct Group: Hashable {
    var element: ChemicalElement
    var states: [String]
  }

  /// The states of the sites after the decision, in the order of the atoms; nil where there is none.
  /// - Parameter states: what the moment of each atom may mean; nil for atoms that have no windows.
  static func states(_ elements: [ChemicalElement], _ states: [[String]?]) -> [[String]?]? {
    var charge = 0
    var counts: [Group: Int] = [:]
    for (element, found) in zip(elements, states) {
      guard let found else {
        guard let known = fixed[element.symbol] else { return nil }
        charge += known
        continue
      }
      if found.isEmpty { return nil }
      if found.count == 1 {
        charge += self.charge(of: found[0])
      } else {
        counts[Group(element: element, states: found), default: 0] += 1
      }
    }
    let groups = counts.sorted { ($0.key.element, $0.key.states[0]) < ($1.key.element, $1.key.states[0]) }
    guard (1...3).contains(groups.count), let choice = onlyChoice(groups, neutralizing: charge) else { return nil }
    let decided = Dictionary(uniqueKeysWithValues: zip(groups.map(\.key), choice))
    return zip(elements, states).map { element, found in
      guard let found, found.count > 1 else { return found }
      return decided[Group(element: element, states: found)].map { [$0] } ?? found
    }
  }

  /// One state for each group such that all charges add up to 0; nil where no choice does, or more than one.
  private static func onlyChoice(
    _ groups: [(key: Group, value: Int)], neutralizing charge: Int
  ) -> [String]? {
    var choices: [(states: [String], charge: Int)] = [([], charge)]
    for (group, count) in groups {
      choices = choices.flatMap { choice in
        group.states.map { (choice.states + [$0], choice.charge + count * self.charge(of: $0)) }
      }
    }
    let neutral = choices.filter { $0.charge == 0 }
    return neutral.count == 1 ? neutral[0].states : nil
  }

  /// 3 of "3+ low spin".
  private static func charge(of state: String) -> Int { Int(state.prefix { $0.isNumber }) ?? 0 }
}
