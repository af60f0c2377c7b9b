import Glibc
import Structures

/// What the head of one POTCAR says of it.
struct POTCARHead: Hashable, Sendable {
  /// "PAW_PBE Li_sv 10Sep2004".
  var title: String
  /// Of VRHFIN; nil where there is no such line.
  var element: String?
  /// TITEL, which repeats the title; nil where there is no such line.
  var repeated: String?
  /// LEXCH: "PE"; nil where there is no such line.
  var exchange: String?
  /// True where `End of Dataset` was reached.
  var isWhole = false

  /// The symbol of VRHFIN, else that of the title: "Li".
  var symbol: String {
    let words = title.split(separator: " ")
    return element ?? String((words.count > 1 ? words[1] : words.first ?? "").prefix { $0.isLetter })
  }

  /// "Li_sv", "PAW_PBE Li_sv 10Sep2004": true where it names this POTCAR.
  func isNamed(_ name: String) -> Bool {
    let words = title.split(separator: " ")
    return name.contains(" ") ? words == name.split(separator: " ") : words.count > 1 && words[1] == name
  }

  /// Why the parts of one head do not fit each other; nil where they do.
  var contradiction: String? {
    let symbol = title.split(separator: " ").dropFirst().first.map { String($0.prefix { $0.isLetter }) }
    if let element, let symbol, element != symbol { return "VRHFIN is of \(element), the title \(title)" }
    if let repeated, repeated.split(separator: " ") != title.split(separator: " ") {
      return "TITEL is \(repeated), the first line \(title)"
    }
    if !isWhole { return "`End of Dataset` is missing behind \(title): the POTCAR is cut off" }
    return nil
  }

  /// The heads of the POTCARs that stand one behind the other in a file.
  static func all(in bytes: [UInt8]) -> [POTCARHead] {
    var heads: [POTCARHead] = []
    var isTitleNext = true
    bytes.withUnsafeBytes { buffer in
      var start = 0
      while start < buffer.count {
        let rest = UnsafeRawBufferPointer(rebasing: buffer[start...])
        let end = memchr(rest.baseAddress!, 10, rest.count).map { UnsafeRawPointer($0) - rest.baseAddress! }
        let line = UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.count)])
        start += line.count + 1
        // Rows of numbers, nearly all of the file, have no letter in front.
        guard let first = line.first(where: { $0 != 32 }), first | 0x20 &- 97 < 26 else { continue }
        read(String(decoding: line, as: UTF8.self), &heads, &isTitleNext)
      }
    }
    return heads
  }

  private static func read(_ line: String, _ heads: inout [POTCARHead], _ isTitleNext: inout Bool) {
    let words = line.split(whereSeparator: \.isWhitespace)
    guard let first = words.first else { return }
    let isTitle = first.hasPrefix("PAW_") || first.hasPrefix("US_")
    if isTitleNext || isTitle {
      isTitleNext = false
      return heads.append(POTCARHead(title: words.joined(separator: " ")))
    }
    if words.starts(with: ["End", "of", "Dataset"]) {
      isTitleNext = true
      if let last = heads.indices.last { heads[last].isWhole = true }
    }
    let sides = line.split(separator: "=", maxSplits: 1)
    guard sides.count == 2, let last = heads.indices.last else { return }
    let value = sides[1].split(whereSeparator: \.isWhitespace).joined(separator: " ")
    switch first.prefix(while: { $0 != "=" }) {
    case "VRHFIN": heads[last].element = String(value.prefix { $0.isLetter })
    case "TITEL": heads[last].repeated = value
    case "LEXCH": heads[last].exchange = value
    default: break
    }
  }
}

/// The POTCAR of a run folder against what was prepared for it.
struct RunPotentials {
  /// As campaign.yaml names them, in the order of POSCAR.
  var names: [String]
  var species: [ChemicalElement]

  /// Where the heads are not those that are wanted; nil where they are.
  func difference(_ heads: [POTCARHead]) -> String? {
    let symbols = species.map(\.symbol)
    guard heads.map(\.symbol) == symbols else {
      return
        "POTCAR is of \(heads.map(\.symbol).joined(separator: " ")), POSCAR of \(symbols.joined(separator: " "))"
    }
    for (head, name) in zip(heads, names) {
      if let contradiction = head.contradiction { return "POTCAR: " + contradiction }
      let isPBE = head.title.hasPrefix("PAW_PBE ") && head.exchange ?? "PE" == "PE"
      guard isPBE, head.isNamed(name) else {
        return
          "POTCAR of \(head.symbol) is \(head.title), \(name.contains(" ") ? name : "PAW_PBE " + name) in the campaign"
      }
    }
    return nil
  }
}
