import Formats
import Structures

/// The entries of a campaign by structure, to find one that comes again in other words: wrapped into the cell in another way, its atoms in
/// another order, or all of them shifted.
///
/// Entries of one formula are read when the first structure of that formula comes. Of those, `ElementArrangement` chooses the few that
/// are compared atom by atom.
struct KnownStructures {
  /// Positions and lattice vectors of one structure may be this far apart, Å: what a file of four decimals loses, and far less than
  /// what `generate rattle` moves.
  static let tolerance = 5e-4

  /// What a structure is compared by.
  struct Known {
    /// 0 for one that is not there yet.
    var entry = 0
    var order: MagneticOrder
    var nupdown: Double?
    var structure: Structure
    var isIsolatedAtom: Bool
    var arrangement: ElementArrangement
    /// μB; nil where labels do not depend on them.
    var moments: [Double]?
  }

  /// An entry that a new structure repeats.
  struct Twin {
    var entry: Int
    /// False where another magnetic order gives the same moments.
    var isSameOrder: Bool
  }

  private let labeller: any Labeller
  private var loaded: [String: [Known]] = [:]
  /// Entries by formula that were not read yet.
  private var waiting: [String: [Int]] = [:]
  private var last = 0

  init(_ labeller: any Labeller) { self.labeller = labeller }

  /// Takes notice of entries that came in meanwhile.
  mutating func refresh(_ database: CampaignDatabase) throws {
    let rows = try database.database.prepare("SELECT id, formula FROM halite_entries WHERE id > ? ORDER BY id")
      .rows([.integer(last)]) { ($0.integer(0), $0.text(1) ?? "") }
    for (id, formula) in rows { waiting[formula, default: []].append(id) }
    last = rows.last?.0 ?? last
  }

  /// An entry was added.
  mutating func append(_ known: Known?, as entry: Int) {
    last = max(last, entry)
    guard var known else { return }
    known.entry = entry
    loaded[known.structure.formula, default: []].append(known)
  }

  /// nil for a structure that cannot be compared: atoms at places that are no numbers.
  func known(_ frame: LabeledStructure, _ order: MagneticOrder, _ nupdown: Double?) throws -> Known? {
    guard let arrangement = try? ElementArrangement(frame.structure) else { return nil }
    var bare = frame.structure
    bare.moments = nil
    return Known(
      order: order, nupdown: nupdown, structure: bare, isIsolatedAtom: frame.isIsolatedAtom,
      arrangement: arrangement, moments: try labeller.initialMoments(of: frame, order: order))
  }

  private mutating func load(_ formula: String, _ database: CampaignDatabase) throws {
    guard let ids = waiting.removeValue(forKey: formula) else { return }
    for (id, frame) in zip(ids, try database.frames(.planned, ids)) {
      guard let entry = try database.entry(id), var known = try known(frame, entry.order, entry.nupdown) else {
        continue
      }
      known.entry = id
      loaded[formula, default: []].append(known)
    }
  }

  /// The entry that a structure with these moments is; one of the same magnetic order where there are several.
  mutating func twin(of new: Known, _ database: CampaignDatabase) throws -> Twin? {
    let formula = new.structure.formula
    try load(formula, database)
    var other: Twin?
    for old in loaded[formula] ?? []
    where old.arrangement.resembles(new.arrangement) && old.isIsolatedAtom == new.isIsolatedAtom
      && old.nupdown == new.nupdown
    {
      guard isSame(new, old) else { continue }
      if old.order == new.order { return Twin(entry: old.entry, isSameOrder: true) }
      other = other ?? Twin(entry: old.entry, isSameOrder: false)
    }
    return other
  }

  /// The same atoms with the same moments. Where the atoms stand at the same places in the same order, the moments must do so, too:
  /// patterns that only the crystal's symmetry makes equal stay entries of their own.
  private func isSame(_ new: Known, _ old: Known) -> Bool {
    guard new.structure.count == old.structure.count else { return false }
    let mayReverse = new.nupdown ?? 0 == 0
    let wanted = old.moments.map { old.order.canonical($0, mayReverse: mayReverse) }
    if isSameStructure(new.structure, old.structure, tolerance: Self.tolerance) {
      return new.moments.map { new.order.canonical($0, mayReverse: mayReverse) } == wanted
    }
    return holdsCorrespondence(of: new.structure, with: old.structure, tolerance: Self.tolerance) { partners in
      guard let moments = new.moments else { return wanted == nil }
      var placed = moments
      for (atom, partner) in partners.enumerated() { placed[partner] = moments[atom] }
      return new.order.canonical(placed, mayReverse: mayReverse) == wanted
    }
  }
}

/// True where two structures of one cell are the same up to a shift of all atoms, whole lattice vectors and the order of the atoms, in a way
/// that is accepted.
/// - Parameters:
///   - tolerance: of lattice vectors and of each atom, Å.
///   - accepts: is given the partner in `b` of each atom of `a`.
func holdsCorrespondence(
  of a: Structure, with b: Structure, tolerance: Double, where accepts: ([Int]) -> Bool
) -> Bool {
  guard let p = a.lattice, let q = b.lattice, a.periodic == .all, b.periodic == .all, a.composition == b.composition
  else { return false }
  for (u, v) in [(p.a, q.a), (p.b, q.b), (p.c, q.c)] where length(u - v) > tolerance { return false }
  let places = b.elements.indices.reduce(into: [ChemicalElement: [Int]]()) {
    $0[b.elements[$1], default: []].append($1)
  }
  guard let rarest = places.min(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) }),
    let anchor = a.elements.firstIndex(of: rarest.key)
  else { return a.count == 0 }
  let (x, y) = (a.positions.map(p.fractional), b.positions.map(q.fractional))
  for start in rarest.value {
    let shift = y[start] - x[anchor]
    guard let partners = partners(a, x, shift, places, y, q, tolerance), accepts(partners) else { continue }
    return true
  }
  return false
}

/// The atom of the second structure on which each one of the shifted first one falls; nil where one falls on none.
private func partners(
  _ a: Structure, _ x: [SIMD3<Double>], _ shift: SIMD3<Double>, _ places: [ChemicalElement: [Int]],
  _ y: [SIMD3<Double>], _ lattice: Lattice, _ tolerance: Double
) -> [Int]? {
  var partners: [Int] = []
  var taken = [Bool](repeating: false, count: y.count)
  var differences: [SIMD3<Double>] = []
  for (atom, element) in a.elements.enumerated() {
    var found: Int?
    for place in places[element] ?? [] where !taken[place] {
      var difference = x[atom] + shift - y[place]
      difference -= difference.rounded(.toNearestOrEven)
      let apart = lattice.cartesian(difference)
      // The atom that gave the shift has an error of its own.
      guard length(apart) <= 2 * tolerance else { continue }
      found = place
      differences.append(apart)
      break
    }
    guard let found else { return nil }
    taken[found] = true
    partners.append(found)
  }
  let mean = differences.reduce(.zero, +) / Double(max(1, differences.count))
  return differences.allSatisfy { length($0 - mean) <= tolerance } ? partners : nil
}
