import Formats
import Structures

/// Compares the POSCAR and the CONTCAR of a run with its steps: another composition makes every frame suspicious; where a step of an
/// OUTCAR is the same structure, its positions are taken, for an OUTCAR prints only five decimals.
struct EndpointCheck {
  private(set) var notes = NoteTally()
  private(set) var failures: [ImportFailure] = []
  private var endpoints: [(name: String, structure: Structure)] = []
  private let takesPositions: Bool

  init(_ unit: ImportUnit) {
    takesPositions = unit.vasprun == nil
    guard unit.outcar != nil || unit.vasprun != nil else { return }
    for (name, path) in [("POSCAR", unit.poscar), ("CONTCAR", unit.contcar)] {
      guard let path else { continue }
      do {
        if let frame = try readFrames(path).frames.first { endpoints.append((name, frame.structure)) }
      } catch {
        // A run that was cut off leaves an empty CONTCAR.
        if FileStamp(path)?.size == 0 {
          notes.add("\(name) beside the output is empty", of: "run")
        } else {
          failures.append(ImportFailure(file: path, reason: "\(error)"))
        }
      }
    }
  }

  mutating func compare(_ frame: inout LabeledStructure) {
    for (name, structure) in endpoints {
      guard structure.composition == frame.structure.composition else {
        frame.judge(
          .geometrySuspect, reason: "\(name) has \(structure.formula), the output has \(frame.structure.formula)")
        continue
      }
      guard takesPositions, structure.elements == frame.structure.elements else { continue }
      let isFirst = name == "POSCAR" && frame.value(ofKey: "ionic_step") == "1"
      let isLast = name == "CONTCAR" && frame.value(ofKey: "relaxed") == "T"
      guard isFirst || isLast else { continue }
      guard let finer = refined(frame.structure, by: structure) else {
        notes.add("\(name) is another structure than the \(isFirst ? "first" : "last") step beside it", of: "run")
        continue
      }
      frame = LabeledStructure(
        structure: finer, labels: frame.labels, provenance: frame.provenance, configType: frame.configType,
        info: frame.info, columns: frame.columns)
      notes.add("positions of the \(isFirst ? "first" : "last") step taken from \(name), which has more decimals")
    }
  }

  /// The structure with the positions of another one that is the same within what an OUTCAR prints; nil where it is not.
  private func refined(_ structure: Structure, by other: Structure) -> Structure? {
    guard let lattice = structure.lattice, let finer = other.lattice else { return nil }
    for (a, b) in [(lattice.a, finer.a), (lattice.b, finer.b), (lattice.c, finer.c)] where length(a - b) > 1e-6 {
      return nil
    }
    var result = structure
    for (atom, position) in structure.positions.enumerated() {
      var difference = lattice.fractional(other.positions[atom] - position)
      difference -= difference.rounded(.toNearestOrEven)
      let shift = lattice.cartesian(difference)
      guard length(shift) < 2e-5 else { return nil }
      result.positions[atom] = position + shift
    }
    return result
  }
}
