import CKernels
import Structures

/// What a potential file holds of a moment tensor potential.
extension MTP {
  private static func values(_ tensors: TensorTable, _ name: String, count: Int? = nil) throws -> [Double] {
    guard let tensor = tensors[name] else {
      throw InputError("damaged potential file: tensor '\(name)' is missing")
    }
    guard count == nil || tensor.values.count == count else {
      throw InputError(
        "damaged potential file: tensor '\(name)' has \(tensor.values.count) numbers, expected \(count ?? 0)")
    }
    guard tensor.values.allSatisfy(\.isFinite) else {
      throw InputError("damaged potential file: tensor '\(name)' holds a number that is not finite")
    }
    return tensor.values
  }

  /// Whole numbers that fit a program.
  private static func integers(_ tensors: TensorTable, _ name: String, rowsOf width: Int) throws -> [[Int]] {
    let values = try values(tensors, name)
    guard values.count % width == 0, values.allSatisfy({ abs($0) < 1e9 && $0 == $0.rounded() }) else {
      throw InputError("damaged potential file: tensor '\(name)' is no list of \(width) whole numbers each")
    }
    return stride(from: 0, to: values.count, by: width).map { values[$0..<$0 + width].map { Int($0) } }
  }

  public init(elements: [ChemicalElement], hyperparameters: MTPHyperparameters, tensors: TensorTable) throws {
    // The file's own numbers, never zeros first: a header of a few bytes can ask for gigabytes of those.
    let radial = try Self.values(tensors, "radial_coefficients")
    var tables: MomentTables?
    if tensors["program_basics"] != nil {
      let basics = try Self.integers(tensors, "program_basics", rowsOf: 4).map {
        BasicMoment(function: $0[0], x: $0[1], y: $0[2], z: $0[3])
      }
      let products = try Self.integers(tensors, "program_products", rowsOf: 4).map {
        MomentProgram.Product(
          left: Int32($0[0]), right: Int32($0[1]), factor: Int32($0[2]), target: Int32($0[3]))
      }
      let scalars = try Self.integers(tensors, "program_scalars", rowsOf: 1).map { Int32($0[0]) }
      let sizes = try Self.integers(tensors, "program_sizes", rowsOf: 2).first ?? []
      guard sizes.count == 2, (0...MomentProgram.largestCount).contains(sizes[0]), sizes[0] >= basics.count else {
        throw InputError("damaged potential file: tensor 'program_sizes' does not fit the program")
      }
      let program = MomentProgram(basics: basics, products: products, count: sizes[0], scalars: scalars)
      tables = try MomentTables(program, functionCount: sizes[1])
    }
    try self.init(elements: elements, hyperparameters: hyperparameters, tables: tables, radial: radial)
    scaling = try Self.values(tensors, "scaling", count: 1)[0]
    coefficients = try Self.values(tensors, "moment_coefficients", count: coefficients.count)
    speciesEnergies = try Self.values(tensors, "species_energies", count: elements.count)
  }

  public var tensors: TensorTable {
    var table = TensorTable()
    let (species, functions) = (elements.count, tables.functionCount)
    table["radial_coefficients"] = .init(
      shape: [species, species, functions, hyperparameters.radialSize], values: radial)
    table["moment_coefficients"] = .init(shape: [coefficients.count], values: coefficients)
    table["species_energies"] = .init(shape: [species], values: speciesEnergies)
    table["scaling"] = .init(shape: [1], values: [scaling])
    guard hasOwnProgram else { return table }
    let program = tables.program
    table["program_basics"] = .init(
      shape: [program.basics.count, 4],
      values: program.basics.flatMap { [$0.function, $0.x, $0.y, $0.z] }.map(Double.init))
    table["program_products"] = .init(
      shape: [program.products.count, 4],
      values: program.products.flatMap { [$0.left, $0.right, $0.factor, $0.target] }.map(Double.init))
    table["program_scalars"] = .init(shape: [program.scalars.count], values: program.scalars.map(Double.init))
    table["program_sizes"] = .init(shape: [2], values: [Double(program.count), Double(functions)])
    return table
  }
}
