import Structures

/// One symmetry function of Behler (doi:10.1063/1.3553717) as aenet defines it, with its own cutoff R_c.
///
///     G1 = Σ_j f_c(r_ij)
///     G2 = Σ_j e^{−η (r_ij − R_s)²} f_c(r_ij)
///     G3 = Σ_j cos(κ r_ij) f_c(r_ij)
///     G4 = Σ_{j<k} 2 [½ (1 + λ cos θ_ijk)]^ζ e^{−η (r_ij² + r_ik² + r_jk²)} f_c(r_ij) f_c(r_ik) f_c(r_jk)
///     G5 = Σ_{j<k} 2 [½ (1 + λ cos θ_ijk)]^ζ e^{−η (r_ij² + r_ik²)} f_c(r_ij) f_c(r_ik)
///     f_c(r) = ½ [cos(π r/R_c) + 1],  r < R_c
///
/// j runs over neighbours of one species; (j, k) over unordered pairs of neighbours of two species.
public struct SymmetryFunction: Hashable, Sendable {
  public enum Form: Hashable, Sendable {
    case g1
    /// R_s, Å, and η, Å⁻².
    case g2(shift: Double, width: Double)
    /// κ, Å⁻¹.
    case g3(wavenumber: Double)
    /// λ, ζ and η, Å⁻².
    case g4(sign: Double, exponent: Double, width: Double)
    case g5(sign: Double, exponent: Double, width: Double)
  }

  public var form: Form
  /// Of the neighbour, or of the two neighbours.
  public var neighbors: [ChemicalElement]
  /// R_c, Å.
  public var cutoff: Double

  /// - Throws: `InputError` where the number of neighbours or a parameter is out of range.
  public init(_ form: Form, neighbors: [ChemicalElement], cutoff: Double) throws {
    (self.form, self.neighbors, self.cutoff) = (form, neighbors, cutoff)
    try validate()
  }

  /// 1 to 5.
  public var number: Int {
    switch form {
    case .g1: 1
    case .g2: 2
    case .g3: 3
    case .g4: 4
    case .g5: 5
    }
  }

  public var isAngular: Bool { number >= 4 }

  /// Behind R_c, in aenet's order: R_s, η | κ | λ, ζ, η.
  public var parameters: [Double] {
    switch form {
    case .g1: []
    case .g2(let shift, let width): [shift, width]
    case .g3(let wavenumber): [wavenumber]
    case .g4(let sign, let exponent, let width), .g5(let sign, let exponent, let width): [sign, exponent, width]
    }
  }

  /// Names of `parameters` in setup files.
  static let parameterNames = [
    1: [], 2: ["Rs", "eta"], 3: ["kappa"], 4: ["lambda", "zeta", "eta"], 5: ["lambda", "zeta", "eta"],
  ]

  /// - Parameters:
  ///   - number: 1 to 5.
  ///   - parameters: as `parameters`.
  /// - Throws: `InputError` for another number or count, or what `init(_:neighbors:cutoff:)` refuses.
  init(number: Int, parameters p: [Double], neighbors: [ChemicalElement], cutoff: Double) throws {
    guard let names = Self.parameterNames[number] else {
      throw InputError("unknown function type G\(number)", remedy: "known are G1 to G5")
    }
    guard p.count == names.count else {
      throw InputError("G\(number) takes \(names.count) parameters besides its cutoff, found \(p.count)")
    }
    let form: Form =
      switch number {
      case 1: .g1
      case 2: .g2(shift: p[0], width: p[1])
      case 3: .g3(wavenumber: p[0])
      case 4: .g4(sign: p[0], exponent: p[1], width: p[2])
      default: .g5(sign: p[0], exponent: p[1], width: p[2])
      }
    try self.init(form, neighbors: neighbors, cutoff: cutoff)
  }

  private func validate() throws {
    func require(_ holds: Bool, _ what: String) throws {
      if !holds { throw InputError("symmetry function \(text): \(what)") }
    }
    try require(neighbors.count == (isAngular ? 2 : 1), "needs \(isAngular ? "two species" : "one species")")
    try require(parameters.allSatisfy(\.isFinite), "its parameters must be finite numbers")
    try require(cutoff > 0 && cutoff.isFinite, "its cutoff must be above 0 Å")
    if isAngular {
      try require(abs(parameters[0]) <= 1, "lambda must be from -1 to 1, found \(parameters[0])")
      try require(parameters[1] >= 1, "zeta must be 1 or more, found \(parameters[1])")
    }
  }
}

extension SymmetryFunction: Codable {
  /// As a line of an aenet setup file: "G=2 type2=O Rc=6.5 Rs=0.0 eta=0.05".
  public var text: String {
    let species = zip(["type2", "type3"], neighbors).map { "\($0)=\($1.symbol)" }
    let values = zip(Self.parameterNames[number] ?? [], parameters).map { "\($0)=\($1)" }
    return (["G=\(number)"] + species + ["Rc=\(cutoff)"] + values).joined(separator: " ")
  }

