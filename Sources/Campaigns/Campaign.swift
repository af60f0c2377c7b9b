import Formats
import Glibc
import Settings
import Structures

/// A campaign: a folder with campaign.yaml, repair.yaml, campaign.db and a run folder for every attempt.
///
/// All changes of the database happen under one lock, so that several `halite` processes of one host may work on it; every change is
/// a transaction that follows the files it speaks of, so that a kill at any instant leaves what the same command completes.
public struct Campaign: Sendable {
  /// Absolute.
  public let root: String
  /// As the user wrote it, for messages.
  public let shown: String
  public let settings: CampaignSettings
  public let ladder: RepairLadder
  public var labeller: any Labeller { settings.labeller }
  let token: String

  /// Opens a campaign.
  /// - Throws: `InputError` where there is none, its files cannot be read, or it is of a newer halite.
  public init(_ folder: String) throws {
    shown = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    guard let resolved = realpath(folder, nil) else {
      throw InputError("no campaign is here", file: folder, remedy: "halite campaign init makes one")
    }
    root = String(cString: resolved)
    free(resolved)
    let database = try CampaignDatabase(shown + "/campaign.db")
    token = try database.fact("token") ?? ""
    settings = try CampaignSettings(root: shown)
    let ladderFile = shown + "/repair.yaml"
    let others = (settings.labeller as? VASPLabeller)?.settings.other_tags ?? []
    ladder = try RepairLadder(readYAML(ladderFile), file: ladderFile, tags: INCARTags(others: others))
    let name = try database.fact("name") ?? ""
    guard name == settings.name else {
      throw InputError(
        "names the campaign `\(settings.name)`, campaign.db `\(name)`", file: shown + "/campaign.yaml",
        remedy: "two campaigns in one folder? put the name back")
    }
  }

  /// Makes a campaign in a folder, which is made where it is missing.
  /// - Parameters:
  ///   - preset: the text of a preset.
  ///   - command: shell command of one calculation.
  /// - Throws: `InputError` where there is a campaign already, or a setting is wrong; nothing is left behind then but the folder.
  public static func create(_ folder: String, name: String, preset: [UInt8], command: String) throws {
    try CampaignSettings.require(name: name, file: nil)
    var status = stat()
    if stat(folder, &status) != 0, mkdir(folder, 0o777) != 0 {
      throw InputError("cannot make the folder: \(String(cString: strerror(errno)))", file: folder)
    }
    let path = folder + "/campaign.db"
    guard access(path, F_OK) != 0 else {
      let name = (try? CampaignDatabase(path).fact("name")) ?? nil
      throw InputError(
        "holds \(name.map { "the campaign `\($0)`" } ?? "a campaign") already", file: folder,
        remedy: "choose another folder")
    }
    let settings = folder + "/campaign.yaml"
    if access(settings, F_OK) != 0 {
      let text = CampaignSettings.text(
        name: name, command: command, preset: String(decoding: preset, as: UTF8.self))
      try AtomicFile.write(Array(text.utf8), to: settings)
      do { _ = try CampaignSettings(root: folder) } catch {
        unlink(settings)
        throw error
      }
    }
    let known = try CampaignSettings(root: folder)
    guard known.name == name else {
      throw InputError(
        "names the campaign `\(known.name)`, not `\(name)`", file: settings, remedy: "remove it or use its name")
    }
    let ladder = folder + "/repair.yaml"
    if access(ladder, F_OK) != 0 { try AtomicFile.write(CampaignFiles.bytes("repair.yaml") ?? [], to: ladder) }
    var source = SystemRandomNumberGenerator()
    let token = String(source.next() as UInt64, radix: 16)
    try CampaignDatabase.create(path, facts: ["name": name, "token": token, "paused": "no"])
  }

  /// The absolute path of a path inside of the campaign.
  func path(_ inside: String) -> String { root + "/" + inside }

  func open() throws -> CampaignDatabase { try CampaignDatabase(shown + "/campaign.db") }

  /// Runs what changes the campaign while no other process does.
  func locked<T>(_ body: (CampaignDatabase) throws -> T) throws -> T {
    let lock = try FileLock(path("campaign.lock"), waiting: true)
    return try withExtendedLifetime(lock) { try body(open()) }
  }

  /// True where nothing new is to be submitted.
  public func isPaused() throws -> Bool { try open().fact("paused") == "yes" }

  public func pause(_ paused: Bool) throws {
    try locked { database in try database.transaction { try database.set("paused", paused ? "yes" : "no") } }
  }

  /// Entries in their order; of words, those that they name.
  public func entries(named words: [String] = []) throws -> [CampaignEntry] {
    let database = try open()
    return words.isEmpty ? try database.entries() : try database.entries(named: words)
  }

  public func attempts(of entry: Int) throws -> [CampaignAttempt] { try open().attempts(of: entry) }
}
