import Formats
import Potentials
import Structures

/// `halite active select POTENTIAL --pool FILES -o OUT`: which frames of a pool to label next.
enum ActiveSelectCommand: Command {
  static let name = "active select"
  static let summary = "the frames of a pool that a potential should learn from next"
  static let discussion = """
    Frames with a grade above --threshold are candidates. Their rows are exchanged with those of the potential's active set as
    long as its volume grows; the frames that own one in the end are chosen, so that of many alike only what is needed is
    labelled. Frames with a grade above --break are counted: look at them before they are computed (--below leaves frames above a
    grade out). --number keeps those of the largest grades. The same files give the same choice, in their order. Files are read
    several times, frame by frame.
    """
  private static let potential = PotentialFiles.positional
  private static let pool = Option<[String]>(
    words: "pool", placeholder: "FILES", help: "structures to choose from; labels are not looked at")
  private static let output = Option<String>(
    needed: "output", short: "o", placeholder: "FILE", help: "extxyz file for the chosen frames, with halite_grade")
  private static let number = Option<Int?>(
    "number", placeholder: "N", help: "frames at most; all that are chosen where it is not given")
  private static let threshold = Option<Double>(
    "threshold", default: ActiveSet.selectThreshold, help: "grade above which a frame is a candidate")
  private static let below = Option<Double?>(
    "below", placeholder: "G", help: "leave frames with a grade above G out")
  private static let stop = Option<Double>(
    "break", default: ActiveSet.breakThreshold, help: "grade above which predictions mean little")

  static let positionals = [potential]
  static let options: [any OptionDeclaration] =
    [pool, output, number, threshold, below, stop, threadsOption] + ReadingOptions.all

  private struct Result: Encodable {
    struct Frame: Encodable {
      /// From 0, over all files.
      var place: Int
      var name: String
      var id: String
      var grade: Double
    }
    var pool: Int
    var candidates: Int
    var above_break: Int
    /// Above --below.
    var left_out: Int
    var largest: Double
    /// Before --number.
    var needed: Int
    var frames: Int
    var chosen: [Frame]
    var output: String
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let (file, paths) = (arguments.one(potential), arguments[pool])
    if let count = arguments[number], count < 1 {
      throw usageError("option --number: expected 1 or more, found \(count)")
    }
    let limits = try thresholds(arguments[threshold], max(arguments[stop], arguments[threshold]))
    if let ceiling = arguments[below], ceiling <= limits.select {
      throw usageError("option --below: expected more than --threshold (\(limits.select)), found \(ceiling)")
    }
    try DataFiles.requireWritable([arguments[output]], inputs: PotentialFiles.inputs(file) + paths)
    try requireExtendedXYZ(arguments[output])
    let fitted = try PotentialFiles.read(file, console)
    let threads = try arguments.threads()
    let files = try FrameFiles(paths, options: arguments.readOptions, console: console)
    let grades = try grades(files, try ActiveGrader(fitted, file: file, threads: threads), console)
    let ceiling = arguments[below] ?? .infinity
    let isCandidate = grades.map { $0 > limits.select && $0 <= ceiling }
    let outside = grades.count { $0 > limits.stop && $0 <= ceiling }
    let candidates = isCandidate.count { $0 }
    guard candidates > 0 else { throw nothingToLabel(grades, limits.select, below: ceiling) }
    let owners = try owners(files, isCandidate, try ActiveSelection(fitted, file: file, threads: threads), console)
    guard !owners.isEmpty else {
      throw InputError(
        "none of \(counted(candidates, "candidate")) makes the active set larger: there is nothing to label")
    }
    let best = owners.sorted { (grades[$1], $0) < (grades[$0], $1) }.prefix(arguments[number] ?? .max)
    let chosen = Set(best)
    var result = Result(
      pool: grades.count, candidates: candidates, above_break: outside, left_out: grades.count { $0 > ceiling },
      largest: grades.max() ?? 0, needed: owners.count, frames: chosen.count, chosen: [], output: arguments[output])
    let writer = try FrameWriter(arguments[output], survey: WriteSurvey())
    try files.forEachAgain { place, frame in
      guard chosen.contains(place) else { return }
      result.chosen.append(.init(place: place, name: frame.name, id: frame.id, grade: grades[place]))
      try writer.append(frame.graded(grades[place]))
    }
    try DataFiles.finish(writer, console: console)
    if outside > 0 {
      console.warn(
        "\(counted(outside, "frame")) with a grade above \(limits.stop): look whether they are sound before they are labelled "
          + "(--below leaves them out)")
    }
    try console.result(
      result,
      text: "\(counted(chosen.count, "frame")) of \(counted(candidates, "candidate")) of \(grades.count)"
        + (chosen.count < owners.count ? " (\(owners.count) were needed)" : "") + ": \(result.output)",
      json: arguments.json)
  }

  private static func nothingToLabel(_ grades: [Double], _ threshold: Double, below ceiling: Double) -> InputError {
    let above = grades.count { $0 > threshold }
    guard above == 0 else {
      return InputError(
        "all \(counted(above, "frame")) with a grade above \(threshold) are left out by --below \(ceiling)",
        remedy: "raise --below once they are looked at")
    }
    return InputError(
      "none of \(counted(grades.count, "frame")) has a grade above \(threshold): the largest is "
        + gradeText(grades.max() ?? 0),
      remedy: "there is nothing to label, or lower --threshold")
  }

  private static func grades(_ files: FrameFiles, _ grader: ActiveGrader, _ console: Console) throws -> [Double] {
    var grades: [Double] = []
    try files.forEachBatch { batch in
      grades += try grader.grades(batch.map(\.structure), names: batch.map(\.name)).map(\.frame)
    }
    return grades
  }

  /// Places of the frames that own a row in the end.
  private static func owners(
    _ files: FrameFiles, _ isCandidate: [Bool], _ start: ActiveSelection, _ console: Console
  ) throws -> [Int] {
    var selection = start
    for pass in 0..<ActiveSelection.passLimit {
      var swaps = 0
      var (frames, places, atoms) = ([LabeledStructure](), [Int](), 0)
      func take() throws {
        swaps += try selection.absorb(frames, places: places)
        (frames, places, atoms) = ([], [], 0)
      }
      try files.forEachAgain { place, frame in
        guard place < isCandidate.count, isCandidate[place] else { return }
        frames.append(frame)
        places.append(place)
        atoms += frame.structure.count
        if atoms >= 50_000 { try take() }
      }
      if !frames.isEmpty { try take() }
      console.progress(
        "pass over the pool", pass + 1, of: ActiveSelection.passLimit, detail: "\(swaps) rows exchanged")
      if swaps == 0 { break }
    }
    console.endProgress()
    return selection.chosen
  }
}
