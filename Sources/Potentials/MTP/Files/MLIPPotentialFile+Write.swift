import Structures

extension MLIPPotentialFile {
  /// Writes a potential of kind `mtp` as MLIP-2 reads it; reference energies go into `species_coeffs`.
  /// - Parameter isUntrained: leaves the coefficients out, so that MLIP trains it from the beginning.
  /// - Throws: `InputError` for a potential that the file cannot hold, or where it cannot be written.
  public static func write(_ potential: FittedPotential, to path: String, isUntrained: Bool = false) throws {
    guard let model = potential.model as? MTP else {
      throw InputError(
        ".mtp files hold potentials of kind mtp, this one is \(potential.kind)",
        remedy: "train it with halite train mtp")
    }
    guard potential.prior == nil || isUntrained else {
      throw InputError(".mtp files cannot hold ZBL repulsion", remedy: "train without zbl")
    }
    let energies = zip(model.elements, model.speciesEnergies).map {
      $1 + (potential.referenceEnergies.energies[$0] ?? 0)
    }
    try AtomicFile.write(Array(text(model, speciesEnergies: isUntrained ? nil : energies).utf8), to: path)
  }

  static func text(_ model: MTP, speciesEnergies: [Double]?) -> String {
    let (program, settings) = (model.tables.program, model.hyperparameters)
    let (functions, size, species) = (model.tables.functionCount, settings.radialSize, model.elements.count)
    func list(_ values: [String]) -> String { "{" + values.joined(separator: ", ") + "}" }
    func numbers(_ values: some Sequence<Double>) -> String { list(values.map { "\($0)" }) }
    var lines = [
      "MTP", "version = 1.1.0", "potential_name = MTP\(settings.level)", "scaling = \(model.scaling)",
      "species_count = \(species)", "potential_tag = " + model.elements.map(\.symbol).joined(separator: " "),
      "radial_basis_type = RBChebyshev", "\tmin_dist = \(settings.closest)", "\tmax_dist = \(settings.rMax)",
      "\tradial_basis_size = \(size)", "\tradial_funcs_count = \(functions)",
    ]
    if speciesEnergies != nil {
      lines.append("\tradial_coeffs")
      for pair in 0..<species * species {
        lines.append("\t\t\(pair / species)-\(pair % species)")
        for m in 0..<functions {
          let start = (pair * functions + m) * size
          lines.append("\t\t\t" + numbers(model.radial[start..<start + size]))
        }
      }
    }
    lines += [
      "alpha_moments_count = \(program.count)", "alpha_index_basic_count = \(program.basics.count)",
      "alpha_index_basic = " + list(program.basics.map(\.text)),
      "alpha_index_times_count = \(program.products.count)",
      "alpha_index_times = "
        + list(program.products.map { "{\($0.left), \($0.right), \($0.factor), \($0.target)}" }),
      "alpha_scalar_moments = \(program.scalars.count)",
      "alpha_moment_mapping = " + list(program.scalars.map { "\($0)" }),
    ]
    if let speciesEnergies {
      lines += ["species_coeffs = " + numbers(speciesEnergies), "moment_coeffs = " + numbers(model.coefficients)]
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
