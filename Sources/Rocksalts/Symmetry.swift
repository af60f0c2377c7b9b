import CSpglib
import Structures

/// One operation of a space group, x' = R x + t in coordinates of the lattice.
public struct SymmetryOperation: Hashable, Sendable {
  public var rotation: IntegerMatrix
  /// Fractional, not wrapped.
  public var translation: SIMD3<Double>

  public init(rotation: IntegerMatrix, translation: SIMD3<Double>) {
    self.rotation = rotation
    self.translation = translation
  }

  /// Where the operation takes a place, both fractional.
  public func image(of x: SIMD3<Double>) -> SIMD3<Double> {
    var image = translation
    for i in 0..<3 {
      for j in 0..<3 { image[i] += Double(rotation[i, j]) * x[j] }
    }
    return image
  }
}

/// Space groups, by spglib.
public enum SpaceGroup {
  /// All operations of a periodic crystal, translations of a non-primitive cell included.
  ///
  /// - Parameters:
  ///   - positions: fractional.
  ///   - types: sites of the same number may be mapped on each other.
  ///   - tolerance: Å.
  /// - Throws: `InputError` where spglib finds no group (atoms on top of each other).
  public static func operations(
    lattice: Lattice, positions: [SIMD3<Double>], types: [Int], tolerance: Double = 1e-4
  ) throws -> [SymmetryOperation] {
    let dataset = try analysed(lattice, positions, types, tolerance)
    defer { spg_free_dataset(dataset) }
    let count = Int(dataset.pointee.n_operations)
    return (0..<count).map { k in
      let r = dataset.pointee.rotations[k]
      let t = dataset.pointee.translations[k]
      return SymmetryOperation(
        rotation: IntegerMatrix(rows: [
          Int(r.0.0), Int(r.0.1), Int(r.0.2), Int(r.1.0), Int(r.1.1), Int(r.1.2), Int(r.2.0), Int(r.2.1),
          Int(r.2.2),
        ]), translation: [t.0, t.1, t.2])
    }
  }

  /// International symbol and number: ("Fm-3m", 225).
  ///
  /// - Throws: `InputError` as `operations`.
  public static func symbol(of structure: Structure, tolerance: Double = 1e-3) throws -> (
    symbol: String, number: Int
  ) {
    guard let lattice = structure.lattice, structure.periodic == .all else {
      throw InputError("a space group needs a structure that repeats in three directions")
    }
    let dataset = try analysed(
      lattice, structure.positions.map(lattice.fractional), structure.elements.map(\.atomicNumber), tolerance)
    defer { spg_free_dataset(dataset) }
    let symbol = withUnsafeBytes(of: dataset.pointee.international_symbol) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return (symbol, Int(dataset.pointee.spacegroup_number))
  }

  private static func analysed(
    _ lattice: Lattice, _ positions: [SIMD3<Double>], _ types: [Int], _ tolerance: Double
  ) throws -> UnsafeMutablePointer<SpglibDataset> {
    // spglib wants the lattice vectors as columns.
    let (a, b, c) = (lattice.a, lattice.b, lattice.c)
    var columns = [a.x, b.x, c.x, a.y, b.y, c.y, a.z, b.z, c.z]
    var flat = positions.flatMap { [$0.x, $0.y, $0.z] }
    let numbers = types.map { Int32($0) }
    let dataset = columns.withUnsafeMutableBytes { lattice in
      flat.withUnsafeMutableBytes { sites in
        spg_get_dataset(
          lattice.bindMemory(to: (Double, Double, Double).self).baseAddress,
          sites.bindMemory(to: (Double, Double, Double).self).baseAddress, numbers, Int32(numbers.count), tolerance)
      }
    }
    guard let dataset else {
      throw InputError("spglib finds no space group", remedy: "look for atoms that lie on top of each other")
    }
    return dataset
  }
}
