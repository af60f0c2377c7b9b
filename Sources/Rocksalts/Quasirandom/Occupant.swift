import Structures

/// What sits on a site: an element, or nothing.
public enum Occupant: Hashable, Comparable, Sendable, CustomStringConvertible {
  case element(ChemicalElement)
  case vacancy

  /// "Li"; "Vac" for a vacancy.
  public init?(_ symbol: some StringProtocol) {
    if symbol == "Vac" {
      self = .vacancy
    } else if let element = ChemicalElement(symbol) {
      self = .element(element)
    } else {
      return nil
    }
  }

  public var element: ChemicalElement? {
    if case .element(let element) = self { return element }
    return nil
  }

  public var symbol: String { element?.symbol ?? "Vac" }
  public var description: String { symbol }
}

/// An occupant and how much of it: a fraction, a number, or a part of a formula.
public struct OccupantAmount: Hashable, Sendable {
  public var occupant: Occupant
  public var amount: Double

  public init(_ occupant: Occupant, _ amount: Double) {
    self.occupant = occupant
    self.amount = amount
  }

  /// The parts of a formula: "Li1.2Mn0.4Ti0.4O1.8F0.2", "Li0.5Vac0.5MnO2", "AuPd".
  /// - Throws: `InputError` that names what is no symbol, stands twice, or is not above zero.
  public static func parts(ofFormula text: String) throws -> [OccupantAmount] {
    var rest = text[...]
    var parts: [OccupantAmount] = []
    while let first = rest.first {
      guard first.isASCII, first.isUppercase else {
        throw InputError("formula `\(text)`: expected a symbol such as Li or Vac, found `\(rest)`")
      }
      var symbol = String(rest.removeFirst())
      symbol += rest.prefix { $0.isASCII && $0.isLowercase }
      rest = rest.dropFirst(symbol.count - 1)
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(number.count)
      guard let occupant = Occupant(symbol) else {
        throw InputError("formula `\(text)`: `\(symbol)` is no element symbol, nor Vac")
      }
      guard let amount = number.isEmpty ? 1 : Double(number), amount > 0 else {
        throw InputError("formula `\(text)`: expected a number above 0 behind \(symbol), found `\(number)`")
      }
      guard !parts.contains(where: { $0.occupant == occupant }) else {
        throw InputError("formula `\(text)`: \(symbol) stands in it twice")
      }
      parts.append(OccupantAmount(occupant, amount))
    }
    guard !parts.isEmpty else { throw InputError("a formula is needed, such as Li1.2Mn0.4Ti0.4O2") }
    return parts
  }
}
