import Formats
import Foundation
import Structures

/// `halite data diff A B`: which frames only one of two data sets has, and which differ in their labels.
enum DataDiffCommand: Command {
  static let name = "data diff"
  static let summary = "what two data sets do not have in common; exit status 0 whether or not they differ"
  static let discussion = """
    Frames are the same where their ids are, or where formula, volume, nearest distances and energy agree within tolerance (a file that
    lost the ids). A frame whose geometry is in both and whose energy is not is relabelled.
    """
  private static let first = Positional("FIRST", help: "labelled structures")
  private static let second = Positional("SECOND", help: "labelled structures")
  private static let onlyFirst = Option<String?>(
    "only-first", placeholder: "FILE", help: "write what only FIRST has (extxyz)")
  private static let onlySecond = Option<String?>(
    "only-second", placeholder: "FILE", help: "write what only SECOND has (extxyz)")
  static let positionals = [first, second]
  static let options: [any OptionDeclaration] = [onlyFirst, onlySecond] + ReadingOptions.all

  private struct Result: Encodable {
    var same: Int
    var relabelled: Int
    var only_first: Int
    var only_second: Int
    /// "ID: −1.5 and −1.4 eV" of the first few.
    var examples: [String]
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    let paths = [arguments[first], arguments[second]].compactMap { $0.first }
    let outputs = [arguments[onlyFirst], arguments[onlySecond]].compactMap { $0 }
    try requireDifferent(paths)
    try requireExtendedXYZ(outputs)
    try DataFiles.requireWritable(outputs, inputs: paths)
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("halite-diff").path
    let spools = try paths.map {
      try spooled([$0], arguments.readOptions, beside: outputs.first ?? place, console).0
    }
    let pairs = Pairing(spools[0].records, spools[1].records)
    for (path, spool, kinds) in [
      (arguments[onlyFirst], spools[0], pairs.first), (arguments[onlySecond], spools[1], pairs.second),
    ] {
      guard let path else { continue }
      if try spool.write(to: path, spool.asTheyWere, where: { kinds[$0] == .alone }) == 0 {
        console.note("\(path): not written, there is nothing for it")
      }
    }
    let result = Result(
      same: pairs.first.count { $0 == .same }, relabelled: pairs.first.count { $0 == .relabelled },
      only_first: pairs.first.count { $0 == .alone }, only_second: pairs.second.count { $0 == .alone },
      examples: pairs.examples)
    let text = """
      same        \(result.same)
      relabelled  \(result.relabelled)
      only in \(paths[0])  \(result.only_first)
      only in \(paths[1])  \(result.only_second)
      """ + result.examples.map { "\n  " + $0 }.joined()
    try console.result(result, text: text, json: arguments.json)
  }
}

/// Which frames of two data sets are the same.
private struct Pairing {
  enum Kind { case same, relabelled, alone }

  private(set) var first: [Kind]
  private(set) var second: [Kind]
  private(set) var examples: [String] = []

  init(_ a: [FrameRecord], _ b: [FrameRecord]) {
    first = a.map { _ in .alone }
    second = b.map { _ in .alone }
    let ids = Dictionary(b.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { earlier, _ in earlier })
    let idsOfFirst = Set(a.map(\.id))
    for (place, record) in a.enumerated() where ids[record.id] != nil { first[place] = .same }
    for (place, record) in b.enumerated() where idsOfFirst.contains(record.id) { second[place] = .same }
    let full = SignatureIndex(b.map { $0.signature ?? .none })
    var bare = b.map { $0.signature ?? .none }
    for place in bare.indices { bare[place].energy = nil }
    let geometry = SignatureIndex(bare)
    for (place, record) in a.enumerated() where first[place] == .alone {
      guard let signature = record.signature else { continue }
      if let twin = full.matches(of: signature, atoms: record.atoms).first(where: { second[$0] == .alone }) {
        first[place] = .same
        second[twin] = .same
        continue
      }
      var shape = signature
      shape.energy = nil
      guard let twin = geometry.matches(of: shape, atoms: record.atoms).first(where: { second[$0] == .alone })
      else { continue }
      first[place] = .relabelled
      second[twin] = .relabelled
      if examples.count < 5 {
        examples.append(
          "\(record.id.text.prefix(12)): \(energy(signature)) and \(energy(b[twin].signature ?? .none))")
      }
    }
  }

  private func energy(_ signature: FrameSignature) -> String { signature.energy.map { "\($0) eV" } ?? "no energy" }
}

extension FrameSignature {
  /// Of a frame whose geometry cannot be compared: it matches nothing.
  fileprivate static let none = FrameSignature(formula: "", volume: nil, energy: nil, distances: [])
}
