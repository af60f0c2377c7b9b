import Foundation
import Optimization
import Structures

/// The factor of a finished linear fit: more frames can be added to it later without the earlier ones.
///
/// A safetensors file: `factor` (the upper triangle of [R, Qᵀb] by columns), `rows`, and `counts`, what the means of
/// the weights were taken over. Metadata: `format` = "halite-linear-factor", `kind`, `elements`, `columns`.
public struct LinearFactorFile: Sendable {
  public var kind: String
  public var elements: [ChemicalElement]
  var factor: TriangularFactor
  var counts: RowWeights.Counts

  /// - Throws: `InputError` where the file cannot be written.
  func write(to path: String) throws {
    let packed = factor.packed
    let table = TensorTable([
      "factor": .init(shape: [packed.count], values: packed),
      "rows": .init(shape: [1], values: [Double(factor.rows)]),
      "counts": .init(shape: [3], values: [counts.energy, counts.forces, counts.virial]),
    ])
    let metadata = [
      "format": "halite-linear-factor", "kind": kind, "columns": String(factor.size - 1),
      "elements": elements.map(\.symbol).joined(separator: " "), "code_version": HaliteVersion.current,
    ]
    try AtomicFile.write(try SafeTensors.encode(table, metadata: metadata), to: path)
  }

  /// - Throws: `InputError` for a file that cannot be read or is no such file.
  public static func read(_ path: String) throws -> LinearFactorFile {
    let bytes = try AtomicFile.read(path)
    guard let (table, metadata) = try? SafeTensors.decode(bytes), metadata["format"] == "halite-linear-factor",
      let size = metadata["columns"].flatMap({ Int($0) }), (0..<100_000).contains(size),
      let rows = table["rows"]?.values.first, (0..<1e12).contains(rows), let counts = table["counts"]?.values,
      counts.count == 3, let values = table["factor"]?.values, values.allSatisfy(\.isFinite),
      let factor = TriangularFactor(packed: values, size: size + 1, rows: Int(rows))
    else {
      throw InputError("is not the factor of a linear fit, or is damaged", file: path)
    }
    let elements = (metadata["elements"] ?? "").split(separator: " ").compactMap { ChemicalElement(String($0)) }
    return LinearFactorFile(
      kind: metadata["kind"] ?? "", elements: elements, factor: factor,
      counts: RowWeights.Counts(energy: counts[0], forces: counts[1], virial: counts[2]))
  }
}

/// An earlier fit that a run adds frames to.
public struct LinearExtension: Sendable {
  public var file: LinearFactorFile
  public var potential: FittedPotential

  /// - Parameter folder: of the earlier run.
  /// - Throws: `InputError` where it holds no linear fit of a kind.
  public init(folder: String, kind: String) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) {
      guard isFolder.boolValue else {
        throw InputError("a file, where the folder of a run is expected", file: folder, remedy: "give its folder")
      }
      guard FileManager.default.fileExists(atPath: folder + "/factor.safetensors") else {
        throw InputError(
          "holds no factor.safetensors, to which frames could be added", file: folder,
          remedy:
            "name the folder of a finished run; where that left none, its last lines say why: train with --start")
      }
    }
    potential = try PotentialFile.read(folder + "/potential.safetensors")
    file = try LinearFactorFile.read(folder + "/factor.safetensors")
    guard file.kind == kind, potential.kind == kind, file.elements == potential.elements else {
      throw InputError(
        "holds a fit of \(file.kind), expected one of \(kind)", file: folder,
        remedy: "name the folder of a run of halite train \(kind)")
    }
  }
}
