import Glibc
import Settings
import Structures

/// How failed runs are repaired: data of `repair.yaml` in the campaign's folder.
public struct RepairLadder: Decodable, Sendable {
  public var version: Int
  public var errors: [RepairableError]

  /// - Parameter tags: those that rungs may name.
  /// - Throws: `InputError` with file and line.
  public init(_ tree: SettingsValue, file: String?, tags: INCARTags = INCARTags()) throws {
    self = try tree.decoded(as: RepairLadder.self, file: file)
    try Self.requireTags(tree, file, tags)
    guard version == 1 else {
      throw InputError("version \(version) of the repair ladder, expected 1", file: file, remedy: "update halite")
    }
    var names: Set<String> = []
    for rung in errors.flatMap(\.rungs) where !names.insert(rung.name).inserted {
      throw InputError("two rungs are named `\(rung.name)`", file: file)
    }
  }

  private static func requireTags(_ tree: SettingsValue, _ file: String?, _ tags: INCARTags) throws(InputError) {
    guard case .list(let errors)? = tree["errors"]?.content else { return }
    for error in errors {
      guard case .list(let rungs)? = error["rungs"]?.content else { continue }
      for rung in rungs {
        for key in ["set", "unset", "multiply", "add", "when"] { try tags.require(rung[key], file: file) }
        try INCARValues(others: tags.others).require(rung["set"], file: file, isComplete: false)
      }
    }
  }

  /// The ladder of a failure: that of the error of this name, or the one that lists it as a verdict.
  public func error(for failure: String) -> RepairableError? {
    errors.first { $0.name == failure } ?? errors.first { $0.verdicts.contains(failure) }
  }

  public func rung(named name: String) -> RepairRung? { errors.lazy.flatMap(\.rungs).first { $0.name == name } }

  /// Rungs as the history keeps them, "kerker-mixing;more-bands NBANDS=132".
  /// - Throws: `InputError` where repair.yaml does not know one.
  public func rungs(recorded text: String) throws(InputError) -> [RepairRung] {
    var rungs: [RepairRung] = []
    for record in text.split(separator: ";") {
      let words = record.split(separator: " ")
      guard let name = words.first else { continue }
      if name == Self.retry { continue }
      guard var rung = rung(named: String(name)) else {
        throw InputError("the rung `\(name)` was applied and is no longer in repair.yaml", remedy: "put it back")
      }
      for word in words.dropFirst() {
        let sides = word.split(separator: "=")
        if sides.count == 2, let value = Double(sides[1]) { rung.found[String(sides[0])] = value }
      }
      rungs.append(rung)
    }
    return rungs
  }

  /// What the history calls an attempt with the same inputs again.
  static let retry = "retry"

  /// The first error of which a message stands in a text.
  public func error(in text: String) -> RepairableError? {
    var text = text
    // Byte by byte: comparing letters as Unicode does takes longer than reading the output.
    return text.withUTF8 { bytes in errors.first { $0.messages.contains { holds(bytes, Array($0.utf8)) } } }
  }
}

/// A kind of failure and what to do about it, from the first to the last.
public struct RepairableError: Decodable, Sendable {
  public var name: String
  public var messages: [String]
  public var verdicts: [String]
  public var rungs: [RepairRung]

  private enum Keys: String, CodingKey { case name, messages, verdicts, rungs }

  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: Keys.self)
    name = try keys.decode(String.self, forKey: .name)
    messages = try keys.decodeIfPresent([String].self, forKey: .messages) ?? []
    verdicts = try keys.decodeIfPresent([String].self, forKey: .verdicts) ?? []
    rungs = try keys.decode([RepairRung].self, forKey: .rungs)
  }
}

/// One change of the inputs.
public struct RepairRung: Decodable, Sendable {
  public enum Effect: String, Decodable, Sendable { case neutral, changing }
  public enum Scope: String, Decodable, Sendable { case relaxation, single }

