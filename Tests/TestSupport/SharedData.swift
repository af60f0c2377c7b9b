import Foundation
import Structures

/// Real data and reference numbers that live beside the project, where they are there.
public enum SharedData {
  /// The folder `shared` beside the package.
  public static let folder: URL = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("shared")

  public static func path(_ relative: String) -> String { folder.appendingPathComponent(relative).path }

  /// For `.enabled(if:)`: tests that read real data are skipped where it is absent, and the runner says so.
  public static func holds(_ relative: String) -> Bool { FileManager.default.fileExists(atPath: path(relative)) }

  /// A JSON file of reference numbers.
  public static func json(_ relative: String) throws -> [String: Any] {
    let data = try Data(contentsOf: folder.appendingPathComponent(relative))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }
}

/// `[[Double]]` of a JSON array of arrays.
public func doubleRows(_ value: Any?) -> [[Double]] { (value as? [[Any]] ?? []).map(doubles) }

/// `[Double]` of a JSON array.
public func doubles(_ value: Any?) -> [Double] {
  (value as? [Any] ?? []).compactMap { ($0 as? NSNumber)?.doubleValue }
}

/// Positions of a JSON array of arrays, Å.
public func vectors(_ value: Any?) -> [SIMD3<Double>] { doubleRows(value).map { [$0[0], $0[1], $0[2]] } }
