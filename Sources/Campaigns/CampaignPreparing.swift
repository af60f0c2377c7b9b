import Formats
import Glibc
import Settings
import Structures

extension Campaign {
  /// Writes the inputs of all planned entries.
  ///
  /// Files first, then the database, in blocks: after a kill the same call writes the folders of the last block again and goes on.
  /// - Returns: entries prepared.
  /// - Throws: `InputError` where inputs cannot be made or written, which the others do not wait for, or settings that decide labels have
  ///   changed.
  public func prepare(threads: Int, progress: (Int, Int) -> Void = { _, _ in }) throws -> Int {
    try locked { database in
      try fixLabelSettings(database)
      try planWithoutPotentials(database)
    }
    var done = 0
    var failures: [Int: InputError] = [:]
    while true {
      let count = try locked { database in
        let waiting = try database.entries([.planned]).filter { failures[$0.id] == nil }
        progress(done, done + waiting.count)
        let block = Array(waiting.prefix(256))
        let results = try prepare(block, database, threads: threads)
        let lost = zip(block, results).compactMap { entry, result in
          if case .failure(let error) = result { (entry.id, error) } else { nil }
        }
        // A full disk or a folder that nobody may write into would be found again for each of thousands.
        if lost.count == block.count, let first = lost.first { throw first.1 }
        for (id, error) in lost { failures[id] = error }
        return block.count - lost.count
      }
      if count == 0 { break }
      done += count
    }
    let inOrder = failures.sorted { $0.key < $1.key }.map(\.value)
    if let refusal = Self.refusal(of: inOrder, prepared: done) { throw refusal }
    return done
  }

  /// One line for run folders that could not be written while others were: the first of them, and how many there are.
  static func refusal(of failures: [InputError], prepared: Int) -> InputError? {
    guard let first = failures.first else { return nil }
    let others = failures.count > 1 ? " (and \(failures.count - 1) more entries)" : ""
    return InputError(
      first.message + others + "; \(prepared) others are prepared", file: first.file, line: first.line,
      remedy: first.remedy)
  }

  /// Writes the run folders of some entries, and then those that are whole into the database: one that cannot be written keeps no other
  /// waiting.
  private func prepare(
    _ block: [CampaignEntry], _ database: CampaignDatabase, threads: Int
  ) throws -> [Result<String, InputError>] {
    let frames = try database.frames(.planned, block.map(\.id))
    try fixPotentials(labeller.potentials(of: frames.flatMap(\.structure.elements)), database)
    let results = try parallelMap(chunks: block.count, threads: threads) { index -> Result<String, InputError> in
      let entry = block[index]
      let run = PlannedRun(frame: frames[index], order: entry.order, nupdown: entry.nupdown)
      do { return .success(try write(run, entry: entry, attempt: 1)) } catch let error as InputError {
        return .failure(error)
      }
    }
    try database.transaction {
      for (entry, result) in zip(block, results) {
        if case .success(let hash) = result { try database.begin(entry, attempt: 1, fixes: "", inputs: hash) }
      }
    }
    return results
  }

  /// How many runs have inputs of each kind where a campaign has several, as "ISMEAR -5" and "ISMEAR 0"; by the last attempt of each
  /// entry, free atoms apart.
  /// - Throws: `InputError` where the database cannot be read.
  public func distinctions() throws -> [String: Int] {
    let database = try open()
    var counts: [String: Int] = [:]
    for entry in try database.entries() where entry.attempt > 0 {
      // Only one that is a symbol alone may be a free atom.
      if ChemicalElement(entry.formula) != nil, try database.frames(.planned, [entry.id])[0].isIsolatedAtom {
        continue
      }
      if let kind = labeller.distinction(of: path(entry.folder())) { counts[kind, default: 0] += 1 }
    }
    return counts
  }

  /// Entries that were prepared before there was a library of POTCARs are planned again, unless they were handed to a queue.
  private func planWithoutPotentials(_ database: CampaignDatabase) throws {
    guard let vasp = labeller as? VASPLabeller, vasp.settings.potcar_library != nil else { return }
    let bare = try database.lastAttempts([.prepared]).filter { attempt in
      let folder = path(CampaignEntry.folder(attempt.entry, attempt.number))
      return attempt.number == 1 && attempt.queue == nil && access(folder + "/POTCAR.spec", F_OK) == 0
        && access(folder + "/POTCAR", F_OK) != 0
    }
    guard !bare.isEmpty else { return }
    try database.transaction {
      for attempt in bare {
        guard var entry = try database.entry(attempt.entry) else { continue }
        try database.remove(attempt)
        entry.state = .planned
        entry.attempt = 0
        try database.move(entry)
      }
    }
  }

