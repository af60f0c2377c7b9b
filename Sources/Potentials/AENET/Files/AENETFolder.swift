import Foundation
import Structures

/// A potential as aenet keeps it: a network file for each species, and predict.in that names them.
public enum AENETFolder {
  /// True for a path that names something of aenet's: a folder, an input file, a network file.
  public static func isForeign(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { return true }
    return [".in", ".nn", ".nn.ascii"].contains { path.hasSuffix($0) }
  }

  /// Reads a folder with predict.in or with network files alone, such an input file, or the network of a single species.
  /// - Returns: the potential, and what the user should know of it.
  /// - Throws: `InputError` naming the file that is missing or damaged.
  public static func read(_ path: String) throws -> (potential: FittedPotential, notes: [String]) {
    let (paths, types) = try networkFiles(path)
    return try assemble(paths.map { ($0, try AtomicFile.read($0)) }, types: types)
  }

  /// The potential of network files that are read already.
  /// - Parameters:
  ///   - files: paths, for errors, and contents.
  ///   - types: TYPES of predict.in; nil where there is none.
  /// - Throws: `InputError` naming the file that is damaged, or what does not fit together.
  public static func assemble(
    _ files: [(path: String, bytes: [UInt8])], types: [ChemicalElement]? = nil
  ) throws -> (potential: FittedPotential, notes: [String]) {
    let networks = try files.map { path, bytes in
      do { return (path: path, file: try AENETNetworkFile(bytes: bytes)) } catch let error as InputError {
        throw error.located(in: path)
      }
    }
    return try AENETAssembly(networks, types: types).potential()
  }

  /// The network files, and TYPES in order where predict.in gives them.
  private static func networkFiles(_ path: String) throws -> ([String], [ChemicalElement]?) {
    if path.hasSuffix(".in") { return try networkFiles(inputFile: path) }
    if path.hasSuffix(".nn") || path.hasSuffix(".nn.ascii") { return ([path], nil) }
    let input = path + "/predict.in"
    if FileManager.default.fileExists(atPath: input) { return try networkFiles(inputFile: input) }
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    // The text form beside the binary one says the same again.
    let found = names.filter { name in
      name.hasSuffix(".nn")
        || name.hasSuffix(".nn.ascii") && !names.contains(String(name.dropLast(".ascii".count)))
    }
    guard !names.contains("potential.safetensors") else {
      throw InputError(
        "the folder of a run, where a potential is expected", file: path,
        remedy: "give \(path)/potential.safetensors")
    }
    guard !found.isEmpty else {
      throw InputError(
        "the folder holds neither predict.in nor network files (*.nn, *.nn.ascii)", file: path,
        remedy: "give a potential file of halite train, or a folder of aenet")
    }
    return (found.map { path + "/" + $0 }, nil)
  }

  private static func networkFiles(inputFile: String) throws -> ([String], [ChemicalElement]?) {
    let input = try AENETInput(bytes: AtomicFile.read(inputFile), file: inputFile, kind: .predict)
    let folder = (inputFile as NSString).deletingLastPathComponent
    let types = input.types.map(\.element)
    guard !types.isEmpty, Set(types).count == types.count else {
      throw InputError("needs TYPES, each species once", file: inputFile)
    }
    let files = try types.map { type in
      guard let network = input.networks.first(where: { $0.element == type }) else {
        throw InputError("NETWORKS has no file for \(type)", file: inputFile)
      }
      return resolved(network.file, in: folder)
    }
    return (files, types)
  }

  /// A path of an input file, taken from the folder of that file.
  static func resolved(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") || folder.isEmpty ? path : folder + "/" + path
  }

  /// Writes a folder that aenet's predict.x takes: Ti.nn (binary), Ti.nn.ascii, …, predict.in.
  /// - Returns: the names of the files.
  /// - Throws: `InputError` where the files cannot hold the potential, or the folder is there already.
  @discardableResult
  public static func write(_ potential: FittedPotential, to path: String) throws -> [String] {
    let files = try AENETExport(potential).files()
    let types = files.map(\.species)
    var parts = files.map { (name: $0.species + ".nn", bytes: $0.binary) }
    parts += files.map { (name: $0.species + ".nn.ascii", bytes: $0.ascii) }
    let text = """
      TYPES
      \(types.count)
      \(types.joined(separator: "\n"))

      NETWORKS
      \(types.map { "\($0) \($0).nn" }.joined(separator: "\n"))

      FORCES

      """
    parts.append((name: "predict.in", bytes: Array(text.utf8)))
    try AtomicFile.writeFolder(parts, to: path)
    return parts.map(\.name)
  }
}

