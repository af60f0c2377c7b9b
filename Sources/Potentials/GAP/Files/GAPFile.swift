import Structures

/// quip's files of a GAP: gap.xml, and a file of sparse points for each element beside it.
///
/// Sparse points are one number a line, point after point; the last number of a point is σ_0, zero. `signal_variance`
/// holds δ and `signal_mean` f0, in spite of their names; quip 0.10 leaves f0 out of its fits and energies, so that it is
/// read as 0. Reference energies are the e0 of the elements.
public enum GAPFile {
  public static func isForeign(_ path: String) -> Bool { path.hasSuffix(".xml") }

  /// Reads a potential, and what the user should know of it.
  /// - Throws: `InputError` with file and line for what this is not made for: other descriptors and kernels.
  public static func read(_ path: String) throws -> (potential: FittedPotential, notes: [String]) {
    try read(path, bytes: AtomicFile.read)
  }

  /// Reads a potential whose files come from elsewhere than the disk.
  /// - Parameters:
  ///   - path: of gap.xml.
  ///   - bytes: the bytes of a file, by the path of gap.xml or of sparse points in the same folder.
  public static func read(_ path: String, bytes: (String) throws -> [UInt8]) throws
    -> (potential: FittedPotential, notes: [String])
  {
    var scanner = XMLTags(try bytes(path), file: path)
    let tags = try scanner.read()
    return try withoutActuallyEscaping(bytes) { try GAPFileReader(path, tags: tags, bytes: $0).potential() }
  }

  /// Writes a potential.
  /// - Returns: the files that were written.
  /// - Throws: `InputError` for a potential that the files cannot hold, or where they cannot be written.
  @discardableResult
  public static func write(_ potential: FittedPotential, to path: String) throws -> [String] {
    guard let model = potential.model as? GAP else {
      throw InputError(
        "gap.xml holds potentials of kind gap, this one is \(potential.kind)",
        remedy: "train it with halite train gap")
    }
    guard model.hyperparameters.elementChannels == nil else {
      throw InputError(
        "gap.xml cannot hold compressed elements", remedy: "train without element_channels")
    }
    guard model.hyperparameters.f0 == 0 else {
      throw InputError(
        "quip leaves f0 out of its energies, so that gap.xml cannot hold \(model.hyperparameters.f0)",
        remedy: "train with f0: 0")
    }
    guard potential.prior == nil else {
      throw InputError("gap.xml cannot hold ZBL repulsion", remedy: "train without zbl")
    }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let stem = String(path.dropLast(name.count))
    var files = [(path: path, bytes: Array(text(model, potential, name: name).utf8))]
    let present = model.elements.indices.filter { model.pointCount(of: $0) > 0 }
    for (k, type) in present.enumerated() {
      files.append((stem + sparseName(name, k + 1), Array(points(model, type: type).utf8)))
    }
    try AtomicFile.write(files)
    return files.map(\.path)
  }

  private static let label = "GAP_halite"

  /// quip finds the processes by these labels: numbers from 1.
  private static func sparseName(_ name: String, _ number: Int) -> String { "\(name).sparseX.\(label)\(number)" }

  private static func text(_ model: GAP, _ potential: FittedPotential, name: String) -> String {
    let settings = model.hyperparameters
    let present = model.elements.indices.filter { model.pointCount(of: $0) > 0 }
    var lines = [
      "<\(label)>", "<Potential label=\"\(label)\" init_args=\"IP GAP label=\(label)\"/>",
      "<GAP_params label=\"\(label)\" gap_version=\"1769700636\">", "  <GAP_data do_core=\"F\">",
    ]
    for element in ChemicalElement.all {
      let energy = potential.referenceEnergies.energies[element] ?? 0
      lines.append("    <e0 Z=\"\(element.atomicNumber)\" value=\"\(energy)\"/>")
    }
    lines += ["  </GAP_data>", "  <gpSparse label=\"\(label)\" n_coordinate=\"\(present.count)\" fitted=\"T\">"]
    let numbers = model.elements.map { "\($0.atomicNumber)" }.joined(separator: " ")
    for (k, type) in present.enumerated() {
      let element = model.elements[type]
      let (count, first) = (model.pointCount(of: type), model.firstPoint(of: type))
      lines += [
        "    <gpCoordinates label=\"\(label)\(k + 1)\" dimensions=\"\(model.dimension + 1)\" "
          + "signal_variance=\"\(settings.delta)\" signal_mean=\"\(settings.f0)\" sparsified=\"T\" n_permutations=\"1\" "
          + "covariance_type=\"2\" zeta=\"\(settings.zeta)\" n_sparseX=\"\(count)\" "
          + "sparseX_filename=\"\(sparseName(name, k + 1))\">",
        "      <descriptor>soap n_max=\(settings.nMax) l_max=\(settings.lMax) atom_sigma=\(settings.atomSigma) "
          + "cutoff=\(settings.cutoff) cutoff_transition_width=\(settings.cutoffTransitionWidth) "
          + "central_weight=\(settings.centralWeight) n_species=\(model.elements.count) Z=\(element.atomicNumber) "
          + "species_Z={\(numbers)}</descriptor>", "      <permutation i=\"1\">1</permutation>",
      ]
      lines += (0..<count).map {
        "      <sparseX i=\"\($0 + 1)\" alpha=\"\(model.coefficients[first + $0])\" sparseCutoff=\"1.0\"/>"
      }
      lines.append("    </gpCoordinates>")
    }
    lines += [
      "  </gpSparse>",
      "  <command_line><![CDATA[halite train gap, Halite \(HaliteVersion.current)]]></command_line>",
      "</GAP_params>", "</\(label)>",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func points(_ model: GAP, type: Int) -> String {
    let width = model.dimension
    var lines: [String] = []
    lines.reserveCapacity(model.pointCount(of: type) * (width + 1) + 1)
    for (k, value) in model.points[type].enumerated() {
      lines.append("\(value)")
      if k % width == width - 1 { lines.append("0.0") }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