  /// Reads such a line; blanks around `=` and Fortran exponents (`0.55d0`) are understood.
  /// - Throws: `InputError` naming the key that is missing, unknown or no number.
  public init(text: String) throws {
    var values = try keyValues(text)
    func take(_ key: String) throws -> String {
      guard let value = values.removeValue(forKey: key.lowercased()) else {
        throw InputError("symmetry function '\(text)' has no \(key)")
      }
      return value
    }
    func number(_ key: String) throws -> Double {
      let word = try take(key)
      guard let value = fortranNumber(word) else {
        throw InputError("symmetry function '\(text)': \(key) is '\(word)', expected a number")
      }
      return value
    }
    let kind = try take("G")
    guard let form = Int(kind), let names = Self.parameterNames[form] else {
      throw InputError("symmetry function '\(text)': unknown function type G=\(kind)", remedy: "known are 1 to 5")
    }
    let neighbors = try (form >= 4 ? ["type2", "type3"] : ["type2"]).map { key in
      let symbol = try take(key)
      guard let element = ChemicalElement(symbol) else {
        throw InputError("symmetry function '\(text)': \(key) is '\(symbol)', expected an element symbol")
      }
      return element
    }
    let cutoff = try number("Rc")
    let parameters = try names.map(number)
    if let extra = values.keys.min() {
      let known = ["G", "type2", "type3", "Rc"] + names
      throw InputError(
        "symmetry function '\(text)': unknown parameter '\(extra)'",
        remedy: nearestName(to: extra, among: known).map { "did you mean '\($0)'?" })
    }
    try self.init(number: form, parameters: parameters, neighbors: neighbors, cutoff: cutoff)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    try self.init(text: container.decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension SymmetryFunction {
  /// A set for species that we know nothing of, the same for every centre. For each neighbour species N functions G2,
  ///
  ///     R_s = 1 Å + m Δ,  Δ = (R_r − 1 Å)/N,  η = 1/(2 Δ²),  m = 0 … N − 1
  ///
  /// and for each pair of species and each ζ two functions G4 with λ = ±1 and η = 1/(2 R_a²).
  public static func standardSet(
    of elements: [ChemicalElement], radialCutoff: Double, count: Int, angularCutoff: Double, exponents: [Double]
  ) throws -> [SymmetryFunction] {
    let step = (radialCutoff - 1) / Double(max(1, count))
    let width = 1 / (2 * angularCutoff * angularCutoff)
    var functions: [SymmetryFunction] = []
    for (k, first) in elements.enumerated() {
      for m in 0..<count {
        let form = Form.g2(shift: 1 + Double(m) * step, width: 1 / (2 * step * step))
        functions.append(try SymmetryFunction(form, neighbors: [first], cutoff: radialCutoff))
      }
      for second in elements[k...] {
        for exponent in exponents {
          for sign in [1.0, -1] {
            let form = Form.g4(sign: sign, exponent: exponent, width: width)
            functions.append(try SymmetryFunction(form, neighbors: [first, second], cutoff: angularCutoff))
          }
        }
      }
    }
    return functions
  }

  /// The order in which aenet lays the functions out in the fingerprint, whatever their order in the setup: by the
  /// place of the first neighbour in the environment, radial before angular, then by the second, then by type.
  static func inEvaluationOrder(
    _ functions: [SymmetryFunction], environment: [ChemicalElement]
  ) throws -> [SymmetryFunction] {
    func place(_ element: ChemicalElement) throws -> Int {
      guard let place = environment.firstIndex(of: element) else {
        throw InputError(
          "a symmetry function names \(element), which is not in the environment ("
            + environment.map(\.symbol).joined(separator: " ") + ")")
      }
      return place
    }
    let keys = try functions.enumerated().map { index, function in
      let places = try function.neighbors.map(place).sorted()
      return [places[0], function.isAngular ? 1 + places[1] : 0, function.number, index]
    }
    return keys.sorted { $0.lexicographicallyPrecedes($1) }.map { functions[$0[3]] }
  }
}

/// `key = value` pairs of a line, keys in lower case.
/// - Throws: `InputError` for a word that is no such pair, or a key that stands twice.
func keyValues(_ text: String) throws -> [String: String] {
  let words = text.replacing("=", with: " = ").split(whereSeparator: \.isWhitespace).map(String.init)
  var result: [String: String] = [:]
  var k = 0
  while k < words.count {
    guard k + 2 < words.count, words[k + 1] == "=", words[k] != "=", words[k + 2] != "=" else {
      throw InputError("found '\(words[k])', expected KEY=VALUE")
    }
    guard result.updateValue(words[k + 2], forKey: words[k].lowercased()) == nil else {
      throw InputError("'\(words[k])' stands twice in '\(text)'")
    }
    k += 3
  }
  return result
}

/// A number as Fortran writes it: `1.5`, `0.55d0`, `1.0E-3`, and `1.0-100` where an exponent of three digits left no
/// room for its letter. Nil for anything else, and for numbers that are not finite.
func fortranNumber(_ word: some StringProtocol) -> Double? {
  var text = ""
  var previous: Character = " "
  for character in word {
    switch character {
    case "d", "D", "e", "E": text.append("e")
    case "+", "-":
      if previous.isNumber || previous == "." { text.append("e") }
      text.append(character)
    case "0"..."9", ".": text.append(character)
    default: return nil
    }
    previous = character
  }
  guard let value = Double(text), value.isFinite else { return nil }
  return value
}
