import Foundation
import Structures

/// A committee in one potential file: the tensors of each member under `member-1/`, `member-2/` …, its header as the JSON
/// text of that key, and `kind` = "committee".
enum CommitteeFile {
  static let kind = "committee"
  /// More than this are refused, whatever the file says.
  private static let mostMembers = 1000

  static func key(_ member: Int) -> String { "member-\(member + 1)" }

  static func encode(_ members: [(table: TensorTable, metadata: [String: String])]) throws -> Data {
    var all = TensorTable()
    var metadata = [
      "format": "halite-potential", "format_version": PotentialFile.version, "kind": kind,
      "units": PotentialFile.units, "code_version": HaliteVersion.current, "members": String(members.count),
    ]
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    for (number, member) in members.enumerated() {
      for (name, tensor) in member.table.tensors { all[key(number) + "/" + name] = tensor }
      metadata[key(number)] = String(decoding: try encoder.encode(member.metadata), as: UTF8.self)
    }
    return try SafeTensors.encode(all, metadata: metadata)
  }

  /// - Throws: `InputError` for a member that is missing.
  static func members(
    _ table: TensorTable, _ metadata: [String: String]
  ) throws -> [(table: TensorTable, metadata: [String: String])] {
    guard let count = metadata["members"].flatMap({ Int($0) }), (2...mostMembers).contains(count) else {
      throw InputError("damaged potential file: the committee has \(metadata["members"] ?? "no") members")
    }
    var tables = [TensorTable](repeating: TensorTable(), count: count)
    for (name, tensor) in table.tensors {
      let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
      guard parts.count == 2, let number = Int(parts[0].dropFirst("member-".count)), (1...count).contains(number),
        parts[0] == key(number - 1)
      else { throw InputError("damaged potential file: tensor '\(name)' belongs to no member of the committee") }
      tables[number - 1][parts[1]] = tensor
    }
    return try (0..<count).map { number in
      guard let text = metadata[key(number)],
        let header = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))
      else { throw InputError("damaged potential file: member \(number + 1) of the committee has no header") }
      return (tables[number], header)
    }
  }
}