/// Puts a potential together from the files of its species.
struct AENETAssembly {
  private let files: [(element: ChemicalElement, path: String, file: AENETNetworkFile)]
  /// The order in which aenet numbers the species; nil where predict.in does not say.
  private let types: [ChemicalElement]?

  init(_ files: [(path: String, file: AENETNetworkFile)], types: [ChemicalElement]?) throws {
    self.types = types
    self.files = try files.map { path, file in
      guard let element = ChemicalElement(file.species) else {
        throw InputError("'\(file.species)' is no element symbol (species of the network)", file: path)
      }
      return (element, path, file)
    }
    for (k, entry) in self.files.enumerated() {
      if let types, types[k] != entry.element {
        throw InputError(
          "is the network of \(entry.element), but predict.in names it for \(types[k])", file: entry.path)
      }
      if let other = self.files[..<k].first(where: { $0.element == entry.element }) {
        throw InputError(
          "two networks of \(entry.element): \(other.path) is the other", file: entry.path,
          remedy: "name the right one in predict.in")
      }
    }
  }

  private var elements: [ChemicalElement] { files.map(\.element).sorted() }

  func potential() throws -> (potential: FittedPotential, notes: [String]) {
    var notes: [String] = []
    var hyperparameters = AENETHyperparameters()
    var setups: [String: AENETSetup] = [:]
    for (element, path, file) in files {
      do {
        let environment = try environment(of: file)
        var setup = AENETSetup(environment: environment, network: try hiddenLayers(of: file))
        if file.basis.lowercased() == "chebyshev" {
          setup.chebyshev = try chebyshev(of: file)
          if setup.chebyshev?.domain == .legacy {
            notes.append(
              "\(path): trained by aenet before November 2019 (angular_domain legacy, told by its averages)")
          }
        } else {
          setup.functions = try functions(of: element, environment: environment)
        }
        setups[element.symbol] = setup
      } catch let error as InputError { throw error.located(in: path) }
    }
    hyperparameters.setups = setups
    var model = try AENET(elements: elements, hyperparameters: hyperparameters, seed: 0)
    let references = try fill(&model)
    var card = PotentialCard()
    card.labels = "energy"
    return (
      FittedPotential(model: model, referenceEnergies: ReferenceEnergies(given: references), card: card), notes
    )
  }

  private func environment(of file: AENETNetworkFile) throws -> [ChemicalElement] {
    let environment = try file.environment.map { symbol in
      guard let element = ChemicalElement(symbol) else {
        throw InputError("'\(symbol)' is no element symbol (environment of the fingerprint)")
      }
      return element
    }
    let missing = environment.filter { !elements.contains($0) }
    guard types != nil || missing.isEmpty else {
      throw InputError(
        "its environment names \(missing.map(\.symbol).joined(separator: ", ")), of which there is no network",
        remedy: "put the missing .nn files beside it, or give a predict.in with the TYPES that are meant")
    }
    return environment
  }

  private func hiddenLayers(of file: AENETNetworkFile) throws -> [String] {
    let functions = try file.activations.map { code in
      guard Network.Activation.allCases.indices.contains(code) else {
        throw InputError("unknown activation function \(code)", remedy: "known are 0 to 4")
      }
      return Network.Activation.allCases[code]
    }
    guard functions.last == .linear else {
      throw InputError("the output of the network is \(functions.last?.rawValue ?? "nothing"), expected linear")
    }
    return zip(file.nodes.dropFirst().dropLast(), functions).map { "\($0):\($1.rawValue)" }
  }

  private func chebyshev(of file: AENETNetworkFile) throws -> ChebyshevFingerprint.Shape {
    let p = Array(file.functionParameters.prefix(4))
    let orders = [p[1], p[3]]
    guard orders.allSatisfy({ $0 >= 0 && $0 <= 1000 }) else {
      throw InputError("orders of its Chebyshev fingerprint are \(p[1]) and \(p[3])")
    }
    var shape = ChebyshevFingerprint.Shape(
      radialCutoff: p[0], radialOrder: Int(p[1].rounded()), angularCutoff: p[2], angularOrder: Int(p[3].rounded()))
    let expected = (shape.radialOrder + shape.angularOrder + 2) * (file.environment.count > 1 ? 2 : 1)
    guard file.components == expected else {
      throw InputError("a fingerprint of \(file.components) components, but its orders make \(expected)")
    }
    shape.domain = domain(of: file, shape)
    return shape
  }