  public var name: String
  /// Whether the labels stay those of the level of theory that the campaign asks for.
  public var labels: Effect
  public var set: SettingsValue?
  public var unset: [String]?
  public var multiply: [String: Change]?
  public var add: [String: Change]?
  /// The rung fits only where a tag has one of these values.
  public var when: [String: [String]]?
  public var only: Scope?
  /// The rung fits only cells of fewer atoms.
  public var fewer_atoms: Int?
  /// Files of the failed run that the next one begins with.
  public var carry: [String]?
  /// Go on from CONTCAR.
  public var `continue`: Bool?
  public var swap_axes: Bool?
  /// Factor of the density of k-points.
  public var kpoints: Double?
  /// Even numbers of k-points along an axis become the next odd ones.
  public var odd_mesh: Bool?
  /// No further run: the structure is given up.
  public var reject: Bool?
  /// The rung is to run again, whether it changes an input or not.
  public var again: Bool?

  /// Values of tags in the failed run, found when the rung was chosen, for changes that INCAR alone cannot tell.
  public var found: [String: Double] = [:]

  private enum CodingKeys: String, CodingKey {
    case name, labels, set, unset, multiply, add, when, only, fewer_atoms, carry, `continue`, swap_axes, kpoints,
      odd_mesh,
      reject, again
  }

  public struct Change: Decodable, Sendable {
    public var by: Double
    /// The value where INCAR has none.
    public var start: Double?
    /// The tag's value is looked for in OUTCAR where INCAR has none.
    public var from_output: String?
  }

  /// True where the rung can be tried on these inputs.
  public func fits(_ incar: INCAR, atoms: Int) -> Bool {
    if let fewer_atoms, atoms >= fewer_atoms { return false }
    let isRelaxation = (incar.number("NSW") ?? 0) > 0
    if only == .relaxation, !isRelaxation { return false }
    if only == .single, isRelaxation { return false }
    if `continue` == true, !isRelaxation { return false }
    return (when ?? [:]).allSatisfy { tag, values in incar[tag].map { values.contains($0.text) } ?? false }
  }

  /// True where the same inputs once more are what the rung is for.
  var isRepetition: Bool {
    let changes: [Bool] = [
      set != nil, unset != nil, multiply != nil, add != nil, carry != nil, `continue` == true, swap_axes == true,
      kpoints != nil, odd_mesh == true,
    ]
    return again == true || !changes.contains(true)
  }

  /// "more-bands NBANDS=132": the rung as the history keeps it.
  public var record: String {
    ([name] + found.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
  }

  func apply(to inputs: inout VASPInputs) throws {
    if let set {
      for (name, value) in try INCAR(set, file: "repair.yaml").tags { inputs.incar[name] = value }
    }
    for name in unset ?? [] { inputs.incar[name] = nil }
    for (name, change) in (multiply ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let old = inputs.incar.number(name) ?? found[name] ?? change.start else { continue }
      inputs.incar[name] = Self.value(old * change.by, like: inputs.incar[name], tag: name)
    }
    for (name, change) in (add ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let old = inputs.incar.number(name) ?? found[name] ?? change.start else { continue }
      inputs.incar[name] = Self.value(old + change.by, like: inputs.incar[name], tag: name)
    }
    if let kpoints {
      inputs.mesh.divisions = inputs.mesh.divisions.map { max($0 + 1, Int((Double($0) * kpoints).rounded(.up))) }
    }
    if odd_mesh == true { inputs.mesh.divisions = inputs.mesh.divisions.map { $0 + ($0 % 2 == 0 ? 1 : 0) } }
    if swap_axes == true, let lattice = inputs.frame.structure.lattice {
      inputs.frame.structure.lattice = Lattice(a: lattice.b, b: lattice.a, c: lattice.c)
      let mesh = inputs.mesh.divisions
      inputs.mesh.divisions = [mesh[1], mesh[0], mesh[2]]
    }
  }

  /// Whole numbers stay whole.
  private static func value(_ number: Double, like old: INCAR.Value?, tag: String) -> INCAR.Value {
    if case .real = old { return .real(number) }
    return ["NBANDS", "NSW", "NELM", "NCORE"].contains(tag) ? .integer(Int(number.rounded(.up))) : .real(number)
  }
}

/// True where the bytes of a word stand in a text.
private func holds(_ text: UnsafeBufferPointer<UInt8>, _ word: [UInt8]) -> Bool {
  guard let first = word.first, let start = text.baseAddress else { return word.isEmpty }
  var cursor = start
  let end = start + text.count
  while end - cursor >= word.count, let found = memchr(cursor, Int32(first), end - cursor - word.count + 1) {
    if memcmp(found, word, word.count) == 0 { return true }
    cursor += UnsafeRawPointer(found) - UnsafeRawPointer(cursor) + 1
  }
  return false
}
