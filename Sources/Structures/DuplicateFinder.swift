/// What decides whether a frame is a duplicate of another one.
public struct DuplicateKey: Sendable {
  public var id: FrameID
  public var signature: FrameSignature
  public var arrangement: ElementArrangement
  public var atoms: Int
  /// Steps of one run of VASP have this in common; nil for other frames.
  public var run: String?
  /// Place of the step in its run: the end point of a relaxation comes last.
  var order: SIMD2<Int>

  /// - Throws: `InputError` for a cell without volume or a position that is no number.
  public init(_ frame: LabeledStructure) throws {
    id = FrameID(frame.id)
    signature = try FrameSignature(of: frame)
    arrangement = try ElementArrangement(frame.structure)
    atoms = frame.structure.count
    let step = frame.value(ofKey: "ionic_step").flatMap { Int($0) }
    run = step == nil ? nil : frame.runName
    order = [frame.value(ofKey: "relaxed") == "T" ? 1 : 0, step ?? 0]
  }
}

/// Finds duplicates: the one rule of census, merge and import.
///
/// Two frames are the same if they have the same id, or energies that differ by at most 1e−6 eV (or none, both of them), volumes and sorted
/// shortest distances within the tolerances of `FrameSignature`, and every element in the same surroundings (`ElementArrangement`). The first
/// of them stays; but of steps of one run the last, which is the end point of a relaxation.
public struct DuplicateFinder: Sendable {
  /// eV.
  public static let energyTolerance = 1e-6

  /// A frame that is there already.
  public struct Mark: Sendable {
    /// Place of the frame that stays.
    public var original: Int
    /// The ids are the same.
    public var isExact: Bool
    /// A later step of the same run stays.
    public var isEarlierStep: Bool
  }

  private let keys: [DuplicateKey]
  private let index: SignatureIndex
  /// For each frame why it does not stay; nil where it stays.
  public private(set) var marks: [Mark?]
  /// The frame of each id that stays.
  private var kept: [FrameID: Int] = [:]

  public init(_ keys: [DuplicateKey]) {
    self.keys = keys
    index = SignatureIndex(keys.map(\.signature))
    marks = keys.map { _ in nil }
    for place in keys.indices { settle(place) }
    let roots = keys.indices.map { root(of: $0) }
    for (place, root) in roots.enumerated() { marks[place]?.original = root }
  }

  private mutating func settle(_ place: Int) {
    let same = twins(of: place)
    guard !same.isEmpty else {
      kept[keys[place].id] = place
      return
    }
    let blocking = same.first { keys[$0].run != keys[place].run || keys[$0].run == nil || isBehind($0, place) }
    if let blocking {
      marks[place] = mark(place, blocking)
      return
    }
    for earlier in same { marks[earlier] = mark(earlier, place) }
    kept[keys[place].id] = place
  }

  private func mark(_ place: Int, _ original: Int) -> Mark {
    let isStep = keys[place].run != nil && keys[place].run == keys[original].run
    return Mark(original: original, isExact: keys[place].id == keys[original].id, isEarlierStep: isStep)
  }

  private func isBehind(_ a: Int, _ b: Int) -> Bool {
    let (x, y) = (keys[a].order, keys[b].order)
    return (x.x, x.y) > (y.x, y.y)
  }

  /// Earlier frames that stay and are the same, ascending.
  private func twins(of place: Int) -> [Int] {
    let key = keys[place]
    var found = index.matches(of: key.signature, atoms: key.atoms).filter { other in
      guard other < place, marks[other] == nil else { return false }
      return agree(key.signature.energy, keys[other].signature.energy)
        && key.arrangement.resembles(keys[other].arrangement)
    }
    if let exact = kept[key.id], marks[exact] == nil, !found.contains(exact) { found.insert(exact, at: 0) }
    return found
  }

  private func agree(_ a: Double?, _ b: Double?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return abs(a - b) <= Self.energyTolerance
  }

  private func root(of place: Int) -> Int {
    var place = place
    while let mark = marks[place] { place = mark.original }
    return place
  }
}

extension LabeledStructure {
  /// Folder and tag of the run whose output the frame came from: OUTCAR and vasprun.xml of one run have one name.
  var runName: String? {
    let source = value(ofKey: "source").map { $0.split(separator: "#").dropLast().joined(separator: "#") }
    guard let path = source ?? provenance.file else { return nil }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    var name = parts.last.map(String.init) ?? ""
    for packing in [".gz", ".bz2"] where name.hasSuffix(packing) { name.removeLast(packing.count) }
    if name.hasSuffix(".xml") { name.removeLast(4) }
    for beginning in ["OUTCAR", "vasprun.xml", "vasprun"] where name.hasPrefix(beginning) {
      name.removeFirst(beginning.count)
      break
    }
    return (parts.dropLast() + [Substring(name)]).joined(separator: "/")
  }
}
