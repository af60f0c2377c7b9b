import Glibc
import Structures

/// Which version of a potential a calculation takes: another one has other energies.
public struct PotentialVersion: Hashable, Sendable {
  /// "PAW_PBE Mn_pv 02Aug2007".
  public var title: String
  /// SHA-256 of its bytes, blanks at both ends apart.
  public var hash: String
  /// Where it was found.
  public var file: String?

  init(title: String, file: String?, bytes: ArraySlice<UInt8>) {
    self.title = title
    self.file = file
    let isBlank = { (byte: UInt8) in byte == 32 || byte &- 9 < 5 }
    let first = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
    let last = bytes.lastIndex { !isBlank($0) } ?? first
    hash = FrameIdentity.sha256(first < bytes.endIndex ? Array(bytes[first...last]) : [])
  }

  /// As the campaign keeps it: the hash and the title.
  init?(record: String) {
    let sides = record.split(separator: " ", maxSplits: 1).map(String.init)
    guard sides.count == 2 else { return nil }
    (hash, title) = (sides[0], sides[1])
  }

  var record: String { hash + " " + title }

  /// "PAW_PBE Mn_pv 02Aug2007 (SHA-256 0123456789ab…)".
  var text: String { "\(title) (SHA-256 \(hash.prefix(12))…)" }

  /// The versions in a POTCAR of several parts, one behind the other.
  static func all(in bytes: [UInt8], file: String) -> [PotentialVersion] {
    var versions: [PotentialVersion] = []
    var (begin, cursor) = (0, 0)
    let end = Array("End of Dataset".utf8)
    while cursor < bytes.count {
      let line = bytes[cursor...].prefix { $0 != 10 }
      cursor = line.endIndex + 1
      guard line.drop(while: { $0 == 32 }).starts(with: end) || cursor >= bytes.count else { continue }
      let part = bytes[begin..<min(cursor, bytes.count)]
      begin = cursor
      guard let head = POTCARHead.all(in: Array(part)).first else { continue }
      versions.append(PotentialVersion(title: head.title, file: file, bytes: part))
    }
    return versions
  }
}

extension Campaign {
  /// The versions that the campaign has met, by symbol.
  func fixedPotentials(_ database: CampaignDatabase) throws -> [String: PotentialVersion] {
    let rows = try database.database.prepare("SELECT key, value FROM halite_campaign WHERE key LIKE 'potential %'")
      .rows { ($0.text(0) ?? "", $0.text(1) ?? "") }
    return rows.reduce(into: [:]) {
      $0[String($1.0.dropFirst("potential ".count))] = PotentialVersion(record: $1.1)
    }
  }

  /// Fixes the versions of potentials that the campaign meets for the first time.
  /// - Parameter versions: by symbol.
  /// - Throws: `InputError` where one is not the one that the campaign began with.
  func fixPotentials(_ versions: [String: PotentialVersion], _ database: CampaignDatabase) throws {
    var new: [(fact: String, version: PotentialVersion)] = []
    for (symbol, version) in versions.sorted(by: { $0.key < $1.key }) {
      let fact = "potential \(symbol)"
      guard let fixed = try database.fact(fact).flatMap(PotentialVersion.init(record:)) else {
        new.append((fact, version))
        continue
      }
      guard fixed.hash == version.hash else {
        throw InputError(
          "the POTCAR of \(symbol) is \(version.text), the campaign began with \(fixed.text)", file: version.file,
          remedy: "put that one back, or make another campaign: labels of two versions must not be mixed")
      }
    }
    guard !new.isEmpty else { return }
    try database.transaction { for (fact, version) in new { try database.set(fact, version.record) } }
  }
}

extension LabeledStructure {
  /// The key `potcar_sha256`: "Li=0123456789abcdef; O=…", which tells two POTCARs of one title apart.
  mutating func setPotentials(_ versions: [String: PotentialVersion]) {
    let own = Set(structure.elements.map(\.symbol)).sorted().compactMap { symbol in
      versions[symbol].map { "\(symbol)=\($0.hash.prefix(16))" }
    }
    if !own.isEmpty { set("potcar_sha256", own.joined(separator: "; ")) }
  }
}
