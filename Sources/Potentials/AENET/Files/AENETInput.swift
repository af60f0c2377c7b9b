import Structures

/// The lines of one of aenet's input files that count: blank ones and comments (`!`, `#`, `%`) are left out.
struct AENETLines {
  let file: String
  private let lines: [(number: Int, text: String)]
  private var next = 0

  init(_ bytes: [UInt8], file: String) throws {
    self.file = file
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw InputError("not a text file", file: file)
    }
    lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.enumerated().compactMap { index, line in
      let words = line.split(whereSeparator: \.isWhitespace).prefix { !$0.hasPrefix("!") }
      guard let first = words.first, !"#%".contains(first.first ?? " ") else { return nil }
      return (index + 1, words.joined(separator: " "))
    }
  }

  /// Line of the file that was read last.
  var number: Int { next > 0 ? lines[next - 1].number : 1 }

  mutating func line() -> String? {
    guard next < lines.count else { return nil }
    next += 1
    return lines[next - 1].text
  }

  mutating func words(_ expected: String) throws -> [String] {
    guard let line = line() else { throw InputError("ends before \(expected)", file: file, line: number) }
    return line.split(separator: " ").map(String.init)
  }

  func error(_ message: String, remedy: String? = nil) -> InputError {
    InputError(message, file: file, line: number, remedy: remedy)
  }

  /// The same error said of the line.
  func located(_ error: InputError) -> InputError { self.error(error.message, remedy: error.remedy) }

  func integer(_ word: String?, _ what: String, _ range: ClosedRange<Int>) throws -> Int {
    guard let word, let value = Int(word), range.contains(value) else {
      throw error("found '\(word ?? "")', expected \(what), \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  func real(_ word: String?, _ what: String) throws -> Double {
    guard let word, let value = fortranNumber(word) else {
      throw error("found '\(word ?? "")', expected \(what), a number")
    }
    return value
  }

  func element(_ word: String?) throws -> ChemicalElement {
    guard let word, let element = ChemicalElement(word) else {
      throw error("found '\(word ?? "")', expected an element symbol")
    }
    return element
  }

  func unknownKeyword(_ word: String, among known: [String]) -> InputError {
    let near = nearestName(to: word, among: known).map { "did you mean '\($0.uppercased())'?" }
    return error(
      "unknown keyword '\(word)'",
      remedy: near ?? "known are " + known.map { $0.uppercased() }.joined(separator: ", "))
  }
}

/// One of aenet's setup files: `Ti.fingerprint.stp`.
public struct AENETSetupFile: Equatable {
  var species: ChemicalElement
  var setup: AENETSetup
  /// RMIN, Å.
  var minimumDistance: Double?
  /// The lines between DESCR and END DESCR.
  var description: [String]

  private static let keywords = ["descr", "atom", "env", "rmin", "basis", "functions", "symmfunc"]

  /// - Throws: `InputError` with file and line: an unknown keyword, something missing or of a wrong form.
  public init(bytes: [UInt8], file: String) throws {
    var lines = try AENETLines(bytes, file: file)
    var species: ChemicalElement?
    var environment: [ChemicalElement] = []
    var chebyshev: ChebyshevFingerprint.Shape?
    var functions: [SymmetryFunction]?
    description = []
    while let line = lines.line() {
      let words = line.split(separator: " ").map(String.init)
      let keyword = words[0].lowercased()
      switch keyword {
      case "descr":
        while let text = lines.line(), !text.lowercased().hasPrefix("end descr") { description.append(text) }
      case "atom": species = try lines.element(words.dropFirst().first)
      case "env":
        let count = try lines.integer(words.dropFirst().first, "the number of species", 1...118)
        environment = try (0..<count).map { _ in try lines.element(lines.words("species of the environment").first)
        }
      case "rmin": minimumDistance = try lines.real(words.dropFirst().first, "RMIN in Å")
      case "basis", "functions", "symmfunc":
        guard chebyshev == nil, functions == nil else { throw lines.error("a second basis in one setup") }
        let type = try Self.type(words, lines)
        if keyword == "basis" {
          guard type.lowercased() == "chebyshev" else {
            throw lines.error("unknown basis '\(type)'", remedy: "known is Chebyshev")
          }
          chebyshev = try Self.chebyshev(&lines)
        } else {
          guard type.lowercased() == "behler2011" else {
            throw lines.error("unknown type of functions '\(type)'", remedy: "known is Behler2011")
          }
          functions = try Self.functions(&lines)
        }
      default: throw lines.unknownKeyword(words[0], among: Self.keywords)
      }
    }
    guard let species else { throw InputError("has no ATOM", file: file) }
    guard !environment.isEmpty else { throw InputError("has no ENV", file: file) }
    guard chebyshev != nil || functions != nil else {
      throw InputError("has no BASIS and no FUNCTIONS", file: file)
    }
    self.species = species
    setup = AENETSetup(environment: environment, chebyshev: chebyshev, functions: functions)
    do { _ = try setup.fingerprint(for: environment) } catch let error as InputError {
      throw error.located(in: file)
    }
  }

  private static func type(_ words: [String], _ lines: AENETLines) throws -> String {
    do {
      let values = try keyValues(words.dropFirst().joined(separator: " "))
      guard let type = values["type"] else { throw InputError("\(words[0]) has no type") }
      return type
    } catch let error as InputError { throw lines.located(error) }
  }

  private static func chebyshev(_ lines: inout AENETLines) throws -> ChebyshevFingerprint.Shape {
    let words = try lines.words("radial_Rc = … radial_N = … angular_Rc = … angular_N = …")
    do {
      let values = try keyValues(words.joined(separator: " "))
      let known = ["radial_Rc", "radial_N", "angular_Rc", "angular_N"]
      if let extra = values.keys.sorted().first(where: { key in !known.contains { $0.lowercased() == key } }) {
        throw lines.unknownKeyword(extra, among: known)
      }
      let cutoffs = try ["radial_rc", "angular_rc"].map { try lines.real(values[$0], $0) }
      let orders = try ["radial_n", "angular_n"].map { try lines.integer(values[$0], $0, 0...1000) }
      return .init(
        radialCutoff: cutoffs[0], radialOrder: orders[0], angularCutoff: cutoffs[1], angularOrder: orders[1])
    } catch let error as InputError { throw error.line == nil ? lines.located(error) : error }
  }

  private static func functions(_ lines: inout AENETLines) throws -> [SymmetryFunction] {
    let count = try lines.integer(
      lines.words("the number of functions").first, "the number of functions", 1...100_000)
    var functions: [SymmetryFunction] = []
    for _ in 0..<count {
      let words = try lines.words("\(count) functions (there are \(functions.count))")
      do { functions.append(try SymmetryFunction(text: words.joined(separator: " "))) } catch let error
        as InputError
      {
        throw lines.located(error)
      }
    }
    return functions
  }
}

/// generate.in, train.in or predict.in: what of them means something here.
public struct AENETInput {
  public enum Kind: String, CaseIterable, Sendable {
    case generate, train, predict
  }

  /// TYPES, with E_atom (eV) where the file gives them.
  var types: [(element: ChemicalElement, energy: Double?)] = []
  /// SETUPS: file of each species, as written.
  var setups: [(element: ChemicalElement, file: String)] = []
  /// NETWORKS: file of each species, and its hidden layers ("15:tanh") where the file gives them.
  var networks: [(element: ChemicalElement, file: String, layers: [String])] = []
  /// METHOD and its parameters.
  var method: String?
  var methodParameters: [String: Double] = [:]
  /// OUTPUT or TRAININGSET.
  var trainingSet: String?
  /// Percent.
  var testPercent: Double?
  var iterations: Int?
  /// eV/atom.
  var maxEnergy: Double?
  /// Structures listed under FILES.
  var structures = 0
  /// What was read and means nothing here, as written.
  var others: [String] = []

  private static let keywords = [
    "types", "setups", "networks", "method", "output", "trainingset", "testpercent", "iterations", "maxenergy",
    "files",
    "timing", "debug", "verbosity", "forces", "forcespercent", "save_energies", "sampling", "print_atomic_energies",
    "relax", "regularization",
  ]

  /// - Throws: `InputError` with file and line.
  public init(bytes: [UInt8], file: String, kind: Kind) throws {
    var lines = try AENETLines(bytes, file: file)
    while let line = lines.line() {
      let words = line.split(separator: " ").map(String.init)
      let value = words.dropFirst().first
      switch words[0].lowercased() {
      case "types": try readTypes(&lines, needsEnergies: kind == .generate)
      case "setups": try readSetups(&lines)
      case "networks": try readNetworks(&lines, hasLayers: kind == .train)
      case "method": try readMethod(&lines)
      case "output", "trainingset": trainingSet = value
      case "testpercent": testPercent = try lines.real(value, "TESTPERCENT")
      case "iterations": iterations = try lines.integer(value, "ITERATIONS", 0...1_000_000_000)
      case "maxenergy": maxEnergy = try lines.real(value, "MAXENERGY in eV/atom")
      case "files":
        structures = try lines.integer(
          lines.words("the number of files").first, "the number of files", 0...100_000_000)
        for _ in 0..<structures where lines.line() == nil { break }
      case "relax", "regularization":
        others.append(words[0] + " " + (try lines.words("the settings of \(words[0])").joined(separator: " ")))
      case "timing", "debug", "verbosity", "forces", "forcespercent", "save_energies", "sampling",
        "print_atomic_energies":
        others.append(line)
      default: throw lines.unknownKeyword(words[0], among: Self.keywords)
      }
    }
  }

  private mutating func readTypes(_ lines: inout AENETLines, needsEnergies: Bool) throws {
    let count = try lines.integer(lines.words("the number of types").first, "the number of types", 1...118)
    for _ in 0..<count {
      let words = try lines.words("\(count) types")
      let element = try lines.element(words.first)
      types.append(
        (element, needsEnergies ? try lines.real(words.dropFirst().first, "E_atom of \(element) in eV") : nil))
    }
  }

  /// A line for each of TYPES, which stands before; train.in, which has none, goes on while lines begin with a symbol.
  private mutating func readSetups(_ lines: inout AENETLines) throws {
    guard !types.isEmpty else { throw lines.error("SETUPS before TYPES") }
    for _ in types {
      let words = try lines.words("a setup file for each of TYPES")
      let element = try lines.element(words.first)
      guard words.count > 1 else { throw lines.error("no setup file for \(element)") }
      setups.append((element, words[1]))
    }
  }

  private mutating func readNetworks(_ lines: inout AENETLines, hasLayers: Bool) throws {
    var rest = lines
    while types.isEmpty || networks.count < types.count, let line = rest.line() {
      let words = line.split(separator: " ").map(String.init)
      guard let element = ChemicalElement(words[0]), words.count > 1 else {
        if types.isEmpty { break }
        lines = rest
        throw lines.error("found '\(line)', expected an element symbol and the file of its network")
      }
      lines = rest
      var layers: [String] = []
      if hasLayers {
        let count = try lines.integer(words.dropFirst(2).first, "the number of hidden layers", 0...62)
        layers = Array(words.dropFirst(3))
        guard layers.count == count else {
          throw lines.error("network of \(element): \(count) hidden layers, but \(layers.count) are described")
        }
        do { _ = try layers.map { try Network.Layer(text: $0) } } catch let error as InputError {
          throw lines.located(error)
        }
      }
      networks.append((element, words[1], layers))
    }
  }

  private mutating func readMethod(_ lines: inout AENETLines) throws {
    let words = try lines.words("a method")
    method = words[0].lowercased()
    do {
      for (key, text) in try keyValues(words.dropFirst().joined(separator: " ")) {
        methodParameters[key] = try lines.real(text, key)
      }
    } catch let error as InputError { throw error.line == nil ? lines.located(error) : error }
  }
}
