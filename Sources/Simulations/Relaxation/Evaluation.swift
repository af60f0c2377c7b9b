import Potentials
import Structures

/// What a potential says of a structure, and how far it can be trusted.
public struct Evaluation: Sendable {
  public var prediction: Prediction
  /// Predictions of the members of a committee; empty for a single potential.
  public var members: [Prediction]
  /// Grade of extrapolation: for a committee the largest deviation of the force on an atom, eV/Å; by an active set the largest
  /// of the atoms, without unit; nil where there is none.
  public var grade: Double?

  public init(prediction: Prediction, members: [Prediction] = [], grade: Double? = nil) {
    self.prediction = prediction
    self.members = members
    self.grade = grade
  }
}

/// A potential as simulations call it: any closure from a structure to an evaluation.
public struct Evaluator: Sendable {
  private let body: @Sendable (Structure) throws -> Evaluation

  public init(_ body: @escaping @Sendable (Structure) throws -> Evaluation) { self.body = body }

  /// A potential on one thread.
  /// - Parameter grade: of a structure; nil for none.
  public init(
    _ potential: some Potential, grade: (@Sendable (Structure, Prediction) throws -> Double)? = nil
  ) {
    let predictor = Predictor(potential)
    self.init { structure in
      let prediction = try predictor.predict([structure])[0]
      return Evaluation(prediction: prediction, grade: try grade?(structure, prediction))
    }
  }

  /// A trained potential; of a committee every member is asked, and its deviation is the grade.
  public init(_ potential: FittedPotential) {
    guard potential.isCommittee else {
      self.init(potential, grade: nil)
      return
    }
    self.init { structure in
      let said = try CommitteePredictor(potential).predict([structure])[0]
      return Evaluation(prediction: said.mean, members: said.members, grade: said.deviation.largestForce)
    }
  }

  /// - Throws: `InputError` where the potential cannot say anything of the structure.
  public func evaluate(_ structure: Structure) throws -> Evaluation { try body(structure) }
}
