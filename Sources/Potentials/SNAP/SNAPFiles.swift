import Structures

/// LAMMPS's files of a SNAP potential: NAME.snapcoeff and NAME.snapparam.
///
/// `.snapcoeff`: `#` lines, `nelem ncoeff`, then for each element `Symbol R w` and its coefficients, one a line: β_0,
/// β_1 …, and for qSNAP the upper triangle of α, whose diagonal multiplies ½ B². `.snapparam`: keyword and value a line.
public enum SNAPFiles {
  /// Reads a potential from the path of either file; the other has the same name.
  /// - Throws: `InputError` with file and line for a count that does not match, an unknown keyword, or no number.
  public static func read(_ path: String) throws -> FittedPotential {
    let stem = stem(of: path)
    let (coefficients, parameters) = (stem + ".snapcoeff", stem + ".snapparam")
    return try read(
      coefficients: String(decoding: AtomicFile.read(coefficients), as: UTF8.self),
      parameters: String(decoding: AtomicFile.read(parameters), as: UTF8.self),
      files: (coefficients, parameters))
  }

  public static func isForeign(_ path: String) -> Bool {
    path.hasSuffix(".snapcoeff") || path.hasSuffix(".snapparam")
  }

  static func stem(of path: String) -> String {
    isForeign(path) ? String(path.dropLast(".snapcoeff".count)) : path
  }

  /// Reads a potential from the text of both files.
  /// - Parameter files: names of the two, for what is wrong with them.
  /// - Throws: as `read(_:)`.
  public static func read(
    coefficients: String, parameters: String, files: (coefficients: String, parameters: String)
  ) throws -> FittedPotential {
    let (elements, table, width) = try SNAPCoefficientText(coefficients, file: files.coefficients).read()
    var parameterText = SNAPParameterText(file: files.parameters)
    var hyperparameters = try parameterText.read(parameters, elements: elements)
    for entry in table {
      hyperparameters.radii[entry.element.symbol] = entry.radius
      hyperparameters.elementWeights[entry.element.symbol] = entry.weight
    }
    let values = table.flatMap(\.coefficients)
    func make<Form: SNAPForm>(_: Form.Type) throws -> any TrainablePotential {
      try BispectrumPotential<Form>(elements: elements, hyperparameters: hyperparameters) { components in
        let expected = BispectrumPotential<Form>.coefficientCount(components)
        guard width == expected else {
          throw InputError(
            "has \(width) coefficients an element, but \(Form.isQuadratic ? "a quadratic" : "a linear") potential of "
              + "twojmax \(hyperparameters.twojmax) has \(expected)", file: files.coefficients,
            remedy: "check twojmax, quadraticflag and chemflag in \(files.parameters)")
        }
        return values
      }
    }
    let model = parameterText.isQuadratic ? try make(QuadraticForm.self) : try make(LinearForm.self)
    return FittedPotential(
      model: model, referenceEnergies: ReferenceEnergies(given: [:]), card: PotentialCard())
  }

  /// Writes both files; reference energies become a part of β_0.
  /// - Parameter path: of either file, or without suffix.
  /// - Returns: the lines of a LAMMPS input that use them.
  /// - Throws: `InputError` for a potential of another kind, or where the files cannot be written.
  @discardableResult
  public static func write(_ potential: FittedPotential, to path: String) throws -> [String] {
    let stem = stem(of: path)
    let text = try text(of: potential)
    try AtomicFile.write([
      (path: stem + ".snapcoeff", bytes: Array(text.coefficients.utf8)),
      (path: stem + ".snapparam", bytes: Array(text.parameters.utf8)),
    ])
    let symbols = potential.elements.map(\.symbol).joined(separator: " ")
    let name = stem.split(separator: "/").last.map(String.init) ?? stem
    let files = "\(name).snapcoeff \(name).snapparam \(symbols)"
    guard let prior = potential.prior else { return ["pair_style snap", "pair_coeff * * \(files)"] }
    let count = potential.elements.count
    let numbers = potential.elements.map(\.atomicNumber)
    let repulsion = (1...count).flatMap { i in
      (i...count).map { "pair_coeff \(i) \($0) zbl \(numbers[i - 1]) \(numbers[$0 - 1])" }
    }
    return ["pair_style hybrid/overlay snap zbl \(prior.inner) \(prior.outer)", "pair_coeff * * snap \(files)"]
      + repulsion
  }

