import Structures

/// quip's description of a descriptor: `soap n_max=4 l_max=4 … Z=3 species_Z={3 8}`.
struct SOAPDescriptorText {
  private(set) var center: ChemicalElement
  private(set) var species: [ChemicalElement]
  private(set) var settings = GAPHyperparameters()

  private let file: String
  private let line: Int

  /// Keys that say how a fit is made, not what the descriptor is.
  private static let ofTheFit: Set<String> = [
    "delta", "f0", "n_sparse", "covariance_type", "sparse_method", "add_species", "config_type_n_sparse", "zeta",
    "print_sparse_index", "sparse_file", "unique_hash_tolerance", "unique_descriptor_tolerance", "theta_fac",
    "theta_uniform", "theta_file", "mark_sparse_atoms", "energy_scale", "local_property", "n_species", "n_Z", "Z",
    "species_Z", "basis_error_exponent", "xml_version", "label",
  ]
  /// Values that leave the descriptor as it is here.
  private static let neutral: [String: [String]] = [
    "normalise": ["T"], "normalize": ["T"], "average": ["F"], "diagonal_radial": ["F"], "covariance_sigma0": ["0"],
    "central_reference_all_species": ["F"], "cutoff_dexp": ["0"], "cutoff_scale": ["1"], "cutoff_rate": ["1"],
    "radial_basis": ["EQUISPACED_GAUSS"], "R_mix": ["F"], "Z_mix": ["F"], "sym_mix": ["F"], "global": ["F"],
    "coupling": ["T"], "K": ["0"], "mix_shift": ["0"], "Z_map": [""],
  ]

  /// - Throws: `InputError` for another descriptor, and for a key or value that this is not made for.
  init(_ text: String, file: String, line: Int) throws {
    (self.file, self.line) = (file, line)
    (center, species) = (ChemicalElement.all[0], [])
    let words = Self.words(text)
    guard let name = words.first, name == "soap" else {
      throw InputError(
        "holds a descriptor '\(words.first ?? "")': only soap is supported", file: file, line: line,
        remedy: "fit the potential again with soap alone")
    }
    var values: [String: String] = [:]
    for word in words.dropFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else {
        throw InputError("expected key=value in the descriptor, found '\(word)'", file: file, line: line)
      }
      values[parts[0]] = parts[1]
    }
    for (key, value) in values.sorted(by: { $0.key < $1.key }) { try take(key, value) }
    for key in ["n_max", "l_max", "cutoff"] where values[key] == nil {
      throw InputError("the descriptor has no \(key)", file: file, line: line)
    }
    guard values["atom_sigma"] ?? values["atom_gaussian_width"] != nil else {
      throw InputError("the descriptor has no atom_sigma", file: file, line: line)
    }
    center = try elements(values["Z"] ?? "", "Z")[0]
    species = try values["species_Z"].map { try elements($0, "species_Z") } ?? [center]
    if Set(species).count < species.count {
      throw InputError("species_Z names an element twice", file: file, line: line)
    }
  }

  private mutating func take(_ key: String, _ value: String) throws {
    switch key {
    case "n_max": settings.nMax = try wholeNumber(key, value)
    case "l_max": settings.lMax = try wholeNumber(key, value)
    case "cutoff": settings.cutoff = try number(key, value)
    case "cutoff_transition_width": settings.cutoffTransitionWidth = try number(key, value)
    case "atom_sigma", "atom_gaussian_width": settings.atomSigma = try number(key, value)
    case "central_weight": settings.centralWeight = try number(key, value)
    default:
      if Self.ofTheFit.contains(key) { return }
      let isNeutral = Self.neutral[key]?.contains {
        $0 == value || (Double($0) != nil && Double($0) == Double(value))
      }
      guard isNeutral ?? false else {
        let expected = Self.neutral[key].map { "only \(key)=\($0[0]) is" }
        throw InputError(
          "the descriptor has \(key)=\(value), which is not supported", file: file, line: line, remedy: expected)
      }
    }
  }

  private func wholeNumber(_ key: String, _ value: String) throws -> Int {
    guard let whole = Int(exactly: try number(key, value)) else {
      throw InputError("\(key) in the descriptor needs a whole number, found '\(value)'", file: file, line: line)
    }
    return whole
  }

  private func number(_ key: String, _ value: String) throws -> Double {
    guard let number = Double(value), number.isFinite, abs(number) < 1e6 else {
      throw InputError("'\(key)' of the descriptor needs a number, found '\(value)'", file: file, line: line)
    }
    return number
  }

  private func elements(_ text: String, _ key: String) throws -> [ChemicalElement] {
    let words = text.split { $0 == " " || $0 == "{" || $0 == "}" || $0 == "," }
    let elements = words.compactMap { Int($0).flatMap { ChemicalElement(atomicNumber: $0) } }
    guard elements.count == words.count, !elements.isEmpty else {
      throw InputError("'\(key)' of the descriptor needs atomic numbers, found '\(text)'", file: file, line: line)
    }
    return elements
  }

  /// Words of the text; what stands in braces or quotes is one.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var depth = 0
    for character in text {
      if character == "{" { depth += 1 }
      if character == "}" { depth -= 1 }
      if character.isWhitespace, depth <= 0 {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    return word.isEmpty ? words : words + [word]
  }
}
