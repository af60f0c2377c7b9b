/// The id of a frame in 32 bytes, for tables of many frames; in the order of the ids' texts.
public enum FrameID: Hashable, Comparable, Sendable {
  /// 64 hexadecimal digits.
  case digest(SIMD4<UInt64>)
  /// Anything else.
  case text(String)

  public init(_ id: String) {
    var words = SIMD4<UInt64>()
    var count = 0
    for byte in id.utf8 {
      let digit = byte &- 48 <= 9 ? byte &- 48 : byte &- 97 <= 5 ? byte &- 87 : 255
      guard digit < 16, count < 64 else {
        self = .text(id)
        return
      }
      words[count / 16] = words[count / 16] << 4 | UInt64(digit)
      count += 1
    }
    self = count == 64 ? .digest(words) : .text(id)
  }

  /// The id as `LabeledStructure` has it.
  public var text: String {
    switch self {
    case .text(let text): return text
    case .digest(let words):
      let digits = Array("0123456789abcdef".utf8)
      return String(
        decoding: (0..<64).map { digits[Int(words[$0 / 16] >> UInt64(60 - 4 * ($0 % 16)) & 15)] }, as: UTF8.self)
    }
  }

  public static func < (a: Self, b: Self) -> Bool {
    guard case .digest(let x) = a, case .digest(let y) = b else { return a.text < b.text }
    for k in 0..<4 where x[k] != y[k] { return x[k] < y[k] }
    return false
  }
}

/// One copy of each of equal values, so that a million frames share the text of a few formulas.
public struct Interned<Value: Hashable & Sendable>: Sendable {
  private var known: Set<Value> = []

  public init() {}

  /// The copy of an equal value that came first.
  public mutating func callAsFunction(_ value: Value) -> Value { known.insert(value).memberAfterInsert }
}

/// `LabeledStructure.name` of many frames without a text for each.
public struct FrameNames: Sendable {
  private var files: [String: Int32] = [:]
  private var paths: [String] = []
  private var places: [SIMD2<Int32>] = []
  private var others: [Int: String] = [:]

  public init() {}

  public var count: Int { places.count }

  public mutating func append(_ frame: LabeledStructure) {
    let index = frame.provenance.index ?? -1
    guard let file = frame.provenance.file, index >= -1, index < Int(Int32.max) else {
      others[places.count] = frame.name
      places.append([-1, -1])
      return
    }
    let known = files[file]
    if known == nil {
      files[file] = Int32(paths.count)
      paths.append(file)
    }
    places.append([known ?? Int32(paths.count - 1), Int32(index)])
  }

  public subscript(place: Int) -> String {
    let (file, index) = (places[place].x, places[place].y)
    guard file >= 0 else { return others[place] ?? "" }
    return paths[Int(file)] + (index < 0 ? "" : " frame \(index)")
  }
}

/// What reference energies are made from: composition and energy of a frame.
public struct EnergyRow: Sendable {
  /// Atoms of each element.
  public var composition: [ChemicalElement: Int]
  /// eV.
  public var energy: Double?
  public var isIsolatedAtom: Bool

  public var atoms: Int { composition.values.reduce(0, +) }

  public init(composition: [ChemicalElement: Int], energy: Double?, isIsolatedAtom: Bool = false) {
    self.composition = composition
    self.energy = energy
    self.isIsolatedAtom = isIsolatedAtom
  }

  public init(_ frame: LabeledStructure) {
    self.init(
      composition: frame.structure.composition, energy: frame.labels.energy, isIsolatedAtom: frame.isIsolatedAtom)
  }
}
