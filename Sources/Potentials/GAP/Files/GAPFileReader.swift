import Structures

/// A potential from the tags of a gap.xml.
struct GAPFileReader {
  private let path: String
  private let tags: [XMLTags.Tag]
  /// Reads the files of sparse points.
  private let bytes: (String) throws -> [UInt8]

  /// The process of one centre's element.
  private struct Process {
    var descriptor: SOAPDescriptorText
    var points: [Double]
    var alpha: [Double]
    var delta: Double
    var f0: Double
    var zeta: Double
    var line: Int
  }

  init(_ path: String, tags: [XMLTags.Tag], bytes: @escaping (String) throws -> [UInt8]) {
    self.path = path
    self.tags = tags
    self.bytes = bytes
  }

  func potential() throws -> (potential: FittedPotential, notes: [String]) {
    if let data = tags.first(where: { $0.name == "GAP_data" }), data.attributes["do_core"]?.hasPrefix("T") ?? false
    {
      throw InputError("has a core potential, which is not supported", file: path, line: data.line)
    }
    let starts = tags.indices.filter { tags[$0].name == "gpCoordinates" }
    guard let first = starts.first else {
      throw InputError("has no <gpCoordinates>: not a GAP of quip", file: path, line: tags.first?.line)
    }
    let ends = Array(starts.dropFirst()) + [tags.count]
    let processes = try zip(starts, ends).map { try process(tags[$0..<$1]) }
    let elements = processes[0].descriptor.species
    for process in processes { try requireSame(process, processes[0]) }
    var settings = processes[0].descriptor.settings
    (settings.delta, settings.zeta) = (processes[0].delta, processes[0].zeta)
    settings.nSparse = max(1, processes.map(\.alpha.count).max() ?? 1)
    settings.variance = false
    var points = [[Double]](repeating: [], count: elements.count)
    var alpha = points
    for process in processes {
      guard let type = elements.firstIndex(of: process.descriptor.center), points[type].isEmpty else {
        throw InputError(
          "has two descriptors for \(process.descriptor.center.symbol), or one that is not in species_Z",
          file: path,
          line: process.line, remedy: "only one soap for each element is supported")
      }
      (points[type], alpha[type]) = (process.points, process.alpha)
    }
    do {
      let model = try GAP(
        elements: elements, hyperparameters: settings, points: points, coefficients: alpha.flatMap { $0 })
      let potential = FittedPotential(
        model: model, referenceEnergies: ReferenceEnergies(given: try references(elements)), card: PotentialCard())
      let f0 = processes.map(\.f0).first { $0 != 0 }
      return (potential, f0.map { ["signal_mean (f0) is \($0): left out, as quip does"] } ?? [])
    } catch let error as InputError {
      var located = error.located(in: path)
      if located.line == nil { located.line = tags[first].line }
      throw located
    }
  }

  private func requireSame(_ process: Process, _ other: Process) throws {
    let same =
      process.descriptor.species == other.descriptor.species
      && process.descriptor.settings == other.descriptor.settings
      && process.delta == other.delta && process.f0 == other.f0 && process.zeta == other.zeta
    guard same else {
      throw InputError(
        "the descriptors of \(other.descriptor.center.symbol) and \(process.descriptor.center.symbol) have different "
          + "settings, delta or zeta, which is not supported", file: path, line: process.line)
    }
  }

  private func references(_ elements: [ChemicalElement]) throws -> [ChemicalElement: Double] {
    var energies: [ChemicalElement: Double] = [:]
    for tag in tags where tag.name == "e0" {
      guard let number = tag.attributes["Z"].flatMap({ Int($0) }),
        let value = tag.attributes["value"].flatMap(Self.number)
      else { throw InputError("<e0> needs Z and value", file: path, line: tag.line) }
      guard let element = ChemicalElement(atomicNumber: number), elements.contains(element) else { continue }
      energies[element] = value
    }
    return energies
  }