  /// (2 cos θ − π)/π is never above (2 − π)/π = −0.3634: then the second angular component is negative everywhere.
  private func domain(
    of file: AENETNetworkFile, _ shape: ChebyshevFingerprint.Shape
  ) -> ChebyshevFingerprint.AngularDomain {
    if file.description.contains(AENETExport.signature) || shape.angularOrder < 1 { return .cosine }
    let first = shape.radialOrder + 1
    let isNegative = file.maxima[first + 1] < 0 && file.averages[first] > 0
    return isNegative && file.averages[first + 1] / file.averages[first] < -0.36 ? .legacy : .cosine
  }

  /// aenet 2.0.4 keeps symmetry functions by the number of the species in TYPES, and looks them up by its place in
  /// the environment: where the two differ, a species is described by another one's functions. So it was trained.
  private func functions(of element: ChemicalElement, environment: [ChemicalElement]) throws -> [SymmetryFunction] {
    let order = types ?? environment
    guard let place = environment.firstIndex(of: element), environment.count <= order.count, place < order.count,
      let own = files.first(where: { $0.element == element })?.file,
      let source = files.first(where: { $0.element == order[place] })?.file
    else { throw InputError("its environment does not fit the types of the potential") }
    guard source.basis.lowercased() == "behler2011", own.basis.lowercased() == "behler2011" else {
      throw InputError(
        "unknown type of fingerprint '\(own.basis)'",
        remedy: "known are Chebyshev and Behler2011, not both in one potential"
      )
    }
    guard source.components == own.components else {
      throw InputError(
        "aenet would take the \(source.components) functions of \(order[place]) for the \(own.components) of \(element): "
          + "the order of its environment is not that of TYPES")
    }
    return try (0..<source.components).map { k in
      let number = source.functionNumbers[k]
      let species = try (0..<(number >= 4 ? 2 : 1)).map { n in
        let place = source.functionSpecies[2 * k + n]
        guard (1...environment.count).contains(place) else {
          throw InputError("function \(k + 1) is of species \(place) of \(environment.count)")
        }
        return environment[place - 1]
      }
      let p = source.functionParameters[4 * k..<4 * k + 4]
      let count = SymmetryFunction.parameterNames[number]?.count ?? 0
      return try SymmetryFunction(
        number: number, parameters: Array(p.dropFirst().prefix(count)), neighbors: species, cutoff: p[4 * k])
    }
  }

  /// Weights, normalisation and scaling.
  /// - Returns: the reference energies, eV.
  private func fill(_ model: inout AENET) throws -> [ChemicalElement: Double] {
    var references: [ChemicalElement: Double] = [:]
    model.energyScale = files[0].file.scale
    model.energyShift = files[0].file.shift
    for (type, element) in elements.enumerated() {
      guard let entry = files.first(where: { $0.element == element }),
        let place = entry.file.typeNames.firstIndex(of: element.symbol)
      else {
        throw InputError("the training set of the network has no atomic energy of \(element)")
      }
      let file = entry.file
      var weights = file.weights
      // Every file may have its own scale; the last layer is linear and takes what differs.
      if file.scale != model.energyScale {
        let last = (file.nodes[file.nodes.count - 2] + 1)
        for k in weights.count - last..<weights.count { weights[k] *= model.energyScale / file.scale }
      }
      references[element] = file.atomEnergies[place] + (file.shift - model.energyShift)
      model.parameters.replaceSubrange(model.networks.range(type), with: weights)
      for k in 0..<file.components {
        let variance = file.squares[k] - file.averages[k] * file.averages[k]
        let root = max(0, variance).squareRoot()
        model.means[model.fingerprints.offsets[type] + k] = file.averages[k]
        model.inverseDeviations[model.fingerprints.offsets[type] + k] = root <= 1e-10 ? 0 : 1 / root
      }
    }
    return references
  }
}
