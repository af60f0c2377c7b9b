import Structures

#if canImport(Glibc)
  import Glibc
#endif

/// Positions, and a cell where it relaxes, as one point of an optimisation.
///
/// The cell is the start's under a deformation F: x = F y, a = F a₀, so that atoms follow the cell. The point is
/// (y, κF), with κ = √N (V₀/N)^⅓ making one unit of either about equally stiff. With forces f = −∂E/∂x and virial
/// W = −∂E/∂ε,
///
///     ∂E/∂y = −Fᵀ f,  ∂E/∂(κF) = −W F⁻ᵀ/κ
///
/// (Tadmor et al. 1999, doi:10.1103/PhysRevB.59.235, and "UnitCellFilter" of ASE, whose κ is N).
struct CellCoordinates {
  let start: Structure
  let relaxesCell: Bool
  /// Å.
  private let scale: Double

  /// - Throws: `InputError` where the cell of a structure without one should relax.
  init(_ start: Structure, relaxesCell: Bool) throws {
    self.start = start
    self.relaxesCell = relaxesCell
    guard relaxesCell else {
      scale = 1
      return
    }
    guard let volume = start.volume, volume > 0 else {
      throw InputError(
        "the cell cannot relax: the structure does not repeat in three directions", remedy: "relax positions alone")
    }
    let atoms = Double(max(1, start.count))
    scale = atoms.squareRoot() * cbrt(volume / atoms)
  }

  var point: [SIMD3<Double>] {
    guard relaxesCell else { return start.positions }
    return start.positions + [[scale, 0, 0], [0, scale, 0], [0, 0, scale]]
  }

  /// nil where the cell has turned inside out.
  func structure(at point: [SIMD3<Double>]) -> Structure? {
    var result = start
    guard relaxesCell else {
      result.positions = point
      return result
    }
    let deformation = deformation(at: point)
    guard deformation.determinant > 0 else { return nil }
    result.positions = point.prefix(start.count).map { deformation * $0 }
    result.lattice = start.lattice.map {
      Lattice(a: deformation * $0.a, b: deformation * $0.b, c: deformation * $0.c)
    }
    return result
  }

  /// ∂E/∂point, eV/Å.
  func gradient(at point: [SIMD3<Double>], forces: [SIMD3<Double>], virial: Matrix3) -> [SIMD3<Double>] {
    guard relaxesCell else { return forces.map { -$0 } }
    let deformation = deformation(at: point)
    let turned = deformation.transpose
    let inverse = deformation.inverse
    // Rows of W F⁻ᵀ: (W F⁻ᵀ)_ac = Σ_b W_ab (F⁻¹)_cb.
    let rows = [virial.x, virial.y, virial.z].map { (-1 / scale) * (inverse * $0) }
    return forces.map { -(turned * $0) } + rows
  }

  private func deformation(at point: [SIMD3<Double>]) -> Matrix3 {
    let rows = point.suffix(3).map { $0 / scale }
    return Matrix3(rows[0], rows[1], rows[2])
  }
}

extension Matrix3 {
  var determinant: Double { dot(x, cross(y, z)) }

  var inverse: Matrix3 {
    let factor = 1 / determinant
    return Matrix3(factor * cross(y, z), factor * cross(z, x), factor * cross(x, y)).transpose
  }
}
