import Foundation
import Structures

/// A file that appears whole or not at all.
enum OutputFile {
  /// Writes text beside the file of that name and renames it.
  /// - Throws: `InputError` where the folder cannot be written or the disk is full; the old file is left as it was.
  static func write(_ text: String, to path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    do {
      if !folder.isEmpty { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw InputError(
        "cannot write the file: \(reason(error))", file: path,
        remedy: "name a folder that can be written and has room")
    }
  }

  private static func reason(_ error: any Error) -> String {
    let error = error as NSError
    if let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError, cause.domain == NSPOSIXErrorDomain {
      return String(cString: strerror(Int32(cause.code))).lowercased()
    }
    return error.localizedDescription
  }
}
