import Foundation
import Settings
import Structures

/// The potential file: one safetensors file that says what it is.
///
/// Tensors are the model's, plus `reference_energies` (eV, in the order of `elements`), `free_compositions` (directions
/// of composition that the training frames do not have, by rows) and `training_members` (48 bits of each frame's id). Metadata, all strings:
/// `format` = "halite-potential", `format_version`, `kind`, `elements` (JSON list), `hyperparameters` (JSON),
/// `prior` (JSON), `reference_energies` (JSON: source, rank), `card` (JSON: data, split, seed), `units`,
/// `code_version`, and where there is an active set `active_set`, see `ActiveSet.tensors`. A committee is one file, too: see `CommitteeFile`. Python reads it with the `safetensors` package.
public enum PotentialFile {
  static let version = "1"
  static let units = "length Å, energy eV, force eV/Å, virial eV (W = −∂E/∂ε)"

  /// - Throws: `InputError` where the file cannot be written.
  public static func write(_ potential: FittedPotential, to path: String) throws {
    try AtomicFile.write(encode(potential), to: path)
  }

  /// Writes potentials that belong together, as the best and the last of a run: all of them or none.
  /// - Throws: `InputError` where a file cannot be written.
  public static func write(_ potentials: [(potential: FittedPotential, path: String)]) throws {
    try AtomicFile.write(potentials.map { ($0.path, Array(try encode($0.potential))) })
  }

  /// Reads a potential file, or another program's potential: a folder or network files of aenet,
  /// LAMMPS's files of a SNAP potential, quip's of a GAP, or MLIP's of an MTP.
  /// - Throws: `InputError` for a file that cannot be read, is no potential file, or is cut short.
  public static func read(_ path: String) throws -> FittedPotential { try readWithNotes(path).potential }

  /// As `read`, with what the user should know of another program's potential.
  public static func readWithNotes(_ path: String) throws -> (potential: FittedPotential, notes: [String]) {
    if SNAPFiles.isForeign(path) { return (try SNAPFiles.read(path), []) }
    if GAPFile.isForeign(path) { return try GAPFile.read(path) }
    if MLIPPotentialFile.isForeign(path) { return try MLIPPotentialFile.read(path) }
    if AENETFolder.isForeign(path) { return try AENETFolder.read(path) }
    do {
      return (try read(bytes: AtomicFile.read(path)), [])
    } catch let error as InputError {
      throw error.located(in: path)
    }
  }

  public static func encode(_ potential: FittedPotential) throws -> Data {
    guard potential.isCommittee else {
      let (table, metadata) = try content(of: potential)
      return try SafeTensors.encode(table, metadata: metadata)
    }
    return try CommitteeFile.encode(potential.committee.map { try content(of: $0) })
  }

  private static func content(
    of potential: FittedPotential
  ) throws -> (table: TensorTable, metadata: [String: String]) {
    var table = potential.model.tensors
    table["reference_energies"] = TensorTable.Tensor(
      shape: [potential.elements.count],
      values: potential.elements.map { potential.referenceEnergies.energies[$0] ?? 0 })
    if !potential.members.isEmpty {
      let numbers = potential.members.numbers
      table["training_members"] = TensorTable.Tensor(shape: [numbers.count], values: numbers)
    }
    if !potential.referenceEnergies.freeVectors.isEmpty {
      let vectors = potential.referenceEnergies.freeVectors
      table["free_compositions"] = TensorTable.Tensor(
        shape: [vectors.count, potential.elements.count], values: vectors.flatMap { $0 })
    }
    var metadata = [
      "format": "halite-potential", "format_version": version, "kind": potential.kind, "units": units,
      "code_version": HaliteVersion.current,
      "elements": try json(potential.elements),
      "hyperparameters": try hyperparameters(of: potential.model),
      "card": try json(potential.card),
    ]
    metadata["reference_energies"] = try json(ReferenceOrigin(potential.referenceEnergies))
    if let prior = potential.prior { metadata["prior"] = try json(prior) }
    if let active = potential.activeSet {
      metadata["active_set"] = try json(active.rule)
      for (name, tensor) in active.tensors.tensors { table[name] = tensor }
    }
    return (table, metadata)
  }