  /// Fortran leaves out zeros: `.5` and `-.5E+00`.
  private static func number(_ text: String) -> Double? {
    let trimmed = text.filter { !$0.isWhitespace }
    let whole =
      trimmed.hasPrefix("-.") ? "-0" + trimmed.dropFirst() : trimmed.hasPrefix(".") ? "0" + trimmed : trimmed
    return Double(whole).flatMap { $0.isFinite ? $0 : nil }
  }

  private static func shown(_ count: Double) -> String { Int(exactly: count).map { "\($0)" } ?? "\(count)" }

  private func process(_ tags: ArraySlice<XMLTags.Tag>) throws -> Process {
    guard let head = tags.first else { throw InputError("is empty", file: path) }
    func wrong(_ what: String, _ line: Int) -> InputError { InputError(what, file: path, line: line) }
    func attribute(_ key: String) throws -> Double {
      guard let value = head.attributes[key].flatMap(Self.number) else {
        throw wrong("<gpCoordinates> needs a number for \(key), found '\(head.attributes[key] ?? "")'", head.line)
      }
      return value
    }
    guard let description = tags.first(where: { $0.name == "descriptor" }) else {
      throw wrong("<gpCoordinates> has no <descriptor>", head.line)
    }
    let descriptor = try SOAPDescriptorText(description.text, file: path, line: description.line)
    guard try attribute("covariance_type") == 2 else {
      throw wrong(
        "covariance_type is \(try attribute("covariance_type")), only 2 (dot product) is supported", head.line)
    }
    guard try attribute("n_permutations") == 1 else { throw wrong("n_permutations must be 1", head.line) }
    let sparse = tags.filter { $0.name == "sparseX" }
    let count = try attribute("n_sparseX")
    guard count == Double(sparse.count) else {
      throw wrong("n_sparseX is \(Self.shown(count)), but there are \(sparse.count) <sparseX>", head.line)
    }
    let alpha = try sparse.map { tag -> Double in
      guard let alpha = tag.attributes["alpha"].flatMap(Self.number) else {
        throw wrong("<sparseX> needs a number for alpha", tag.line)
      }
      if let cutoff = tag.attributes["sparseCutoff"].flatMap(Self.number), cutoff != 1 {
        throw wrong("sparseCutoff is \(cutoff), only 1 is supported", tag.line)
      }
      return alpha
    }
    let shape = descriptor.settings.shape(types: descriptor.species.count)
    do { try shape.validate() } catch let error as InputError {
      throw wrong(error.message, description.line)
    }
    guard try attribute("dimensions") == Double(shape.dimension + 1) else {
      throw wrong(
        "dimensions is \(Self.shown(try attribute("dimensions"))), but the descriptor has \(shape.dimension + 1) components",
        head.line)
    }
    guard let name = head.attributes["sparseX_filename"] else {
      throw wrong("<gpCoordinates> has no sparseX_filename", head.line)
    }
    return Process(
      descriptor: descriptor, points: try points(name, count: alpha.count, width: shape.dimension + 1),
      alpha: alpha,
      delta: try attribute("signal_variance"), f0: try attribute("signal_mean"), zeta: try attribute("zeta"),
      line: head.line)
  }

  private func points(_ name: String, count: Int, width: Int) throws -> [Double] {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let file = name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
    let words = try bytes(file).split { $0 == 32 || (9...13).contains($0) }
    guard words.count == count * width else {
      throw InputError(
        "has \(words.count) numbers, expected \(count) sparse points of \(width)", file: file,
        remedy: "take the file that belongs to \(path)")
    }
    var points: [Double] = []
    points.reserveCapacity(count * (width - 1))
    for (k, word) in words.enumerated() {
      guard let value = Self.number(String(decoding: word, as: UTF8.self)) else {
        throw InputError(
          "expected a number, found '\(String(decoding: word.prefix(40), as: UTF8.self))'", file: file, line: k + 1)
      }
      guard k % width == width - 1 else {
        points.append(value)
        continue
      }
      guard value == 0 else {
        throw InputError("sparse points have a σ_0 of \(value), only 0 is supported", file: file, line: k + 1)
      }
    }
    return points
  }
}
