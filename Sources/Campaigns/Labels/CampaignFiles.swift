import CCampaigns
import Structures

/// Files that are a part of the program: presets, the repair ladder, scripts.
public enum CampaignFiles {
  /// - Returns: nil where there is no file of that name.
  public static func bytes(_ name: String) -> [UInt8]? {
    var size = 0
    guard let start = halite_campaign_file(name, &size) else { return nil }
    return Array(UnsafeBufferPointer(start: start, count: size))
  }

  static func text(_ name: String) -> String { String(decoding: bytes(name) ?? [], as: UTF8.self) }

  /// Names of the presets: "lithium-drx-2024-relax".
  public static let presets = ["lithium-drx-2024-relax", "lithium-drx-2024-static", "mp-relax", "gfn1-xtb"]
}