  /// - Throws: `InputError` where the settings are not those of the first inputs.
  func fixLabelSettings(_ database: CampaignDatabase) throws {
    let now = labeller.labelSettings
    guard let before = try database.fact("label_settings") else {
      return try database.transaction { try database.set("label_settings", now) }
    }
    guard before != now else { return }
    let lines = Set(before.split(separator: "\n")).symmetricDifference(now.split(separator: "\n"))
    let example = lines.sorted().first.map { ", as `\($0.drop { $0 == " " })`" } ?? ""
    throw InputError(
      "settings that decide labels have changed since the first inputs were written\(example)",
      file: shown + "/campaign.yaml",
      remedy: "put them back, or make another campaign: such labels must not be mixed")
  }

  /// What run.json says of the folder that it lies in.
  struct RunIdentity: Codable {
    var campaign: String
    var token: String
    var entry: Int
    var hash: String
    var attempt: Int
    /// SHA-256 of the input files.
    var inputs: String
    /// Names of the input files.
    var files: [String]
  }

  /// Writes the run folder of an attempt, whole or not at all.
  /// - Parameter carry: files of an earlier run that this one begins with.
  /// - Returns: SHA-256 of the inputs.
  func write(_ run: PlannedRun, entry: CampaignEntry, attempt: Int, carry: [String] = []) throws -> String {
    let folder = path(CampaignEntry.folder(entry.id, attempt))
    let files: [RunFile]
    do { files = try labeller.inputs(of: run) } catch let error as InputError {
      throw InputError(
        "entry \(entry.id) (\(entry.formula)): \(error.message)", file: error.file, remedy: error.remedy)
    }
    let hash = RunFile.hash(files)
    let identity = RunIdentity(
      campaign: settings.name, token: token, entry: entry.id, hash: entry.hash, attempt: attempt, inputs: hash,
      files: files.map(\.name))
    try makeFolders(entry.id)
    try clear(
      folder,
      knowing: Set(
        files.map(\.name) + ["run.json", "POTCAR.spec", "run.lock"]
          + carry.map { $0.split(separator: "/").last.map(String.init) ?? $0 }))
    let all = files.map { ($0.name, $0.bytes) } + [("run.json", Array(try jsonText(identity).utf8))]
    try AtomicFile.writeFolder(all.map { (name: $0.0, bytes: $0.1) }, to: folder)
    for source in carry {
      try copyFile(source, to: folder + "/" + (source.split(separator: "/").last.map(String.init) ?? source))
    }
    return hash
  }

  private func makeFolders(_ id: Int) throws(InputError) {
    let parent = path(String(CampaignEntry.folder(id, 1).dropLast(2)))
    for folder in [path("runs"), parent] where mkdir(folder, 0o777) != 0 && errno != EEXIST {
      throw InputError("cannot make the folder: \(String(cString: strerror(errno)))", file: folder)
    }
  }

  /// Removes what a killed `prepare` left: the folder is not in the database, so nothing has run in it.
  private func clear(_ folder: String, knowing names: Set<String>) throws(InputError) {
    let parent = String(folder[..<(folder.lastIndex(of: "/") ?? folder.endIndex)])
    for name in hiddenParts(parent) { removeFolder(parent + "/" + name) }
    guard access(folder, F_OK) == 0 else { return }
    if let other = try InputFile.names(inFolder: folder).first(where: { !names.contains($0) }) {
      throw InputError(
        "the run folder is there already and holds \(other), which is not in the database", file: folder,
        remedy: "move it away: nothing of it is removed")
    }
    removeFolder(folder)
  }
}

/// Folders that were being written when a process ended: ".1.4711.part".
private func hiddenParts(_ folder: String) -> [String] {
  guard let handle = opendir(folder) else { return [] }
  defer { closedir(handle) }
  var names: [String] = []
  while let entry = readdir(handle) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name.hasPrefix("."), name.hasSuffix(".part") { names.append(name) }
  }
  return names
}

/// Removes a folder that holds only files.
private func removeFolder(_ folder: String) {
  for name in (try? InputFile.names(inFolder: folder)) ?? [] { unlink(folder + "/" + name) }
  for name in hiddenParts(folder) { unlink(folder + "/" + name) }
  rmdir(folder)
}

/// Copies a file of any size.
private func copyFile(_ source: String, to target: String) throws(InputError) {
  let input = open(source, O_RDONLY | O_CLOEXEC)
  guard input >= 0 else { return }  // what is not there need not be carried over
  defer { close(input) }
  let output = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
  guard output >= 0 else { throw InputError("cannot write: \(String(cString: strerror(errno)))", file: target) }
  defer { close(output) }
  while true {
    let count = sendfile(output, input, nil, 1 << 24)
    if count == 0 { return }
    if count < 0, errno != EINTR {
      throw InputError("cannot write: \(String(cString: strerror(errno)))", file: target)
    }
  }
}

extension CampaignDatabase {
  /// An attempt whose inputs are on the disk begins.
  func begin(_ entry: CampaignEntry, attempt: Int, fixes: String, inputs: String) throws {
    try insert(
      CampaignAttempt(entry: entry.id, number: attempt, fixes: fixes, inputs: inputs, outcome: .prepared))
    var next = entry
    next.state = .prepared
    next.reason = nil
    next.attempt = attempt
    try move(next)
  }
}
