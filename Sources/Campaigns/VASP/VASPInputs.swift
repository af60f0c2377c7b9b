import Formats
import Settings
import Structures

/// INCAR, KPOINTS, POSCAR and the names of the POTCARs of one calculation.
public struct VASPInputs: Sendable {
  public var incar: INCAR
  public var mesh: KPointMesh
  public var frame: LabeledStructure
  /// In the order of POSCAR's species.
  public var potcars: [String]

  /// - Parameters:
  ///   - order: of the initial moments.
  ///   - nupdown: the cell's moment is held at this, μB.
  ///   - fixes: rungs of the repair ladder, from the first to the last.
  ///   - reference: the structure whose cell decides the mesh; nil: this one.
  /// - Throws: `InputError` where an element has no POTCAR, or the moments cannot be made.
  public init(
    _ frame: LabeledStructure, settings: VASPSettings, order: MagneticOrder, nupdown: Double? = nil,
    fixes: [RepairRung] = [], meshOf reference: Structure? = nil
  ) throws {
    self.frame = frame
    let structure = frame.structure
    let species = elementRuns(structure.elements)
    incar = try INCAR(settings.incar, file: nil)
    potcars = try species.map { element in
      guard let name = settings.potcar[element.symbol] else {
        throw InputError(
          "no POTCAR is named for \(element.symbol)", remedy: "add it to vasp.potcar of campaign.yaml")
      }
      return name
    }
    mesh = KPointMesh(reference ?? structure, density: settings.kpoints.density)
    if let factor = settings.ediff_per_atom, incar["EDIFF"] == nil {
      // 5e-5 × 16 is to be 0.0008, not 0.0008000000000000001.
      incar["EDIFF"] = .real((factor * Double(structure.count) * 1e12).rounded() / 1e12)
    }
    if frame.isIsolatedAtom {
      mesh = KPointMesh(divisions: [1, 1, 1])
      for (name, value) in try INCAR(settings.isolated_atom.incar, file: nil).tags { incar[name] = value }
      incar["EDIFFG"] = nil
    }
    setHubbard(species, settings)
    let heaviest = structure.elements.map(\.atomicNumber).max() ?? 0
    if incar["LMAXMIX"] == nil, heaviest > 20 { incar["LMAXMIX"] = .integer(heaviest > 56 ? 6 : 4) }
    if incar.number("ISPIN") == 2 {
      incar["MAGMOM"] = .list(try order.moments(of: structure, sizes: settings.momentSizes(frame)))
      if let nupdown { incar["NUPDOWN"] = .real(nupdown) }
    }
    // Before the repairs and by the structure that decides the mesh: a repair that leaves labels as they are must not change the smearing.
    setSmearing(reference ?? structure)
    for fix in fixes { try fix.apply(to: &self) }
    if !fixes.isEmpty { setSmearing(reference ?? structure) }
  }

  /// The tetrahedron method needs four k-points that neither k → −k nor the symmetry that VASP looks for makes one.
  private mutating func setSmearing(_ structure: Structure) {
    guard incar.number("ISMEAR") == -5, !hasFourPoints(structure) else { return }
    incar["ISMEAR"] = .integer(0)
  }

  private func hasFourPoints(_ structure: Structure) -> Bool {
    // ISYM −1 takes every point, 0 knows k → −k alone. No point group has more than 48 operations.
    if incar.number("ISYM") == -1 { return mesh.count >= 4 }
    guard mesh.distinctCount >= 4 else { return false }
    if incar.number("ISYM") == 0 || mesh.count >= 4 * 48 { return true }
    var moments: [Double]?
    if case .list(let values)? = incar["MAGMOM"] { moments = values }
    let rotations = KPointMesh.rotations(
      of: structure, moments: moments, tolerance: incar.number("SYMPREC") ?? 1e-5)
    return mesh.irreducibleCount(rotations) >= 4
  }

  private mutating func setHubbard(_ species: [ChemicalElement], _ settings: VASPSettings) {
    let needs = settings.hubbard_needs.map { needed in species.contains { needed.contains($0.symbol) } } ?? true
    let u = species.map { needs ? settings.hubbard_u[$0.symbol] ?? 0 : 0 }
    guard u.contains(where: { $0 != 0 }) else { return }
    incar["LDAU"] = .flag(true)
    incar["LDAUTYPE"] = .integer(2)
    incar["LDAUL"] = .list(u.map { $0 == 0 ? 0 : 2 })
    incar["LDAUU"] = .list(u)
    incar["LDAUJ"] = .list(u.map { _ in 0 })
    incar["LDAUPRINT"] = .integer(1)
  }

  /// INCAR, KPOINTS, POSCAR and POTCAR, or POTCAR.spec where there is no library.
  /// - Throws: `InputError` where a POTCAR is missing or another one than named.
  public func files(_ library: POTCARLibrary?) throws -> [RunFile] {
    var files = [
      RunFile("INCAR", incar.text), RunFile("KPOINTS", mesh.text),
      RunFile("POSCAR", bytes: try POSCAR.write([bare])),
    ]
    if let library {
      files.append(
        RunFile("POTCAR", bytes: try library.potcar(potcars, for: elementRuns(frame.structure.elements))))
    } else {
      files.append(RunFile("POTCAR.spec", potcars.map { $0 + "\n" }.joined()))
    }
    return files
  }

  /// The structure without columns that POSCAR would take as selective dynamics.
  private var bare: LabeledStructure {
    var bare = frame
    bare.info = []
    return bare
  }
}
