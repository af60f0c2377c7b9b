import Potentials
import Simulations
import Structures

/// Options of commands that relax structures.
enum RelaxationOptions {
  static let method = Option<RelaxationSettings.Method>("method", default: .lbfgs, help: "how atoms move")
  static let force = Option<Double>(
    "fmax", unit: "eV/Å", default: 0.05, help: "the force on every atom must get below it")
  static let stress = Option<Double>(
    "stress-tolerance", unit: "GPa", default: 0.1, help: "every component of the stress must get below it")
  static let steps = Option<Int>("max-steps", default: 500, help: "evaluations of the potential at most")
  static let longest = Option<Double>(
    "max-step", unit: "Å", default: 0.2, help: "no atom moves farther in one step")
  static let contact = Option<Double>(
    "contact", default: 0.6,
    help: "stop where two atoms come closer than this part of their covalent radii (O, F: 1.1 Å); 0: below 0.5 Å")
  static let volume = Option<Double>(
    "max-volume-change", default: 0.5, help: "stop where the volume has changed by more than this part")
  static let deviation = Option<Double?>(
    "max-deviation", unit: "eV/Å", help: "stop where a committee differs more than this about a force")

  static let grade = Option<Double?>(
    "max-grade",
    help: "stop where the extrapolation grade of an atom is above this; 10 is usual (MTP, SNAP, qSNAP)")

  static let all: [any OptionDeclaration] = [
    method, force, stress, steps, longest, contact, volume, deviation, grade,
  ]
}

extension RelaxationSettings.Method: ArgumentChoice {}

/// What `--relax` takes.
enum RelaxedPart: String, ArgumentChoice {
  case none, positions, cell
}

extension ParsedArguments {
  /// Settings of a relaxation, for a command that declares `RelaxationOptions.all`.
  /// - Throws: `InputError` (usage) for a number out of its range, or a limit on a deviation that there is not.
  func relaxation(cell: Bool, of potential: FittedPotential) throws -> RelaxationSettings {
    var settings = RelaxationSettings()
    settings.method = self[RelaxationOptions.method]
    settings.relaxesCell = cell
    settings.forceTolerance = self[RelaxationOptions.force]
    settings.stressTolerance = self[RelaxationOptions.stress] / Units.gigapascalsPerEVPerCubicAngstrom
    settings.stepLimit = self[RelaxationOptions.steps]
    settings.longestStep = self[RelaxationOptions.longest]
    settings.contactFraction = self[RelaxationOptions.contact]
    settings.volumeLimit = self[RelaxationOptions.volume]
    settings.gradeLimit = self[RelaxationOptions.deviation]
    if settings.gradeLimit != nil, !potential.isCommittee {
      throw usageError(
        "--max-deviation needs a committee, this is one \(potential.kind)",
        remedy: "halite train \(potential.kind) --committee 4")
    }
    if let limit = self[RelaxationOptions.grade] {
      guard !potential.isCommittee, potential.activeSet != nil else {
        throw usageError(
          "--max-grade needs a potential with an active set, this is \(potential.isCommittee ? "a committee" : "one \(potential.kind) without it")",
          remedy: potential.isCommittee ? "use --max-deviation" : "halite active build makes it (MTP, SNAP, qSNAP)")
      }
      settings.gradeLimit = limit
    }
    try settings.validate()
    return settings
  }

  /// Options of relaxations where nothing relaxes are a mistake.
  func refuseRelaxationOptions(_ reason: String) throws {
    for option in RelaxationOptions.all where isNamed(option) {
      throw usageError("--\(option.name) says how to relax, but \(reason)", remedy: "add --relax positions or cell")
    }
  }

  private func isNamed(_ option: any OptionDeclaration) -> Bool { given.contains(option.name) }
}

extension RelaxationSettings {
  /// "positions and cell, lbfgs, forces below 0.05 eV/Å, stress below 0.1 GPa".
  var text: String {
    let stress = Units.gigapascalsPerEVPerCubicAngstrom * stressTolerance
    return (relaxesCell ? "positions and cell" : "positions")
      + ", \(method.rawValue), forces below \(forceTolerance) eV/Å"
      + (relaxesCell ? ", stress below \((1e6 * stress).rounded() / 1e6) GPa" : "")
  }
}
