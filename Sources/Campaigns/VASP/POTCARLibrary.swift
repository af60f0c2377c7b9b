import Structures
import Synchronization

/// A user's own folder of POTCARs: NAME/POTCAR for each.
public final class POTCARLibrary: Sendable {
  private let folder: String
  private let known = Mutex<[String: Part]>([:])

  private struct Part {
    var bytes: [UInt8]
    var version: PotentialVersion
  }

  /// - Parameter folder: holds Li_sv/POTCAR and so on.
  public init(folder: String) { self.folder = folder }

  /// The POTCARs of a structure one behind the other.
  /// - Parameter names: "Mn_pv", or a whole title "PAW_PBE Mn_pv 02Aug2007", which is compared with the file's.
  /// - Throws: `InputError` where a file is missing, of another element (title or VRHFIN), another functional (LEXCH) or another title
  ///   (first line or TITEL), or holds several.
  public func potcar(_ names: [String], for species: [ChemicalElement]) throws(InputError) -> [UInt8] {
    var all: [UInt8] = []
    for (name, element) in zip(names, species) { all += try part(name, element).bytes }
    return all
  }

  /// Which version of a POTCAR lies here.
  /// - Throws: `InputError` as `potcar`.
  func version(_ name: String, of element: ChemicalElement) throws(InputError) -> PotentialVersion {
    try part(name, element).version
  }

  /// The file of "Mn_pv" or "PAW_PBE Mn_pv 02Aug2007".
  private func path(_ name: String) -> String {
    let words = name.split(separator: " ")
    return folder + "/" + (words.count > 1 ? String(words[1]) : name) + "/POTCAR"
  }

  private func part(_ name: String, _ element: ChemicalElement) throws(InputError) -> Part {
    let key = element.symbol + " " + name
    if let part = known.withLock({ $0[key] }) { return part }
    let words = name.split(separator: " ").map(String.init)
    let label = words.count > 1 ? words[1] : name
    let path = path(name)
    var bytes = try AtomicFile.read(path)
    if let last = bytes.last, last != 10 { bytes.append(10) }
    let heads = POTCARHead.all(in: bytes)
    let kind = heads.first?.title.split(separator: " ").first ?? ""
    guard let head = heads.first, kind.hasPrefix("PAW"), head.title.contains(" ") else {
      let title = heads.first?.title ?? ""
      throw InputError(
        "the first line is `\(title.prefix(40))`, expected a title as `PAW_PBE \(label) 02Aug2007`", file: path)
    }
    let remedy = "correct potcar or potcar_library of campaign.yaml"
    guard heads.count == 1 else {
      throw InputError(
        "holds \(heads.count) POTCARs (\(heads.map(\.symbol).joined(separator: " "))), expected that of \(label) alone",
        file: path, remedy: remedy)
    }
    if let contradiction = head.contradiction { throw InputError(contradiction, file: path, remedy: remedy) }
    guard head.symbol == element.symbol, kind == "PAW_PBE", head.exchange ?? "PE" == "PE", head.isNamed(name) else {
      let exchange = head.exchange.map { $0 == "PE" ? "" : " with LEXCH \($0)" } ?? ""
      throw InputError(
        "holds `\(head.title.prefix(40))`\(exchange), expected \(words.count == 1 ? "PAW_PBE \(label)" : name)",
        file: path, remedy: remedy)
    }
    let part = Part(bytes: bytes, version: PotentialVersion(title: head.title, file: path, bytes: bytes[...]))
    known.withLock { $0[key] = part }
    return part
  }
}
