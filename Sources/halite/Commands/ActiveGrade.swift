import Formats
import Potentials
import Structures

/// `halite active grade POTENTIAL FILES`: how far frames lie outside of what a potential has learned from.
enum ActiveGradeCommand: Command {
  static let name = "active grade"
  static let summary = "extrapolation grade of frames and atoms by a potential's active set"
  static let discussion = """
    The grade γ (no unit) says how far a potential extrapolates: up to 1 it has learned from the like, above --select the frame is
    worth a label, above --break predictions mean little. halite train mtp, snap and qsnap leave the active set in the potential;
    halite active build makes it for another. -o writes the frames as extxyz with halite_grade, and the column halite_grades
    where the grade is of atoms. Grades of more atoms are larger: limits for 40 atoms are not those of 1000.
    """
  private static let potential = PotentialFiles.positional
  private static let files = Positional("FILES", .many, help: "structures; labels are not looked at")
  private static let output = Option<String?>(
    "output", short: "o", placeholder: "FILE", help: "extxyz file for the frames with their grades")
  private static let select = Option<Double>(
    "select", default: ActiveSet.selectThreshold, help: "grade above which a frame should be labelled")
  private static let stop = Option<Double>(
    "break", default: ActiveSet.breakThreshold, help: "grade above which predictions mean little")

  static let positionals = [potential, files]
  static let options: [any OptionDeclaration] = [output, select, stop, threadsOption] + ReadingOptions.all

  fileprivate struct Result: Encodable {
    struct Frame: Encodable {
      var name: String
      var id: String
      var grade: Double
      /// Of each atom, where the active set is of neighbourhoods.
      var atoms: [Double]?
    }
    var frames: Int
    var atoms: Int
    var rows: ActiveRule.Rows
    var largest: Double
    var above_select: Int
    var above_break: Int
    var select: Double
    var `break`: Double
    /// Atoms with a grade above the limits.
    var atoms_above_select: Int
    var atoms_above_break: Int
    var grades: [Frame]
    var output: String?
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let (file, paths) = (arguments.one(potential), arguments[files])
    let limits = try thresholds(arguments[select], arguments[stop])
    try DataFiles.requireWritable([arguments[output]], inputs: PotentialFiles.inputs(file) + paths)
    try requireExtendedXYZ(arguments[output])
    let fitted = try PotentialFiles.read(file, console)
    let grader = try ActiveGrader(fitted, file: file, threads: try arguments.threads())
    let writer = try arguments[output].map { try FrameWriter($0, survey: WriteSurvey()) }
    var result = Result(
      frames: 0, atoms: 0, rows: grader.rule.rows, largest: 0, above_select: 0, above_break: 0,
      select: limits.select,
      break: limits.stop, atoms_above_select: 0, atoms_above_break: 0, grades: [], output: arguments[output])
    try FrameFiles(paths, options: arguments.readOptions, console: console).forEachBatch { batch in
      for (frame, grade) in zip(batch, try grader.grades(batch.map(\.structure), names: batch.map(\.name))) {
        result.add(frame, grade, limits)
        try writer?.append(frame.graded(grade.frame, atoms: grade.atoms))
      }
    }
    if let writer { try DataFiles.finish(writer, console: console) }
    try console.result(result, text: result.text, json: arguments.json)
  }
}

extension ActiveGradeCommand.Result {
  fileprivate mutating func add(
    _ frame: LabeledStructure, _ grade: ExtrapolationGrade, _ limits: (select: Double, stop: Double)
  ) {
    frames += 1
    atoms += frame.structure.count
    largest = max(largest, grade.frame)
    if grade.frame > limits.select { above_select += 1 }
    if grade.frame > limits.stop { above_break += 1 }
    atoms_above_select += grade.atoms.count { $0 > limits.select }
    atoms_above_break += grade.atoms.count { $0 > limits.stop }
    grades.append(
      .init(
        name: frame.name, id: frame.id, grade: grade.frame, atoms: rows == .neighbourhoods ? grade.atoms : nil))
  }

  /// The worst frames, and how many lie above the limits.
  fileprivate var text: String {
    let worst = grades.indices.sorted { (grades[$1].grade, $0) < (grades[$0].grade, $1) }.prefix(10)
    let lines = worst.map { k -> [String] in
      let frame = grades[k]
      let atom = frame.atoms?.firstIndex(of: frame.grade).map { "atom \($0 + 1)" }
      return [frame.name, gradeText(frame.grade)] + (atom.map { [$0] } ?? [])
    }
    let part = rows == .neighbourhoods ? " (\(atoms_above_select) of \(counted(atoms, "atom")))" : ""
    return alignedColumns([["frame", "grade"]] + lines)
      + "\n\n\(above_select) of \(counted(frames, "frame")) above \(select)\(part), \(above_break) above \(`break`), largest "
      + gradeText(largest) + (output.map { ": \($0)" } ?? "")
  }
}

/// Three digits that count.
func gradeText(_ grade: Double) -> String { String(format: grade < 1000 ? "%.3g" : "%.2e", grade) }

/// - Throws: `InputError` (usage) unless 0 < select ≤ break.
func thresholds(_ select: Double, _ stop: Double) throws -> (select: Double, stop: Double) {
  guard select > 0, stop >= select else {
    throw usageError("expected 0 < --select ≤ --break, found \(select) and \(stop)")
  }
  return (select, stop)
}

/// - Throws: `InputError` (usage) for a file that cannot hold grades.
func requireExtendedXYZ(_ path: String?) throws {
  guard let path, ![".extxyz", ".xyz", ".extxyz.gz", ".xyz.gz"].contains(where: { path.hasSuffix($0) }) else {
    return
  }
  throw usageError("option --output: expected a file of extxyz, which has a place for grades, found `\(path)`")
}

extension LabeledStructure {
  /// The frame with its grade beside its labels.
  /// - Parameter atoms: γ of each atom; empty writes none.
  func graded(_ grade: Double, atoms: [Double] = []) -> LabeledStructure {
    var result = self
    result.columns.removeAll { $0.name == "halite_grades" }
    result.set("halite_grade", "\(grade)")
    if !atoms.isEmpty {
      result.columns.append(
        AtomColumn(name: "halite_grades", kind: .real, width: 1, values: atoms.map { "\($0)" }))
    }
    return result
  }
}
