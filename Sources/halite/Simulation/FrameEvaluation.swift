import Formats
import Potentials
import Simulations
import Structures

/// Frames evaluated by a potential as they are, or relaxed first: batch by batch, so that thousands can be interrupted and
/// gone on with.
struct FrameEvaluation {
  let potential: FittedPotential
  /// nil takes the structures as they are.
  let settings: RelaxationSettings?
  let threads: Int
  let console: Console
  /// Of a potential with an active set.
  private let grader: ActiveGrader?

  /// - Throws: `InputError` for an active set that is none.
  init(potential: FittedPotential, settings: RelaxationSettings?, threads: Int, console: Console) throws {
    self.potential = potential
    self.settings = settings
    self.threads = threads
    self.console = console
    let isGraded = !potential.isCommittee && potential.activeSet != nil
    grader = isGraded ? try ActiveGrader(potential, file: "the potential", threads: threads) : nil
  }

  /// Frames of one batch for each thread: between batches a call can be interrupted.
  private static let batch = 4

  /// How relaxations ended, and frames that did not converge.
  struct Outcome {
    var ends: [String: Int] = [:]
    var unconverged: [String] = []
    var frames: Int { ends.values.reduce(0, +) }
  }

  /// Everything that the result depends on, but for the frames.
  func call(potentialHash: String, frames: [LabeledStructure]) throws -> String {
    let order = FrameIdentity.sha256(frames.flatMap { Array($0.id.utf8) })
    return "potential \(potentialHash.prefix(16)), frames \(order.prefix(16)), "
      + (settings.map {
        "relaxed: \($0.text), \($0.stepLimit) steps of \($0.longestStep) Å, contact \($0.contactFraction), "
          + "volume \($0.volumeLimit), deviation \($0.gradeLimit.map { "\($0)" } ?? "any")"
      } ?? "as given")
  }

  /// Evaluates all frames, in memory.
  func evaluate(_ frames: [LabeledStructure]) throws -> [LabeledStructure] {
    var result: [LabeledStructure] = []
    for start in stride(from: 0, to: frames.count, by: Self.batch * threads) {
      console.progress(verb, start, of: frames.count)
      result += try batch(Array(frames[start..<min(frames.count, start + Self.batch * threads)]))
    }
    console.endProgress()
    return result
  }

  /// Evaluates all frames into a stream, which goes on where an earlier call ended.
  /// - Throws: `InputError` naming the frame that cannot be evaluated; "interrupted" at Ctrl-C.
  func write(_ frames: [LabeledStructure], to stream: FrameStream) throws -> Outcome {
    Interruption.install()
    var done = stream.resumed?.frames ?? 0
    var outcome = Outcome()
    outcome.ends = stream.resumed?.counts ?? [:]
    if done > 0 { console.say("going on behind \(counted(done, "frame"))") }
    while done < frames.count {
      console.progress(verb, done, of: frames.count)
      let end = min(frames.count, done + Self.batch * threads)
      let made = try batch(Array(frames[done..<end]))
      for (frame, source) in zip(made, frames[done..<end]) {
        let word = frame.value(ofKey: "relaxation").flatMap { settings == nil ? nil : $0 } ?? "evaluated"
        outcome.ends[word, default: 0] += 1
        if settings != nil, word != RelaxationEnd.converged.word {
          outcome.unconverged.append("\(source.name): \(word)")
        }
      }
      try stream.append(stream.streams ? .bytes(ExtendedXYZ.write(made)) : .frames(made))
      done = end
      let isStopped = Interruption.requested && done < frames.count
      try stream.checkpoint(parts: 0, frames: done, counts: outcome.ends, isFinal: isStopped)
      if isStopped { throw InputError("interrupted", remedy: "the same call goes on") }
    }
    console.endProgress()
    return outcome
  }

  private var verb: String { settings == nil ? "evaluating" : "relaxing" }

  private func batch(_ frames: [LabeledStructure]) throws -> [LabeledStructure] {
    let names = frames.map(\.name)
    guard let settings else {
      let said = try CommitteePredictor(potential, threads: threads).predict(frames.map(\.structure), names: names)
      let grades = try grader?.grades(frames.map(\.structure), names: names)
      return frames.indices.map { place in
        let said = said[place]
        var bare = frames[place]
        for key in ["relaxation", "relaxation_steps", "relaxation_start_energy", "relaxation_largest_force"] {
          bare.set(key, nil)
        }
        return PredictedFrame.beside(bare, said.mean, members: said.members, grade: grades?[place].frame)
      }
    }
    let relaxation = try Relaxation(evaluator(settings), settings: settings)
    let relaxed = try relaxation.relax(frames.map(\.structure), names: names, threads: threads)
    let grades = try grader?.grades(relaxed.map(\.structure), names: names)
    return frames.indices.map { PredictedFrame.relaxed(frames[$0], relaxed[$0], grade: grades?[$0].frame) }
  }

  /// Grades are taken at every step only where a limit asks for them.
  private func evaluator(_ settings: RelaxationSettings) -> Evaluator {
    guard let grader, settings.gradeLimit != nil else { return Evaluator(potential) }
    return Evaluator(potential) { structure, _ in try grader.grades([structure])[0].frame }
  }
}
