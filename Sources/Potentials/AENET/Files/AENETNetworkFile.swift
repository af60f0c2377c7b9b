import Structures

/// One of aenet's potential files (`Ti.nn`): the network of a species, the setup of its fingerprint, and what is to be
/// known of the training set. Field by field as aenet 2.0.4 stores them, binary or as text.
public struct AENETNetworkFile: Sendable, Equatable {
  // The network.
  /// Nodes of each layer, inputs first.
  var nodes: [Int] = []
  /// g of each layer but the first: 0 linear, 1 tanh, 2 sigmoid, 3 mtanh, 4 twist.
  var activations: [Int] = []
  /// Each W_k by columns, bias last.
  var weights: [Double] = []
  // The setup.
  /// Lines, each with "$$" behind it.
  var description = ""
  var species = ""
  var environment: [String] = []
  /// RMIN and the longest reach, Å.
  var minimumDistance = 0.0
  var cutoff = 0.0
  /// "Chebyshev" or "Behler2011".
  var basis = ""
  /// G1–G5 of each component; 0 for Chebyshev.
  var functionNumbers: [Int] = []
  /// Four numbers for each component: R_c first. Chebyshev: R_r, N_r, R_a, N_a in the first.
  var functionParameters: [Double] = []
  /// Places in the environment, from 1, two for each component.
  var functionSpecies: [Int] = []
  var evaluations = 0
  /// Of each component over the training set: extremes, mean, and mean of the square.
  var minima: [Double] = []
  var maxima: [Double] = []
  var averages: [Double] = []
  var squares: [Double] = []
  // The training set.
  var trainingFile = ""
  var isNormalised = true
  /// f, atom/eV, and s, eV/atom.
  var scale = 1.0
  var shift = 0.0
  var typeNames: [String] = []
  /// E_atom of `typeNames`, eV.
  var atomEnergies: [Double] = []
  var atoms = 0
  var structures = 0
  /// Smallest, largest and mean energy, scaled.
  var energyRange = [-1.0, 1, 0]

  /// Components of the fingerprint.
  var components: Int { functionNumbers.count }

  static let parametersPerFunction = 4
  /// More of anything is no potential file.
  static let limit = 1_000_000

  public init() {}
}

/// What reads the fields of a potential file one after the other, in either form.
protocol AENETFieldReader {
  mutating func integers(_ name: String, _ count: Int) throws -> [Int]
  mutating func reals(_ name: String, _ count: Int) throws -> [Double]
  mutating func texts(_ name: String, _ count: Int, length: Int) throws -> [String]
  mutating func flag(_ name: String) throws -> Bool
  /// aenet writes the species of functions in its own way as text.
  mutating func functionSpecies(_ components: Int, environment: Int) throws -> [Int]
  /// Refuses what stands behind the last field.
  mutating func finish() throws
}

extension AENETFieldReader {
  mutating func integer(_ name: String) throws -> Int { try integers(name, 1)[0] }
  mutating func real(_ name: String) throws -> Double { try reals(name, 1)[0] }
  mutating func text(_ name: String, length: Int) throws -> String { try texts(name, 1, length: length)[0] }

