import Foundation
import Formats
import Settings
import Structures
import Testing

@testable import Campaigns

/// What stands in for VASP in the tests of campaigns: Scripts/stand-in-vasp.py.
enum StandIn {
  static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Scripts/stand-in-vasp.py").path

  static var isPossible: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") }

  @discardableResult
  static func run(_ words: [String], in folder: String? = nil) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = [path] + words
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}

/// A campaign in a folder that goes behind the test.
/// - Parameters:
///   - command: what the stand-in is called with.
///   - edit: changes the text of the preset.
///   - frames: what is added; nil: some Li–Mn oxides.
func withCampaign(
  _ count: Int = 4, command: String = "finished", preset: String = "lithium-drx-2024-static",
  edit: (String) -> String = { $0 }, frames: [LabeledStructure]? = nil, nupdown: Double? = nil,
  _ body: (Campaign, String) throws -> Void
) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("campaign-\(UUID())").path
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  #expect(try StandIn.run(["--library", folder + "/potcars"]) == 0)
  let text = try String(decoding: #require(CampaignFiles.bytes(preset + ".yaml")), as: UTF8.self)
    .replacing("potcar_library: null", with: "potcar_library: \(folder)/potcars")
  try Campaign.create(
    folder + "/c", name: "test", preset: Array(edit(text).utf8),
    command: "echo begun >>begun; python3 '\(StandIn.path)' \(command)")
  let campaign = try Campaign(folder + "/c")
  let frames = try frames ?? oxides(count)
  #expect(try campaign.add(frames, nupdown: nupdown).added == frames.count)
  try body(campaign, folder + "/c")
}

/// Li–Mn oxides of one Mn each, in different cells.
func oxides(_ count: Int) throws -> [LabeledStructure] {
  try (0..<count).map { index in
    try frame(["O", "Li", "O", "Mn"], cell: [2.9, 2.9 + 0.01 * Double(index), 9.1])
  }
}

/// Writes the output of a run as the stand-in does.
func output(_ folder: String, _ kind: String) throws { try StandIn.run([kind], in: folder) }

/// Changes the text of a file.
func edit(_ path: String, _ old: String, _ new: String) throws {
  let text = try String(contentsOfFile: path, encoding: .utf8)
  #expect(text.contains(old), "\(path) holds `\(old)`")
  try text.replacing(old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
}

/// What an error says; empty where there is none.
func refusal(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}
