import Simulations
import Structures

/// Frames of a voltage with their groups.
struct PartnerFrames {
  var frames: [LabeledStructure]
  var groups: [PartnerGroup]
  var alone: [Int]

  /// Partners found by keys and by arrangement.
  /// - Throws: `InputError` where no frame has a partner.
  init(_ frames: [LabeledStructure], key: String) throws {
    self.frames = frames
    var search = PartnerSearch()
    search.key = key
    (groups, alone) = search.groups(frames)
    guard !groups.isEmpty else {
      throw InputError(
        "no two of \(counted(frames.count, "structure")) are the same host with different lithium",
        remedy: "halite generate delithiate makes partners; --delithiated FILES gives them in order")
    }
  }

  /// Partners given in order.
  /// - Throws: `InputError` where the numbers differ.
  init(lithiated: [LabeledStructure], delithiated: [LabeledStructure]) throws {
    guard lithiated.count == delithiated.count else {
      throw InputError(
        "\(counted(lithiated.count, "lithiated structure")) and \(counted(delithiated.count, "delithiated one"))",
        remedy: "give as many, in the same order, or leave --delithiated out to have partners found")
    }
    frames = lithiated + delithiated
    groups = lithiated.indices.map {
      PartnerGroup(members: [$0, lithiated.count + $0], evidence: .given)
    }
    alone = []
  }

  /// What was found and what was not, for the user.
  func say(_ console: Console) {
    for (evidence, words) in [
      (PartnerGroup.Evidence.key, "by their keys"), (.arrangement, "by the same cell and host atoms"),
      (.given, "as given"),
    ] {
      let count = groups.count { $0.evidence == evidence }
      if count > 0 { console.note("\(counted(count, "host")) with partners \(words)") }
    }
    if let first = alone.first {
      console.warn(
        "\(counted(alone.count, "structure")) without a partner of another lithium content, left out; the first is "
          + frames[first].name)
    }
  }

  /// Energies of different calculations must not be subtracted.
  /// - Throws: `InputError` naming two partners whose energies are of different keys or settings.
  func requireOneFrameOfEnergy() throws {
    for group in groups {
      let members = group.members.map { frames[$0] }.filter { $0.labels.energy != nil }
      guard let first = members.first else { continue }
      if let other = members.first(where: { $0.provenance.energyKey != first.provenance.energyKey }) {
        throw InputError(
          "partners have energies of different kinds: `\(first.provenance.energyKey ?? "?")` of \(first.name) and "
            + "`\(other.provenance.energyKey ?? "?")` of \(other.name)",
          remedy: "a voltage needs total energies in one frame: choose one with --energy-key")
      }
      let survey = SettingsSurvey(of: members)
      if !survey.mixtures.isEmpty {
        throw InputError(
          "the partners of \(first.name) are of different settings: \(survey.mixtureText)",
          remedy: "a voltage needs the same calculation on both sides")
      }
    }
  }
}
