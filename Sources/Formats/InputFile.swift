import Glibc
import Structures

/// Files and folders as bytes and names.
package enum InputFile {
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// - Throws: `InputError` where there is nothing of that name: worth saying before a word on its format.
  static func requireThere(_ path: String) throws(InputError) {
    var status = stat()
    guard stat(path, &status) != 0 else { return }
    throw InputError("cannot open: \(String(cString: strerror(errno)))", file: path)
  }

  /// Names in a folder, without hidden ones, in natural order: structure2 before structure10.
  package static func names(inFolder path: String) throws(InputError) -> [String] {
    guard let folder = opendir(path) else {
      throw InputError("cannot open the folder: \(String(cString: strerror(errno)))", file: path)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted(by: naturallyPrecedes)
  }
}

/// Order of names in which runs of digits count as numbers; equal numbers go by their leading zeros.
package func naturallyPrecedes(_ a: String, _ b: String) -> Bool {
  var x = Array(a.utf8)[...]
  var y = Array(b.utf8)[...]
  while let p = x.first, let q = y.first {
    if isDigit(p), isDigit(q) {
      let m = digits(&x)
      let n = digits(&y)
      if m.count != n.count { return m.count < n.count }
      if m != n { return m.lexicographicallyPrecedes(n) }
    } else {
      if p != q { return p < q }
      x.removeFirst()
      y.removeFirst()
    }
  }
  if x.isEmpty != y.isEmpty { return x.isEmpty }
  return a < b
}

private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") <= 9 }

/// Takes the digits at the front; leading zeros left out.
private func digits(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  let run = bytes.prefix(while: isDigit)
  bytes = bytes.dropFirst(run.count)
  return run.drop { $0 == UInt8(ascii: "0") }
}
