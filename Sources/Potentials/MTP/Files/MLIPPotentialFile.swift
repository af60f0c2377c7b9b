import CKernels
import Structures

/// Potentials of MLIP: `.mtp` (MLIP-2 and MLIP-3) and `.almtp` (MLIP-3, with an active set behind the potential).
///
/// The files number their types and do not name elements: those stand in `potential_tag` ("Li Mn O") where Halite wrote the
/// file, else they must be given. A file brings a program of its own, and its coefficients belong to that program.
public enum MLIPPotentialFile {
  public static func isForeign(_ path: String) -> Bool { path.hasSuffix(".mtp") || path.hasSuffix(".almtp") }

  /// - Parameter elements: of the types, in their order; nil for those of `potential_tag`.
  /// - Throws: `InputError` with file and line.
  public static func read(
    _ path: String, elements: [ChemicalElement]? = nil
  ) throws -> (potential: FittedPotential, notes: [String]) {
    try read(bytes: AtomicFile.read(path), file: path, elements: elements)
  }

  public static func read(
    bytes: [UInt8], file: String, elements: [ChemicalElement]? = nil
  ) throws -> (potential: FittedPotential, notes: [String]) {
    let text = try MLIPText(bytes, file: file)
    let shape = try MLIPShape(text)
    guard text.radialLine != nil, text.values["moment_coeffs"] != nil else {
      throw InputError(
        "the potential is untrained: it has no coefficients", file: file,
        remedy: "train one with halite train mtp --from-mlip \(file)")
    }
    let elements = try elements ?? Self.elements(text)
    guard elements.count == shape.species, Set(elements).count == elements.count else {
      throw InputError(
        "the potential has \(shape.species) types, found \(elements.count) elements ("
          + elements.map(\.symbol).joined(separator: " ") + ")", file: file,
        remedy: "name one element for each type, in their order")
    }
    let radial = try radialCoefficients(text, shape)
    do {
      var model = try MTP(
        elements: elements, hyperparameters: shape.hyperparameters,
        tables: MomentTables(shape.program, functionCount: shape.functions), radial: radial)
      model.scaling = shape.scaling
      model.coefficients = try text.numbers("moment_coeffs", count: shape.program.scalars.count)
      model.speciesEnergies = try text.numbers("species_coeffs", count: shape.species)
      let potential = FittedPotential(model: model, referenceEnergies: ReferenceEnergies(given: [:]))
      return (potential, text.hasActiveSet ? ["the active set behind the potential is left out"] : [])
    } catch let error as InputError { throw error.located(in: file) }
  }

  /// Settings of an untrained or trained file, for training by Halite.
  static func hyperparameters(_ path: String) throws -> MTPHyperparameters {
    let shape = try MLIPShape(MLIPText(AtomicFile.read(path), file: path))
    let level = shape.hyperparameters.level
    let own = try MomentTables.level(level).program
    // A program of the same level with as many scalars spans the same functions.
    guard own.scalars.count == shape.program.scalars.count, Set(own.basics) == Set(shape.program.basics) else {
      throw InputError(
        "the program has \(shape.program.scalars.count) scalars of \(shape.program.basics.count) basic moments up to level "
          + "\(level), where all of them are \(own.scalars.count) of \(own.basics.count)", file: path,
        remedy: "set level yourself")
    }
    return shape.hyperparameters
  }

  private static func elements(_ text: MLIPText) throws -> [ChemicalElement] {
    let words = (text.values["potential_tag"]?.text ?? "").split { !$0.isLetter }
    let elements = words.compactMap { ChemicalElement(String($0)) }
    guard !elements.isEmpty, elements.count == words.count else {
      throw InputError(
        "the file numbers its types and names no elements", file: text.file,
        remedy:
          "halite potential convert \(text.file) OUT.safetensors --species Li,O,… or potential_tag = Li O in it")
    }
    return elements
  }

