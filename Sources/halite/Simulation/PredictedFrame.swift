import Potentials
import Simulations
import Structures

/// Frames with what a potential says of them, as `predict`, `relax` and `screen` write them.
///
/// Keys: halite_energy (eV), halite_stress (eV/Å³, tensile positive), the column halite_forces (eV/Å); of a committee also
/// halite_energy_deviation (eV/atom), halite_max_force_deviation (eV/Å), halite_member_energies (eV) and the column
/// halite_force_deviation (eV/Å); with an active set halite_extrapolation_grade (no unit). A relaxed frame has an id of its
/// own and names what it began with by `relaxed_from`.
enum PredictedFrame {
  /// The frame as it is, with predictions beside its labels.
  static func beside(
    _ frame: LabeledStructure, _ prediction: Prediction, members: [Prediction] = [], grade: Double? = nil
  ) -> LabeledStructure {
    var result = frame
    result.info.removeAll { $0.key.hasPrefix("halite_") }
    result.columns.removeAll { $0.name.hasPrefix("halite_") }
    result.set("halite_energy", "\(prediction.energy)")
    if let volume = result.structure.volume {
      let stress = ((-1 / volume) * prediction.virial).rows.map { "\($0)" }.joined(separator: " ")
      result.set("halite_stress", stress)
    }
    let values = prediction.forces.flatMap { ["\($0.x)", "\($0.y)", "\($0.z)"] }
    result.columns.append(AtomColumn(name: "halite_forces", kind: .real, width: 3, values: values))
    result.set("halite_extrapolation_grade", grade.map { "\($0)" })
    guard members.count > 1 else { return result }
    let deviation = CommitteeDeviation(members)
    result.set("halite_energy_deviation", "\(deviation.energy)")
    result.set("halite_max_force_deviation", "\(deviation.largestForce)")
    result.set("halite_member_energies", members.map { "\($0.energy)" }.joined(separator: " "))
    result.columns.append(
      AtomColumn(name: "halite_force_deviation", kind: .real, width: 1, values: deviation.forces.map { "\($0)" }))
    return result
  }

  /// What became of a frame: its new structure without the old labels, which belong to the old one.
  static func relaxed(
    _ frame: LabeledStructure, _ relaxed: RelaxedStructure, grade: Double? = nil
  ) -> LabeledStructure {
    var bare = LabeledStructure(
      structure: relaxed.structure, labels: Labels(), provenance: frame.provenance, configType: frame.configType,
      info: frame.info, columns: frame.columns)
    bare.set("relaxed_from", frame.id)
    bare.set("relaxation", relaxed.end.word)
    bare.set("relaxation_steps", String(relaxed.steps))
    bare.set("relaxation_start_energy", "\(relaxed.startEnergy)")
    bare.set("relaxation_largest_force", "\(relaxed.largestForce)")
    bare.set("relaxation_volume_change", relaxed.volumeChange.map { "\($0)" })
    return beside(bare, relaxed.evaluation.prediction, members: relaxed.evaluation.members, grade: grade)
  }

  /// A frame that was written so, as a partner for voltages; nil where it carries no prediction.
  static func partner(_ frame: LabeledStructure) -> PartnerStructure? {
    guard let energy = frame.value(ofKey: "halite_energy").flatMap({ Double($0) }) else { return nil }
    var partner = PartnerStructure(
      id: frame.id, name: frame.name, composition: frame.structure.composition, volume: frame.structure.volume,
      energy: energy, label: frame.labels.energy)
    partner.memberEnergies = (frame.value(ofKey: "halite_member_energies") ?? "").split(separator: " ")
      .compactMap { Double($0) }
    partner.forceDeviation = frame.value(ofKey: "halite_max_force_deviation").flatMap { Double($0) }
    partner.extrapolation = frame.value(ofKey: "halite_extrapolation_grade").flatMap { Double($0) }
    partner.relaxation = frame.value(ofKey: "relaxation")
    return partner
  }
}
