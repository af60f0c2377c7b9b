import Structures
import Synchronization

/// A user's own folder of POTCARs: NAME/POTCAR for each.
public final class POTCARLibrary: Sendable {
  private let folder: String
  private let known = Mutex<[String: [UInt8]]>([:])

  /// - Parameter folder: holds Li_sv/POTCAR and so on.
  public init(folder: String) { self.folder = folder }

  /// The POTCARs of a structure one behind the other.
  /// - Parameter names: "Mn_pv", or a whole title "PAW_PBE Mn_pv 02Aug2007", which is compared with the file's.
  /// - Throws: `InputError` where a file is missing, of another element, or of another title.
  public func potcar(_ names: [String], for species: [ChemicalElement]) throws(InputError) -> [UInt8] {
    var all: [UInt8] = []
    for (name, element) in zip(names, species) { all += try part(name, element) }
    return all
  }

  private func part(_ name: String, _ element: ChemicalElement) throws(InputError) -> [UInt8] {
    let key = element.symbol + " " + name
    if let bytes = known.withLock({ $0[key] }) { return bytes }
    let words = name.split(separator: " ").map(String.init)
    let label = words.count > 1 ? words[1] : name
    let path = folder + "/" + label + "/POTCAR"
    var bytes = try AtomicFile.read(path)
    if let last = bytes.last, last != 10 { bytes.append(10) }
    let title = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
    let found = title.split(separator: " ").map(String.init)
    guard found.count >= 2, found[0].hasPrefix("PAW") else {
      throw InputError(
        "the first line is `\(title.prefix(40))`, expected a title as `PAW_PBE \(label) 02Aug2007`", file: path)
    }
    let symbol = found[1].prefix { $0.isLetter }
    guard symbol == element.symbol, found[0] == "PAW_PBE", words.count == 1 ? found[1] == label : found == words
    else {
      throw InputError(
        "holds `\(title.prefix(40))`, expected \(words.count == 1 ? "PAW_PBE \(label)" : name)", file: path,
        remedy: "correct potcar or potcar_library of campaign.yaml")
    }
    let whole = bytes
    known.withLock { $0[key] = whole }
    return whole
  }
}
