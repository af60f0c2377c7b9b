import Foundation
import Structures

/// What a path leads to, whatever way it is written; nil where there is nothing, or a device or pipe.
struct FileIdentity: Hashable {
  private let device: UInt64
  private let number: UInt64

  init?(_ path: String) {
    var status = stat()
    let kinds = [S_IFREG, S_IFDIR]
    guard stat(path, &status) == 0, kinds.contains(status.st_mode & S_IFMT) else { return nil }
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
  }
}

/// - Throws: `InputError` (usage) where two of the paths lead to the same file.
func requireDifferent(_ paths: [String]) throws {
  var first: [FileIdentity: String] = [:]
  for path in paths {
    guard let identity = FileIdentity(path) else { continue }
    if let earlier = first.updateValue(path, forKey: identity) {
      throw usageError(
        earlier == path ? "\(path) is given twice" : "\(path) and \(earlier) are the same file",
        remedy: "name each file once")
    }
  }
}

/// Refuses, before any work, a file to write that would destroy an input or cannot be written.
/// - Throws: `InputError`; a usage error where an input would be written over or two outputs are one.
func requireWritable(_ outputs: [String], inputs: [String]) throws {
  for output in outputs {
    if let identity = FileIdentity(output), let input = inputs.first(where: { FileIdentity($0) == identity }) {
      throw usageError(
        "\(output) is an input\(input == output ? "" : " (\(input))") and would be written over",
        remedy: "choose another name to write to")
    }
    let folder = parentFolder(of: output)
    if let identity = FileIdentity(folder), let input = inputs.first(where: { FileIdentity($0) == identity }) {
      throw usageError("\(output) lies in the folder \(input), which is read", remedy: "write it elsewhere")
    }
    guard isFolder(folder) else {
      throw InputError(
        "cannot write: there is no folder \(folder)", file: output, remedy: "make it or choose another")
    }
  }
  let places = outputs.map { path in
    realPath(parentFolder(of: path)) + "/" + (path.split(separator: "/").last.map(String.init) ?? path)
  }
  if Set(places).count < places.count { throw usageError("two files to write have the same name: \(outputs[0])") }
}

private func parentFolder(of path: String) -> String {
  let whole = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  guard let slash = whole.lastIndex(of: "/") else { return "." }
  return slash == whole.startIndex ? "/" : String(whole[..<slash])
}

func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

private func realPath(_ path: String) -> String {
  guard let resolved = realpath(path, nil) else { return path }
  defer { free(resolved) }
  return String(cString: resolved)
}