  static func text(of potential: FittedPotential) throws -> (coefficients: String, parameters: String) {
    if let model = potential.model as? SNAP { return text(of: model, potential) }
    if let model = potential.model as? QSNAP { return text(of: model, potential) }
    throw InputError(
      "LAMMPS's snap files hold potentials of kind snap and qsnap, this one is \(potential.kind)",
      remedy: "train it with halite train snap or qsnap")
  }

  private static func text<Form: SNAPForm>(
    of model: BispectrumPotential<Form>, _ potential: FittedPotential
  ) -> (coefficients: String, parameters: String) {
    let settings = model.hyperparameters
    let width = model.coefficientsPerElement
    var lines = ["# \(Form.name) by Halite \(HaliteVersion.current)", "\(model.elements.count) \(width)"]
    for (type, element) in model.elements.enumerated() {
      let radius = settings.radii[element.symbol] ?? 0.5
      lines.append("\(element.symbol) \(radius) \(model.bispectrum.shape.weights[type])")
      var own = Array(model.coefficients[type * width..<(type + 1) * width])
      own[0] += potential.referenceEnergies.energies[element] ?? 0
      if !Form.isQuadratic, settings.chemflag { own = symmetrised(own, model.bispectrum.shape) }
      lines += own.map { "\($0)" }
    }
    func flag(_ value: Bool) -> String { value ? "1" : "0" }
    var parameters = [
      "rcutfac \(settings.rcutfac)", "twojmax \(settings.twojmax)", "rfac0 \(settings.rfac0)",
      "rmin0 \(settings.rmin0)", "switchflag \(flag(settings.switchflag))",
      "bzeroflag \(flag(settings.bzeroflag))", "quadraticflag \(flag(Form.isQuadratic))",
      "chemflag \(flag(settings.chemflag))", "bnormflag \(flag(settings.bnormflag))",
      "wselfallflag \(flag(settings.wselfallflag))", "switchinnerflag \(flag(settings.switchinnerflag))",
    ]
    if settings.switchinnerflag {
      let shape = model.bispectrum.shape
      parameters.append("sinner " + shape.sinner.map { "\($0)" }.joined(separator: " "))
      parameters.append("dinner " + shape.dinner.map { "\($0)" }.joined(separator: " "))
    }
    return (lines.joined(separator: "\n") + "\n", parameters.joined(separator: "\n") + "\n")
  }

  /// Components of explicit elements that are equal for every atom get equal coefficients, as LAMMPS takes for granted.
  private static func symmetrised(_ coefficients: [Double], _ shape: BispectrumShape) -> [Double] {
    let n = shape.radii.count
    let triples = shape.triples
    var result = coefficients
    for e1 in 0..<n {
      for e2 in 0..<n {
        for e3 in 0..<n {
          for (k, (j1, j2, j)) in triples.enumerated() {
            var equal = [[e1, e2, e3]]
            if j1 == j2 { equal.append([e2, e1, e3]) }
            if j1 == j { equal.append([e3, e2, e1]) }
            if j1 == j2, j2 == j { equal += [[e1, e3, e2], [e2, e3, e1], [e3, e1, e2]] }
            func place(_ e: [Int]) -> Int { 1 + ((e[0] * n + e[1]) * n + e[2]) * triples.count + k }
            let sum = equal.reduce(0) { $0 + coefficients[place($1)] }
            result[place([e1, e2, e3])] = sum / Double(equal.count)
          }
        }
      }
    }
    return result
  }
}
