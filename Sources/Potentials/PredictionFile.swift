import Foundation
import Structures

/// Predictions of many frames on disk, bit for bit: what `halite train --save-predictions` leaves.
///
/// One safetensors file. For each part of the data: the metadata `PART.ids` (ids of the frames, blanks between), and the
/// tensors `PART.energies` (eV), `PART.atoms` (counts), `PART.forces` (eV/Å, three for each atom) and `PART.virials`
/// (eV, nine for each frame, by rows).
public struct PredictionFile: Sendable {
  public struct Part: Sendable {
    /// "train", "validation", "test".
    public var name: String
    public var ids: [String]
    /// One for each id; without site energies where they were read from a file.
    public var predictions: [Prediction]

    public init(name: String, ids: [String], predictions: [Prediction]) {
      precondition(ids.count == predictions.count, "one prediction for each frame")
      self.name = name
      self.ids = ids
      self.predictions = predictions
    }
  }

  public var parts: [Part]

  public init(parts: [Part]) { self.parts = parts }

  /// - Throws: `InputError` where the file cannot be written.
  public func write(to path: String) throws {
    var table = TensorTable()
    var metadata = ["format": "halite-predictions", "parts": parts.map(\.name).joined(separator: " ")]
    for part in parts {
      let predictions = part.predictions
      let count = predictions.count
      metadata[part.name + ".ids"] = part.ids.joined(separator: " ")
      table[part.name + ".energies"] = TensorTable.Tensor(shape: [count], values: predictions.map(\.energy))
      table[part.name + ".atoms"] = TensorTable.Tensor(
        shape: [count], values: predictions.map { Double($0.forces.count) })
      let forces = predictions.flatMap { $0.forces.flatMap { [$0.x, $0.y, $0.z] } }
      table[part.name + ".forces"] = TensorTable.Tensor(shape: [forces.count / 3, 3], values: forces)
      table[part.name + ".virials"] = TensorTable.Tensor(
        shape: [count, 9], values: predictions.flatMap(\.virial.rows))
    }
    try AtomicFile.write(SafeTensors.encode(table, metadata: metadata), to: path)
  }

  /// - Throws: `InputError` where the file cannot be read, or is no such file.
  public init(_ path: String) throws {
    do {
      let (table, metadata) = try SafeTensors.decode(AtomicFile.read(path))
      guard metadata["format"] == "halite-predictions", let names = metadata["parts"] else {
        throw InputError("is no file of predictions")
      }
      parts = try names.split(separator: " ").map { try Self.part(String($0), table, metadata) }
    } catch let error as InputError {
      throw error.located(in: path)
    }
  }

  private static func part(
    _ name: String, _ table: TensorTable, _ metadata: [String: String]
  ) throws(InputError) -> Part {
    let ids = (metadata[name + ".ids"] ?? "").split(separator: " ").map(String.init)
    guard let energies = table[name + ".energies"]?.values, let atoms = table[name + ".atoms"]?.values,
      let forces = table[name + ".forces"]?.values, let virials = table[name + ".virials"]?.values,
      energies.count == ids.count, atoms.count == ids.count, virials.count == 9 * ids.count,
      atoms.allSatisfy({ $0 >= 0 && $0 < 1e9 }), 3 * Int(atoms.reduce(0, +)) == forces.count
    else { throw InputError("the part `\(name)` of the predictions is incomplete") }
    var place = 0
    let predictions = ids.indices.map { k in
      let count = Int(atoms[k])
      let start = place
      place += 3 * count
      return Prediction(
        energy: energies[k],
        forces: (0..<count).map {
          [forces[start + 3 * $0], forces[start + 3 * $0 + 1], forces[start + 3 * $0 + 2]]
        },
        virial: Matrix3(rows: Array(virials[9 * k..<9 * k + 9])), siteEnergies: [])
    }
    return Part(name: name, ids: ids, predictions: predictions)
  }
}