  /// A number of things to come.
  mutating func count(_ name: String, _ range: ClosedRange<Int>) throws -> Int {
    let value = try integer(name)
    guard range.contains(value) else {
      throw InputError(
        "damaged aenet potential: \(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}

/// What writes them.
protocol AENETFieldWriter {
  mutating func integers(_ values: [Int])
  mutating func integerList(_ values: [Int])
  mutating func reals(_ values: [Double])
  mutating func realList(_ values: [Double])
  mutating func texts(_ values: [String], length: Int)
  mutating func flag(_ value: Bool)
  mutating func functionSpecies(_ values: [Int], environment: Int)
}

extension AENETNetworkFile {
  /// Reads a file of either form, told by its first bytes.
  /// - Throws: `InputError` for a file that is cut short, damaged, or of another kind; nothing is taken for granted.
  public init(bytes: [UInt8]) throws {
    if bytes.starts(with: [4, 0, 0, 0]) {
      var reader = FortranRecords(bytes)
      self = try Self.read(&reader)
    } else {
      var reader = try FortranText(bytes)
      self = try Self.read(&reader)
    }
    try validate()
  }

  private static func read(_ reader: inout some AENETFieldReader) throws -> AENETNetworkFile {
    var file = AENETNetworkFile()
    try file.readNetwork(&reader)
    try file.readSetup(&reader)
    try file.readTrainingSet(&reader)
    try reader.finish()
    return file
  }

  private mutating func readNetwork(_ reader: inout some AENETFieldReader) throws {
    let layers = try reader.count("number of layers", 2...64)
    _ = try reader.integer("largest number of nodes")
    let size = try reader.count("number of weights", 1...(1 << 28))
    _ = try reader.integer("number of node values")
    nodes = try reader.integers("nodes", layers)
    guard nodes.allSatisfy({ (1...Self.limit).contains($0) }) else {
      throw InputError("damaged aenet potential: layers of \(list(nodes)) nodes")
    }
    activations = try reader.integers("activation functions", layers - 1)
    let offsets = try reader.integers("offsets of weights", layers)
    _ = try reader.integers("offsets of nodes", layers)
    let expected = zip(nodes, nodes.dropFirst()).reduce(into: [0]) {
      $0.append($0[$0.count - 1] + ($1.0 + 1) * $1.1)
    }
    guard size == expected[layers - 1], offsets == expected else {
      throw InputError(
        "damaged aenet potential: a network of \(list(nodes)) nodes has \(expected[layers - 1]) weights, the file says "
          + "\(size)")
    }
    weights = try reader.reals("weights", size)
  }

  private mutating func readSetup(_ reader: inout some AENETFieldReader) throws {
    description = try reader.text("description", length: 1024)
    species = try reader.text("species", length: 2)
    let neighbors = try reader.count("number of species in the environment", 1...118)
    environment = try reader.texts("environment", neighbors, length: 2)
    minimumDistance = try reader.real("smallest distance")
    cutoff = try reader.real("cutoff")
    basis = try reader.text("type of the basis", length: 100)
    let components = try reader.count("number of functions", 1...Self.limit)
    let parameters = try reader.count("parameters of a function", 1...64)
    guard parameters == Self.parametersPerFunction else {
      throw InputError(
        "damaged aenet potential: functions of \(parameters) parameters, expected \(Self.parametersPerFunction)")
    }
    functionNumbers = try reader.integers("function types", components)
    functionParameters = try reader.reals("parameters of functions", parameters * components)
    functionSpecies = try reader.functionSpecies(components, environment: neighbors)
    evaluations = try reader.integer("number of evaluations")
    minima = try reader.reals("smallest values", components)
    maxima = try reader.reals("largest values", components)
    averages = try reader.reals("averages", components)
    squares = try reader.reals("averages of squares", components)
  }

  private mutating func readTrainingSet(_ reader: inout some AENETFieldReader) throws {
    trainingFile = try reader.text("name of the training set", length: 1024)
    isNormalised = try reader.flag("whether energies are scaled")
    scale = try reader.real("energy scale")
    shift = try reader.real("energy shift")
    let types = try reader.count("number of species", 1...118)
    typeNames = try reader.texts("species", types, length: 2)
    atomEnergies = try reader.reals("atomic energies", types)
    atoms = try reader.integer("number of atoms")
    structures = try reader.integer("number of structures")
    energyRange = try reader.reals("range of energies", 3)
  }

  private func validate() throws {
    for (name, values) in [
      ("weight", weights), ("parameter of functions", functionParameters), ("average", averages),
      ("average of squares", squares), ("atomic energy", atomEnergies), ("energy scale", [scale]),
      ("energy shift", [shift]),
    ] {
      guard let place = values.firstIndex(where: { !$0.isFinite }) else { continue }
      throw InputError("damaged aenet potential: \(name) \(place + 1) of \(values.count) is \(values[place])")
    }
    guard scale > 0 else {
      throw InputError("damaged aenet potential: the energy scale is \(scale), expected above 0")
    }
    guard nodes[0] == components else {
      throw InputError(
        "the network has \(nodes[0]) inputs, but its fingerprint has \(components) components",
        remedy: "train it again with this setup")
    }
    guard nodes[nodes.count - 1] == 1 else {
      throw InputError("the network has \(nodes[nodes.count - 1]) outputs, expected 1")
    }
  }

  func write(to writer: inout some AENETFieldWriter) {
    let edges = zip(nodes, nodes.dropFirst())
    writer.integers([nodes.count])
    writer.integers([nodes.max() ?? 0])
    writer.integers([weights.count])
    writer.integers([nodes.dropLast().reduce(0) { $0 + $1 + 1 } + (nodes.last ?? 0)])
    writer.integerList(nodes)
    writer.integerList(activations)
    writer.integerList(edges.reduce(into: [0]) { $0.append($0[$0.count - 1] + ($1.0 + 1) * $1.1) })
    writer.integerList(nodes.dropLast().reduce(into: [0]) { $0.append($0[$0.count - 1] + $1 + 1) })
    writer.realList(weights)
    writer.texts([description], length: 1024)
    writer.texts([species], length: 2)
    writer.integers([environment.count])
    writer.texts(environment, length: 2)
    writer.reals([minimumDistance])
    writer.reals([cutoff])
    writer.texts([basis], length: 100)
    writer.integers([components])
    writer.integers([Self.parametersPerFunction])
    writer.integerList(functionNumbers)
    writer.realList(functionParameters)
    writer.functionSpecies(functionSpecies, environment: environment.count)
    writer.integers([evaluations])
    for values in [minima, maxima, averages, squares] { writer.realList(values) }
    writer.texts([trainingFile], length: 1024)
    writer.flag(isNormalised)
    writer.reals([scale])
    writer.reals([shift])
    writer.integers([typeNames.count])
    writer.texts(typeNames, length: 2)
    writer.realList(atomEnergies)
    writer.integers([atoms])
    writer.integers([structures])
    writer.reals(energyRange)
  }

  /// Fortran's sequential records, little-endian: what aenet loads.
  public var binary: [UInt8] {
    var writer = FortranRecords([])
    write(to: &writer)
    return writer.bytes
  }

  /// The same as text.
  public var ascii: [UInt8] {
    var writer = FortranTextWriter()
    write(to: &writer)
    return Array(writer.text.utf8)
  }
}

/// "44, 15, 15, 1".
private func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }
