import Structures

/// Cells as LAMMPS writes them: restricted (a along x, b in the xy plane: bounds and tilts xy, xz, yz) or general
/// triclinic (vectors as they are, since the release of 17 April 2024).
struct LAMMPSCell {
  var lattice: Lattice

  init(_ lattice: Lattice) { self.lattice = lattice }

  /// - Parameters: Å; `tilts` are xy, xz, yz.
  init(low: SIMD3<Double>, high: SIMD3<Double>, tilts: SIMD3<Double> = .zero) {
    let length = high - low
    lattice = Lattice(a: [length.x, 0, 0], b: [tilts.x, length.y, 0], c: [tilts.y, tilts.z, length.z])
  }

  /// True where LAMMPS takes the vectors as bounds and tilts, without turning them.
  var isRestricted: Bool {
    let l = lattice
    return l.a.y == 0 && l.a.z == 0 && l.b.z == 0 && l.a.x > 0 && l.b.y > 0 && l.c.z > 0
  }

  var isOrthogonal: Bool { isRestricted && tilts == .zero }

  /// xy, xz, yz.
  var tilts: SIMD3<Double> { [lattice.b.x, lattice.c.x, lattice.c.y] }

  /// How far the box of a dump reaches below and above the bounds, for its tilts.
  static func overhang(_ t: SIMD3<Double>) -> (low: SIMD3<Double>, high: SIMD3<Double>) {
    ([min(0, t.x, t.y, t.x + t.y), min(0, t.z), 0], [max(0, t.x, t.y, t.x + t.y), max(0, t.z), 0])
  }

  /// - Throws: `InputError` for a left-handed cell that is not restricted, which LAMMPS refuses.
  func requireRightHanded(_ frame: LabeledStructure) throws(InputError) {
    guard !isRestricted, lattice.signedVolume <= 0 else { return }
    throw InputError(
      "the cell of \(frame.name) is left-handed, which LAMMPS does not take",
      remedy: "exchange two lattice vectors first")
  }

  /// What the user should know of frames whose cells are written as general triclinic ones.
  static func remark(_ frame: LabeledStructure) -> String? {
    guard let lattice = frame.structure.lattice, !LAMMPSCell(lattice).isRestricted else { return nil }
    return
      "a is not along x, or b not in the xy plane: written as a general triclinic box, which is not turned, and which "
      + "LAMMPS reads since the release of 17 April 2024"
  }
}

/// The elements of LAMMPS's numbered types.
enum LAMMPSTypes {
  /// The element whose standard weight is within 0.1 % of a mass (amu), else nil.
  static func element(ofMass mass: Double) -> ChemicalElement? {
    let nearest = ChemicalElement.all.min { abs($0.mass - mass) < abs($1.mass - mass) }
    return nearest.flatMap { abs($0.mass - mass) <= 1e-3 * $0.mass ? $0 : nil }
  }

  /// The element of a label or comment: "Li", or "Li1", "Li_1" by their letters.
  static func element(ofLabel label: String) -> ChemicalElement? {
    if let element = ChemicalElement(label) { return element }
    let letters = label.prefix { $0.isASCII && $0.isLetter }
    return letters.count < label.count ? ChemicalElement(letters) : nil
  }
}