  public static func read(bytes: [UInt8]) throws -> FittedPotential {
    let (table, metadata) = try SafeTensors.decode(bytes)
    guard metadata["format"] == "halite-potential" else {
      throw InputError(
        "not a potential file: a safetensors file without format=halite-potential",
        remedy: "expected a file written by halite train")
    }
    guard metadata["format_version"] == version else {
      throw InputError(
        "the potential file is of version \(metadata["format_version"] ?? "?"), this is Halite \(HaliteVersion.current)",
        remedy: "use a newer Halite")
    }
    guard metadata["kind"] == CommitteeFile.kind else { return try potential(table, metadata) }
    return try FittedPotential(
      committee: CommitteeFile.members(table, metadata).map { try potential($0.table, $0.metadata) })
  }

  private static func potential(_ table: TensorTable, _ metadata: [String: String]) throws -> FittedPotential {
    let kind = metadata["kind"] ?? ""
    guard let type = potentialKinds.first(where: { $0.name == kind }) else {
      throw InputError(
        "the file holds a potential of kind '\(kind)', which this Halite does not know (it knows "
          + potentialKinds.map { $0.name }.joined(separator: ", ") + ")")
    }
    let elements: [ChemicalElement] = try decode(metadata, "elements")
    guard !elements.isEmpty, Set(elements).count == elements.count else {
      throw InputError("damaged potential file: its elements are \(metadata["elements"] ?? "")")
    }
    let origin: ReferenceOrigin = try decode(metadata, "reference_energies")
    var references = origin.energies
    guard let values = table["reference_energies"]?.values, values.count == elements.count,
      values.allSatisfy(\.isFinite)
    else { throw InputError("damaged potential file: reference energies are missing or not finite") }
    references.energies = Dictionary(uniqueKeysWithValues: zip(elements, values))
    if let vectors = table["free_compositions"]?.values {
      guard vectors.count % elements.count == 0, vectors.allSatisfy(\.isFinite) else {
        throw InputError("damaged potential file: tensor 'free_compositions' does not fit its elements")
      }
      references.freeVectors = stride(from: 0, to: vectors.count, by: elements.count).map {
        Array(vectors[$0..<$0 + elements.count])
      }
    }
    let model = try makeModel(type, elements, metadata, table)
    let prior: ZBL? = metadata["prior"] == nil ? nil : try decode(metadata, "prior")
    if let prior { _ = try ZBL(inner: prior.inner, outer: prior.outer) }
    var potential = FittedPotential(
      model: model, referenceEnergies: references, prior: prior, card: try decode(metadata, "card"))
    potential.members = TrainingMembers(numbers: table["training_members"]?.values ?? [])
    if metadata["active_set"] != nil {
      potential.activeSet = try ActiveSet(tensors: table, rule: decode(metadata, "active_set"), model: model)
    }
    return potential
  }

  private static func makeModel<P: TrainablePotential>(
    _ type: P.Type, _ elements: [ChemicalElement], _ metadata: [String: String], _ table: TensorTable
  ) throws -> any TrainablePotential {
    // Settings that the file's version did not know yet have their defaults.
    let text = metadata["hyperparameters"] ?? ""
    let hyperparameters: P.Hyperparameters
    do {
      hyperparameters = try merged(
        defaults: P.defaults, with: readYAML(bytes: Array(text.utf8), file: nil), file: nil)
    } catch let error as InputError {
      throw InputError("damaged potential file: its hyperparameters cannot be read (\(error.message))")
    }
    return try P(elements: elements, hyperparameters: hyperparameters, tensors: table)
  }

  private static func hyperparameters<P: TrainablePotential>(of model: P) throws -> String {
    try json(model.hyperparameters)
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private static func decode<T: Decodable>(_ metadata: [String: String], _ key: String) throws -> T {
    guard let text = metadata[key] else { throw InputError("damaged potential file: no '\(key)' in its header") }
    do {
      return try JSONDecoder().decode(T.self, from: Data(text.utf8))
    } catch {
      throw InputError("damaged potential file: '\(key)' in its header cannot be read")
    }
  }
}

/// What is said of reference energies beside their numbers.
private struct ReferenceOrigin: Codable {
  var source: ReferenceEnergies.Source
  var rank: Int
  var free_directions: [String]
  var residual: Double

  init(_ energies: ReferenceEnergies) {
    source = energies.source
    rank = energies.rank
    free_directions = energies.freeDirections
    residual = energies.residual
  }

  var energies: ReferenceEnergies {
    var result = ReferenceEnergies(given: [:])
    result.source = source
    result.rank = rank
    result.freeDirections = free_directions
    result.residual = residual
    return result
  }
}
