import CKernels
import Structures

/// A superlattice of a parent and the group of its site permutations.
///
/// Site (a, g) is the a-th ordered site of the parent in the cell g of Z_s1 × Z_s2 × Z_s3 (Smith normal form); it has the
/// number a·n + g, cells being counted with the last component running fastest.
public struct Supercell: Sendable {
  /// Number among the inequivalent supercells of this index, from 0.
  public let number: Int
  public let hermite: IntegerMatrix
  public let smith: SmithNormalForm
  public let permutations: SitePermutations

  /// Cells of the parent.
  public var index: Int { smith.diagonal.x * smith.diagonal.y * smith.diagonal.z }

  /// The vector (in cells of the parent) of each cell g.
  public var cells: [SIMD3<Int>] {
    let inverse = smith.left.inverse
    return groupElements(smith.diagonal).map { inverse * $0 }
  }

  init(_ hermite: IntegerMatrix, number: Int, parent: ParentLattice) {
    self.number = number
    self.hermite = hermite
    smith = SmithNormalForm(of: hermite)
    permutations = SitePermutations(hermite: hermite, smith: smith, parent: parent)
  }

  /// All inequivalent supercells of an index.
  /// - Throws: `InputError` where a cell has more than 64 ordered sites.
  public static func all(index n: Int, of parent: ParentLattice) throws -> [Supercell] {
    let sites = n * parent.orderedSites.count
    guard n >= 1, sites <= SitePermutations.mostSites else {
      throw InputError(
        "\(n) cells of the parent have \(sites) sites to order; from 1 to \(SitePermutations.mostSites) are possible",
        isUsage: true)
    }
    let forms = HermiteNormalForm.inequivalent(
      determinant: n, rotations: Array(Set(parent.operations.map(\.rotation))))
    return forms.enumerated().map { Supercell($1, number: $0, parent: parent) }
  }
}

/// All elements of Z_s1 × Z_s2 × Z_s3, the last component running fastest.
func groupElements(_ s: SIMD3<Int>) -> [SIMD3<Int>] {
  (0..<s.x).flatMap { i in (0..<s.y).flatMap { j in (0..<s.z).map { k in SIMD3(i, j, k) } } }
}

/// The permutations of the sites of a supercell that the symmetry of its parent makes, each once; the identity is the
/// first. At most 64 sites.
public struct SitePermutations: Sendable {
  public static let mostSites = 64

  public let sites: Int
  public let count: Int
  /// count × sites: site p of the image is site `sources[g·sites + p]` of what is permuted.
  public let sources: [UInt8]
  /// Which permutations are translations of the parent's lattice, the identity included.
  public let isTranslation: [UInt8]
  /// Which of the parent's operations each permutation comes from (index into those that keep the superlattice).
  let kinds: [Int]
  /// For each such operation, where it moves each translation of the supercell.
  let actions: [[Int]]
  /// s of the Smith normal form.
  let diagonal: SIMD3<Int>

  /// All sites as bits.
  public var allSites: UInt64 { sites == 64 ? ~0 : (1 << UInt64(sites)) - 1 }

  /// - Parameter permutations: a group, the identity first, of permutations without translations (a host's own group).
  init(group permutations: [[UInt8]]) {
    sites = permutations[0].count
    count = permutations.count
    sources = permutations.flatMap { $0 }
    isTranslation = [1] + [UInt8](repeating: 0, count: permutations.count - 1)
    kinds = Array(permutations.indices)
    actions = permutations.map { _ in [0] }
    diagonal = [1, 1, 1]
  }

  init(hermite: IntegerMatrix, smith: SmithNormalForm, parent: ParentLattice) {
    let s = smith.diagonal
    let cells = groupElements(s)
    let n = cells.count
    let inverse = smith.left.inverse
    func linear(_ v: SIMD3<Int>) -> Int { (v.x.wrapped(s.x) * s.y + v.y.wrapped(s.y)) * s.z + v.z.wrapped(s.z) }
    let sums = cells.map { a in cells.map { b in linear(a &+ b) } }
    var seen: Set<[UInt8]> = []
    var sources: [UInt8] = []
    var flags: [UInt8] = []
    var kinds: [Int] = []
    var actions: [[Int]] = []
    for operation in parent.operations {
      guard HermiteNormalForm.form(of: operation.rotation * hermite) == hermite else { continue }
      let action = smith.left * operation.rotation * inverse
      let moved = cells.map { linear(action * $0) }
      let targets = Self.targets(of: operation, parent)
      let shifts = targets.map { linear(smith.left * $0.shift) }
      let isIdentity = operation.rotation == .identity
      actions.append(moved)
      for translation in 0..<n {
        var permutation = [UInt8](repeating: 0, count: targets.count * n)
        for a in targets.indices {
          let shift = sums[shifts[a]][translation]
          for g in 0..<n { permutation[targets[a].site * n + sums[moved[g]][shift]] = UInt8(a * n + g) }
        }
        guard seen.insert(permutation).inserted else { continue }
        sources += permutation
        flags.append(isIdentity ? 1 : 0)
        kinds.append(actions.count - 1)
      }
    }
    sites = parent.orderedSites.count * n
    count = flags.count
    self.sources = sources
    isTranslation = flags
    self.kinds = kinds
    self.actions = actions
    diagonal = s
  }

  /// Where an operation takes each ordered site: R d_a + t = d_site + shift.
  private static func targets(
    of operation: SymmetryOperation, _ parent: ParentLattice
  ) -> [(site: Int, shift: SIMD3<Int>)] {
    parent.orderedSites.map { index in
      let image = operation.image(of: parent.sites[index].position)
      let found = parent.orderedSites.indices.first {
        isWhole(image - parent.sites[parent.orderedSites[$0]].position)
      }
      guard let found else { preconditionFailure("an operation of the space group maps a site on no site") }
      let difference = image - parent.sites[parent.orderedSites[found]].position
      return (found, SIMD3(Int(difference.x.rounded()), Int(difference.y.rounded()), Int(difference.z.rounded())))
    }
  }

  /// Calls a kernel with this group.
  func withGroup<Result>(_ body: (UnsafePointer<ck_permutations>) -> Result) -> Result {
    sources.withUnsafeBufferPointer { sources in
      isTranslation.withUnsafeBufferPointer { flags in
        var group = ck_permutations(
          sites: Int64(sites), count: Int64(count), sources: sources.baseAddress, is_translation: flags.baseAddress)
        return body(&group)
      }
    }
  }
}
