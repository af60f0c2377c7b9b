import Glibc
import Rocksalts
import Structures

/// A Γ-centred mesh of k-points.
public struct KPointMesh: Hashable, Sendable {
  /// Divisions along a*, b*, c*.
  public var divisions: [Int]

  public init(divisions: [Int]) { self.divisions = divisions }

  /// The mesh of about density/N points:
  ///
  ///     m = (k/N · |a||b||c|)^(1/3),  n_i = max(⌊m/l_i⌋, 1),  l = |a|, |b|, |c|
  ///
  /// with k the density, raised by 1 % where it is the cube of a whole number, so that cubic cells are not on the edge
  /// of a floor (as pymatgen's `Kpoints.automatic_density`, which the Γ-centred meshes of the benchmark come from).
  /// - Parameter density: k-points times atoms.
  public init(_ structure: Structure, density: Double) {
    guard let lattice = structure.lattice, structure.count > 0 else {
      divisions = [1, 1, 1]
      return
    }
    let root = cbrt(density).rounded()
    let k = abs(root * root * root - density) < 1 ? density * 1.01 : density
    let lengths = [length(lattice.a), length(lattice.b), length(lattice.c)]
    let m = pow(k / Double(structure.count) * lengths[0] * lengths[1] * lengths[2], 1.0 / 3)
    divisions = lengths.map { max(Int((m / $0).rounded(.down)), 1) }
  }

  public var count: Int { divisions.reduce(1, *) }

  /// Points that are left where k and −k are one, as VASP counts them without symmetry: (n + those that are their own
  /// inverse)/2.
  public var distinctCount: Int {
    let own = divisions.reduce(1) { $0 * ($1 % 2 == 0 ? 2 : 1) }
    return (count + own) / 2
  }

  /// Points that are left where those that the symmetry of the crystal or k → −k takes into each other are one.
  ///
  /// A rotation x' = R x of coordinates takes the coordinates k of a point in the reciprocal lattice to (R⁻¹)ᵀ k; with all rotations
  /// of a group those are the Rᵀ k. Images that are no points of the mesh are left out of account.
  /// - Parameter rotations: of the crystal, in coordinates of its lattice.
  func irreducibleCount(_ rotations: [IntegerMatrix]) -> Int {
    let n = divisions
    var seen = [Bool](repeating: false, count: count)
    var orbits = 0
    /// k = m/n along each axis, brought into the cell; nil where the mesh has no such point.
    func index(_ k: SIMD3<Int>, over common: Int) -> Int? {
      var index = 0
      for axis in 0..<3 {
        guard k[axis] * n[axis] % common == 0 else { return nil }
        let place = k[axis] * n[axis] / common % n[axis]
        index = index * n[axis] + (place < 0 ? place + n[axis] : place)
      }
      return index
    }
    let common = count
    for i in 0..<n[0] {
      for j in 0..<n[1] {
        for l in 0..<n[2] {
          let k = SIMD3(i * (common / n[0]), j * (common / n[1]), l * (common / n[2]))
          guard let own = index(k, over: common), !seen[own] else { continue }
          orbits += 1
          for r in rotations + [.identity] {
            var image = SIMD3<Int>.zero
            for row in 0..<3 { for column in 0..<3 { image[row] += r[column, row] * k[column] } }
            for point in [image, SIMD3<Int>.zero &- image] { index(point, over: common).map { seen[$0] = true } }
          }
        }
      }
    }
    return orbits
  }

  /// The rotations by which VASP makes k-points one (ISYM 1 or 2): those that leave the structure and the initial moments as they are.
  ///
  /// VASP finds the group "consistent with the structure and the initial magnetic moments" (its manual, ISYM). Collinear moments are taken as
  /// numbers that equivalent atoms share; operations that turn all moments round are not taken.
  /// - Parameters:
  ///   - moments: μB; nil without spins.
  ///   - tolerance: SYMPREC, Å.
  static func rotations(of structure: Structure, moments: [Double]?, tolerance: Double) -> [IntegerMatrix] {
    guard let lattice = structure.lattice else { return [] }
    var kinds: [String: Int] = [:]
    var types: [Int] = []
    for (atom, element) in structure.elements.enumerated() {
      let kind = element.symbol + (moments.map { " \($0[atom])" } ?? "")
      let type = kinds[kind] ?? kinds.count + 1
      kinds[kind] = type
      types.append(type)
    }
    let operations = try? SpaceGroup.operations(
      lattice: lattice, positions: structure.positions.map(lattice.fractional), types: types, tolerance: tolerance)
    return Array(Set((operations ?? []).map(\.rotation)))
  }

  /// The file KPOINTS.
  public var text: String {
    "Gamma-centred mesh\n0\nGamma\n" + divisions.map(String.init).joined(separator: " ") + "\n0 0 0\n"
  }
}
