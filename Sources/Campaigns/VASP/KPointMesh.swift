import Glibc
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

  /// The file KPOINTS.
  public var text: String {
    "Gamma-centred mesh\n0\nGamma\n" + divisions.map(String.init).joined(separator: " ") + "\n0 0 0\n"
  }
}
