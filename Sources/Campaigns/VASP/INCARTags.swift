import Settings
import Structures

/// The tags that VASP knows, so that a mistyped one is found before thousands of runs have been made with it.
public struct INCARTags: Sendable {
  /// Names of the tags in VASP's manual, and those of widespread additions (VTST, VASPsol).
  public static let known = Set(
    CampaignFiles.text("incar-tags.txt").split(whereSeparator: \.isWhitespace).map(String.init))

  private let names: Set<String>
  /// `other_tags` of campaign.yaml.
  let others: [String]

  /// - Parameter others: further tags that are to be taken, `other_tags` of campaign.yaml.
  public init(others: [String] = []) {
    self.others = others
    names = Self.known.union(others.map { $0.uppercased() })
  }

  /// - Throws: `InputError` for a tag that VASP does not know, with the nearest that it does.
  public func require(_ tag: String, file: String?, line: Int?) throws(InputError) {
    guard !names.contains(tag.uppercased()) else { return }
    let near = nearestName(to: tag, among: names).map { "did you mean `\($0)`? " } ?? ""
    throw InputError(
      "`\(tag)` is no tag of VASP's INCAR", file: file, line: line,
      remedy: near + "a tag that halite does not know goes into vasp.other_tags of campaign.yaml")
  }

  /// - Parameter tags: a map of tags, or a list of names.
  /// - Throws: `InputError` with the line of a tag that VASP does not know, or that is there twice.
  public func require(_ tags: SettingsValue?, file: String?) throws(InputError) {
    switch tags?.content {
    case .map(let entries):
      var seen: Set<String> = []
      for entry in entries {
        try require(entry.key, file: file, line: entry.line)
        guard seen.insert(entry.key.uppercased()).inserted else {
          throw InputError("the tag `\(entry.key)` is there twice", file: file, line: entry.line)
        }
      }
    case .list(let items):
      for case .text(let tag) in items.map(\.content) { try require(tag, file: file, line: tags?.line) }
    default: break
    }
  }
}
