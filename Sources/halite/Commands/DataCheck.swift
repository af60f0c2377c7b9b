import Formats
import Reports
import Structures

/// `halite data check FILES`: frames outside of limits.
enum DataCheckCommand: Command {
  static let name = "data check"
  static let summary = "frames outside of limits, with the reason; --quarantine moves them aside"
  static let discussion = """
    Nothing is dropped: with --quarantine FILE -o KEPT every frame is written to one of the two, in the quarantine
    file with the key quarantine_reason. A lower limit of 0, or a very large upper one, switches a check off.
    Two atoms are too close below 0.6 times the sum of their covalent radii (Cordero 2008: Li-O 1.16 Å, Li-Li 1.54 Å);
    two of O and F below 1.1 Å (the O2 molecule has 1.21 Å); two of which one is H below --min-distance-h.
    """
  static let positionals = [DataFiles.positional]

  private static let limits = DataLimits()
  private static let distance = Option<Double?>(
    "min-distance", unit: "Å", help: "two atoms closer than this, instead of the limit by covalent radii")
  private static let hydrogenDistance = Option<Double>(
    "min-distance-h", unit: "Å", default: limits.minimumHydrogenDistance,
    help: "the same where one of them is hydrogen")
  private static let minimumVolume = Option<Double>(
    "min-volume", unit: "Å³/atom", default: limits.minimumVolume, help: "a smaller volume per atom")
  private static let maximumVolume = Option<Double>(
    "max-volume", unit: "Å³/atom", default: limits.maximumVolume, help: "a larger volume per atom")
  private static let force = Option<Double>(
    "max-force", unit: "eV/Å", default: limits.maximumForce, help: "|F| of an atom above this")
  private static let netForce = Option<Double>(
    "max-net-force", unit: "eV/Å", default: limits.maximumNetForce,
    help: "the length of the sum of all forces over the number of atoms above this")
  private static let energy = Option<Double>(
    "max-energy-deviation", default: limits.maximumEnergyDeviation,
    help: "robust deviations (0.6745 |e - median| / MAD) of the energy per atom after reference energies above this"
  )
  private static let quarantine = Option<String?>(
    "quarantine", placeholder: "FILE", help: "write the frames outside of the limits here; needs -o")
  private static let output = Option<String?>(
    "output", short: "o", placeholder: "FILE", help: "write the other frames here; needs --quarantine")
  private static let strict = Option(flag: "strict", help: "exit status 1 where a frame is outside of the limits")

  static let options: [any OptionDeclaration] =
    [
      distance, hydrogenDistance, minimumVolume, maximumVolume, force, netForce, energy, quarantine, output, strict,
    ] + ReadingOptions.all + [threadsOption]

  private struct Result: Encodable {
    var check: DataCheck
    var kept: Int
    var quarantined: Int
    var quarantine: String?
    var output: String?
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let (quarantineFile, keptFile) = (arguments[quarantine], arguments[output])
    guard (quarantineFile == nil) == (keptFile == nil) else {
      throw usageError("--quarantine and -o belong together", remedy: "give both, so that no frame is lost")
    }
    if let quarantineFile, quarantineFile == keptFile { throw usageError("--quarantine and -o name the same file") }
    let paths = arguments[DataFiles.positional]
    try DataFiles.requireWritable([quarantineFile, keptFile], inputs: paths)
    let files = try FrameFiles(paths, options: arguments.readOptions, console: console)
    var counter = DataCheck.Counter(limits: try limits(of: arguments))
    let threads = try arguments.threads()
    try files.forEachBatch { try counter.add($0, threads: threads) }
    let check = try counter.check(fit: fitReferences)
    for note in check.notes { console.note(note) }
    let quarantined = check.findings.count
    let kept = check.frames - quarantined
    var text = check.text
    if let quarantineFile, let keptFile {
      guard kept > 0 else {
        throw InputError("every frame (\(check.frames)) is outside of the limits: none would be kept")
      }
      try divide(files, check, kept: keptFile, quarantine: quarantineFile)
      text += "\n\(counted(kept, "frame")) kept in \(keptFile), "
      text += quarantined == 0 ? "none moved aside" : "\(quarantined) moved to \(quarantineFile)"
    }
    let result = Result(
      check: check, kept: kept, quarantined: quarantined, quarantine: quarantineFile, output: keptFile)
    try console.result(result, text: text, json: arguments.json)
    if arguments[strict], !check.findings.isEmpty {
      throw InputError(check.verdict)
    }
  }

  /// Writes every frame to one of the two files; none for the quarantine where nothing is suspicious.
  private static func divide(_ files: FrameFiles, _ check: DataCheck, kept: String, quarantine: String) throws {
    let reasons = Dictionary(uniqueKeysWithValues: check.findings.map { ($0.index, $0.reasons) })
    var surveys = (kept: WriteSurvey(), quarantined: WriteSurvey())
    if try [kept, quarantine].contains(where: { try FrameWriter.needsSurvey($0, options: WriteOptions()) }) {
      try files.forEachAgain { place, frame in
        if reasons[place] == nil { surveys.kept.add(frame) } else { surveys.quarantined.add(frame) }
      }
    }
    let writer = try FrameWriter(kept, survey: surveys.kept)
    let other = reasons.isEmpty ? nil : try FrameWriter(quarantine, survey: surveys.quarantined)
    try files.forEachAgain { place, frame in
      if let found = reasons[place] {
        try other?.append(DataCheck.quarantined(frame, found))
      } else {
        try writer.append(frame)
      }
    }
    if let other { try DataFiles.finish(other, console: files.console) }
    try DataFiles.finish(writer, console: files.console)
  }

  private static func limits(of arguments: ParsedArguments) throws -> DataLimits {
    var limits = DataLimits()
    limits.minimumDistance = arguments[distance]
    limits.minimumHydrogenDistance = arguments[hydrogenDistance]
    limits.minimumVolume = arguments[minimumVolume]
    limits.maximumVolume = arguments[maximumVolume]
    limits.maximumForce = arguments[force]
    limits.maximumNetForce = arguments[netForce]
    limits.maximumEnergyDeviation = arguments[energy]
    if let value = arguments[distance], value < 0 {
      throw usageError("option --min-distance: expected 0 or more, found \(value.argument)")
    }
    let all = [hydrogenDistance, minimumVolume, maximumVolume, force, netForce, energy]
    for option in all where arguments[option] < 0 {
      throw usageError("option --\(option.name): expected 0 or more, found \(arguments[option].argument)")
    }
    return limits
  }
}
