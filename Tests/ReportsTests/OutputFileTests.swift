import Foundation
import Structures
import Testing

@testable import Reports

@Test func filesAppearWholeOrNotAtAll() throws {
  let folder = try Sample.temporaryFolder()
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try OutputFile.write("one", to: folder + "/new/file.txt")
  try OutputFile.write("two", to: folder + "/new/file.txt")
  #expect(try String(contentsOfFile: folder + "/new/file.txt", encoding: .utf8) == "two")
  #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/new") == ["file.txt"])
  let error = #expect(throws: InputError.self) { try OutputFile.write("x", to: folder + "/new/file.txt/y/z.txt") }
  #expect(error?.description.hasPrefix(folder + "/new/file.txt/y/z.txt: cannot write the file: ") == true)
}
