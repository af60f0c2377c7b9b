import Formats
import Potentials
import Simulations
import Structures

/// `halite relax POTENTIAL FILES -o OUT`.
enum RelaxCommand: Command {
  static let name = "relax"
  static let summary =
    "structures in their nearest minimum of a potential's energy: positions, or positions and cell"
  static let discussion = """
    halite relax snap/potential.safetensors hosts.extxyz -o relaxed.extxyz
    halite relax committee/potential.safetensors set.extxyz --cell --max-deviation 0.5 -o relaxed.extxyz

    Every frame says what became of it: relaxation (converged, step-limit, stuck, contact, extrapolation, volume),
    relaxation_steps, energy before (relaxation_start_energy) and after (halite_energy), eV, and relaxed_from, the id of the
    frame that was read. What did not converge is kept with that word, as the lowest structure that was seen. Ctrl-C ends
    between structures; the same call goes on. Results do not depend on the number of threads.
    """
  private static let files = Positional("FILES", .many, help: "structures; files or folders of any format")
  private static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "file to write; extxyz can be gone on with")
  private static let cell = Option(flag: "cell", help: "relax the cell, too")

  static let positionals = [PotentialFiles.positional, files]
  static let options: [any OptionDeclaration] =
    [output, cell] + RelaxationOptions.all + ReadingOptions.all + [threadsOption]

  private struct Result: Encodable {
    var output: String
    var frames: Int
    var converged: Int
    /// By how they ended.
    var ends: [String: Int]
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let path = arguments[output]
    let file = arguments.one(PotentialFiles.positional)
    try DataFiles.requireWritable([path], inputs: PotentialFiles.inputs(file) + arguments[files])
    let potential = try PotentialFiles.read(file, console)
    let settings = try arguments.relaxation(cell: arguments.isGiven(cell), of: potential)
    let data = try DataFiles.read(arguments[files], options: arguments.readOptions, console: console)
    warnOfOpenZero(potential, data, console)
    let evaluation = try FrameEvaluation(
      potential: potential, settings: settings, threads: try arguments.threads(), console: console)
    let call = try evaluation.call(potentialHash: PotentialFiles.hash(of: potential), frames: data.frames)
    let stream = try FrameStream(path: path, format: nil, call: "relax " + call, what: "relaxation")
    let outcome: FrameEvaluation.Outcome
    do {
      outcome = try evaluation.write(data.frames, to: stream)
    } catch {
      stream.abandon()
      throw error
    }
    try stream.finish(console: console)
    for line in outcome.unconverged.prefix(5) { console.warn(line) }
    if outcome.unconverged.count > 5 { console.warn("and \(outcome.unconverged.count - 5) more did not converge") }
    let converged = outcome.ends[RelaxationEnd.converged.word] ?? 0
    let others = outcome.ends.filter { $0.key != RelaxationEnd.converged.word }.sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value)" }
    let rest = others.isEmpty ? "" : ", not converged: " + others.joined(separator: ", ")
    try console.result(
      Result(output: path, frames: outcome.frames, converged: converged, ends: outcome.ends),
      text: "\(counted(outcome.frames, "structure")), \(converged) converged (\(settings.text))\(rest): \(path)",
      json: arguments.json)
  }
}
