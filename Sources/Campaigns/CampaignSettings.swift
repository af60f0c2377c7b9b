import Settings
import Structures

/// campaign.yaml: what the user decides of a campaign and may read and change.
public struct CampaignSettings: Sendable {
  public var name: String
  /// Shell command of one calculation, run in its folder.
  public var command: String
  public var slurm: SlurmSettings
  public var labeller: any Labeller

  /// Options of `sbatch` and the size of job arrays.
  public struct SlurmSettings: Decodable, Sendable {
    /// For sbatch: ["--partition=long", "--time=24:00:00"].
    public var options: [String] = []
    /// Tasks of one job array, at most (MaxArraySize of slurm.conf less one).
    public var array_size = 1000
    /// Tasks of one array that run at once; nil: no limit.
    public var at_once: Int?
  }

  private struct Head: Decodable {
    var name: String
    var command: String
    var slurm: SlurmSettings
    var vasp: SettingsValue?
    var gfn1_xtb: SettingsValue?
  }

  /// - Parameter root: the campaign's folder.
  /// - Throws: `InputError` with file and line.
  public init(root: String) throws {
    let file = root + "/campaign.yaml"
    let head = try readYAML(file).decoded(as: Head.self, file: file)
    name = head.name
    command = head.command
    slurm = head.slurm
    try Self.require(name: name, file: file)
    guard slurm.array_size >= 1, slurm.at_once ?? 1 >= 1 else {
      throw InputError("slurm: array_size and at_once must be 1 or more", file: file)
    }
    switch (head.vasp, head.gfn1_xtb) {
    case (let tree?, nil): labeller = try VASPLabeller(tree, root: root, file: file)
    case (nil, let tree?): labeller = try TightBindingLabeller(tree, file: file)
    default: throw InputError("expected either `vasp:` or `gfn1_xtb:`", file: file)
    }
  }

  /// Names of Slurm jobs and folders are made of it.
  /// - Throws: `InputError` for other than letters, digits, `-`, `_` and `.`.
  public static func require(name: String, file: String?) throws(InputError) {
    let isGood = name.utf8.allSatisfy {
      $0 | 0x20 &- 97 < 26 || $0 &- 48 < 10
        || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains($0)
    }
    guard !name.isEmpty, name.count <= 64, isGood, !name.hasPrefix("-"), !name.hasPrefix(".") else {
      throw InputError(
        "the name `\(name)` of a campaign: expected up to 64 letters, digits, `-`, `_` and `.`", file: file)
    }
  }

  /// The text of a new campaign.yaml.
  static func text(name: String, command: String, preset: String) -> String {
    """
    # A campaign of halite. Settings that change labels are fixed by the first `prepare`; the others may be changed at any time.
    name: \(name)
    # Shell command of one calculation, run in its folder; $HALITE_CAMPAIGN is the folder of this file.
    command: \(quoted(command))
    slurm:
      # Options of sbatch: ["--partition=long", "--time=24:00:00", "--ntasks=32"]
      options: []
      # Tasks of one job array, at most, and how many of them run at once (null: no limit).
      array_size: 1000
      at_once: null
    \(preset)
    """
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
  }
}
