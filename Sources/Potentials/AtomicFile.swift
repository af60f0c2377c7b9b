import Foundation
import Structures

/// Files that are there whole or not at all: written beside the place they belong to, then renamed.
package enum AtomicFile {
  /// - Throws: `InputError` where the folder cannot be written or the disk is full; nothing is left behind then.
  package static func write(_ data: Data, to path: String) throws {
    let url = URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent()
    let temporary = folder.appendingPathComponent(".\(url.lastPathComponent).\(getpid()).part")
    do {
      try data.write(to: temporary)
    } catch {
      unlink(temporary.path)
      throw InputError(
        "cannot write the file: \(reason(error))", file: path, remedy: "free space or choose another folder")
    }
    guard rename(temporary.path, path) == 0 else {
      let text = String(cString: strerror(errno))
      unlink(temporary.path)
      throw InputError("cannot write the file: \(text)", file: path, remedy: "choose another folder")
    }
  }

  /// The bytes of a file.
  package static func read(_ path: String) throws -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw InputError("cannot read the file: \(reason(error))", file: path)
    }
  }

  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    if let underlying, underlying.domain == NSPOSIXErrorDomain {
      return String(cString: strerror(Int32(underlying.code)))
    }
    return (error as NSError).localizedDescription
  }
}