  /// c by types, μ and q.
  private static func radialCoefficients(_ text: MLIPText, _ shape: MLIPShape) throws -> [Double] {
    let (species, functions, size) = (shape.species, shape.functions, shape.hyperparameters.radialSize)
    let expected = species * species
    guard text.radial.count == expected else {
      throw InputError(
        "radial coefficients of \(text.radial.count) pairs of types, expected \(expected)", file: text.file,
        line: text.radialLine)
    }
    var blocks = [[Double]?](repeating: nil, count: expected)
    for block in text.radial {
      guard block.pair.allSatisfy({ $0 < species }), blocks[block.pair[0] * species + block.pair[1]] == nil else {
        throw InputError(
          "the pair \(block.pair[0])-\(block.pair[1]) stands twice or is not of \(species) types", file: text.file,
          line: block.line)
      }
      guard block.rows.count == functions, block.rows.allSatisfy({ $0.count == size }) else {
        throw InputError(
          "the pair \(block.pair[0])-\(block.pair[1]) must have \(functions) rows of \(size) numbers",
          file: text.file,
          line: block.line)
      }
      blocks[block.pair[0] * species + block.pair[1]] = block.rows.flatMap { $0 }
    }
    return blocks.flatMap { $0 ?? [] }
  }
}

/// What an `.mtp` file says beside its coefficients.
struct MLIPShape {
  let species: Int
  let functions: Int
  let scaling: Double
  let hyperparameters: MTPHyperparameters
  let program: MomentProgram

  init(_ text: MLIPText) throws {
    if let version = text.values["version"], version.text != "1.1.0" {
      throw InputError(
        "version \(version.text.prefix(20)), expected 1.1.0", file: text.file, line: version.line)
    }
    let basis = try text.value("radial_basis_type")
    guard basis.text == "RBChebyshev" else {
      throw InputError(
        "radial_basis_type is \(basis.text.prefix(40)), only RBChebyshev is read", file: text.file, line: basis.line
      )
    }
    species = try text.integer("species_count", 1...118)
    functions = try text.integer("radial_funcs_count", 1...Int(CK_MTP_FUNCTIONS))
    scaling = text.values["scaling"] == nil ? 1 : try text.number("scaling")
    program = try Self.program(text)
    var settings = MTPHyperparameters()
    settings.radialSize = try text.integer("radial_basis_size", 1...Int(CK_MTP_RADIAL))
    settings.rMin = try text.number("min_dist")
    settings.rMax = try text.number("max_dist")
    settings.level = program.level
    do { try settings.validate() } catch let error as InputError { throw error.located(in: text.file) }
    hyperparameters = settings
  }

  private static func program(_ text: MLIPText) throws -> MomentProgram {
    let count = try text.integer("alpha_moments_count", 1...MomentProgram.largestCount)
    let basicCount = try text.integer("alpha_index_basic_count", 1...count)
    let productCount = try text.integer("alpha_index_times_count", 0...10 * MomentProgram.largestCount)
    let scalarCount = try text.integer("alpha_scalar_moments", 1...count)
    let basics = try text.rows("alpha_index_basic", count: basicCount).map {
      BasicMoment(function: $0[0], x: $0[1], y: $0[2], z: $0[3])
    }
    let products = try text.rows("alpha_index_times", count: productCount).map {
      MomentProgram.Product(left: Int32($0[0]), right: Int32($0[1]), factor: Int32($0[2]), target: Int32($0[3]))
    }
    let line = text.values["alpha_moment_mapping"]?.line
    let scalars = try text.numbers("alpha_moment_mapping", count: scalarCount).map { number -> Int32 in
      guard number == number.rounded(), (0..<Double(count)).contains(number) else {
        throw InputError(
          "alpha_moment_mapping names moment \(number), expected 0 to \(count - 1)", file: text.file, line: line)
      }
      return Int32(number)
    }
    let program = MomentProgram(basics: basics, products: products, count: count, scalars: scalars)
    do { _ = try MomentTables(program) } catch let error as InputError { throw error.located(in: text.file) }
    return program
  }
}

extension MomentProgram {
  /// The level of the highest scalar, at most the highest there is.
  var level: Int {
    var levels = basics.map { 2 + 4 * $0.function + $0.order }
    levels += [Int](repeating: 0, count: count - basics.count)
    for p in products {
      // Levels of a damaged program may grow without bound.
      levels[Int(p.target)] = min(1000, max(levels[Int(p.target)], levels[Int(p.left)] + levels[Int(p.right)]))
    }
    let highest = scalars.map { levels[Int($0)] }.max() ?? 2
    return min(MomentContraction.largestLevel, (highest + 1) / 2 * 2)
  }
}
