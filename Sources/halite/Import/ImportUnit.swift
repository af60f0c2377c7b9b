import Formats
import Foundation
import Structures

/// One run, or one file of frames: what an import reads at once.
struct ImportUnit: Sendable {
  var outcar: String?
  var vasprun: String?
  /// The structure before and behind the run, for comparison.
  var poscar: String?
  var contcar: String?
  /// The settings, with digits that an OUTCAR does not print.
  var incar: String?
  /// A file of labelled frames of another format, or a folder of them (DeePMD).
  var frames: String?
  /// The files of that folder.
  var parts: [String] = []

  var files: [String] { [outcar, vasprun, poscar, contcar, incar, frames].compactMap { $0 } + parts }
  /// The file that gives the unit its name and its place in the order.
  var name: String { outcar ?? vasprun ?? frames ?? poscar ?? contcar ?? "" }
  var hasOutput: Bool { outcar != nil || vasprun != nil || frames != nil }

  /// Bytes on the disk.
  var size: Int { files.reduce(0) { $0 + (FileStamp($1)?.size ?? 0) } }
}

/// What tells whether a file is still the one that was read.
struct FileStamp: Codable, Equatable, Sendable {
  var size: Int
  /// Nanoseconds since 1970.
  var modified: Int

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    size = Int(status.st_size)
    modified = Int(status.st_mtim.tv_sec) * 1_000_000_000 + Int(status.st_mtim.tv_nsec)
  }
}

/// All runs and files of frames below some paths.
struct ImportTree {
  private(set) var units: [ImportUnit] = []
  /// Folders with a POSCAR and no output.
  private(set) var withoutOutput: [String] = []
  /// Files of no format that is read, or of one that holds neither energies nor forces.
  private(set) var otherFiles: [String] = []
  private var visited: Set<FileIdentity> = []

  /// - Throws: `InputError` where a path cannot be read.
  init(_ paths: [String], leavingOut outputs: [String]) throws {
    let left = Set(outputs.compactMap { FileIdentity($0) })
    for path in paths {
      let whole = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
      if InputFile.isFolder(whole) {
        try walk(whole, left)
      } else {
        guard FileManager.default.fileExists(atPath: whole) else {
          throw InputError("cannot open: No such file or directory", file: path)
        }
        try addNamed(whole)
      }
    }
  }

  /// A file that was named by itself, with the POSCAR and CONTCAR that belong to it.
  private mutating func addNamed(_ path: String) throws {
    let name = lastComponent(path)
    let folder = folder(of: path)
    var names = [name]
    if let (role, tag) = role(of: name), role == (\.outcar as Role) || role == (\.vasprun as Role) {
      names += try InputFile.names(inFolder: folder ?? ".").filter { other in
        guard let (role, otherTag) = self.role(of: other), otherTag == tag else { return false }
        return ([\.poscar, \.contcar, \.incar] as [Role]).contains(role)
      }
    }
    try add(names, in: folder, isNamed: true)
  }

  private func folder(of path: String) -> String? {
    path.contains("/") ? String(path.dropLast(lastComponent(path).count + 1)) : nil
  }

  private mutating func walk(_ folder: String, _ left: Set<FileIdentity>) throws {
    guard let identity = FileIdentity(folder), visited.insert(identity).inserted else { return }
    var files: [String] = []
    var folders: [String] = []
    let system = try Formats.system(at: folder)
    if let system {
      var unit = ImportUnit()
      unit.frames = folder
      unit.parts = system.parts.map { folder + "/" + $0 }
      units.append(unit)
    }
    for name in try InputFile.names(inFolder: folder) {
      let path = folder + "/" + name
      if InputFile.isFolder(path) {
        // The sets of a system are read with it.
        if system == nil || !name.hasPrefix("set.") { folders.append(path) }
      } else if let system, !system.others.contains(name) {
        continue
      } else if FileIdentity(path).map({ !left.contains($0) }) ?? false {
        files.append(name)
      }
    }
    try add(files, in: folder, isNamed: false)
    for folder in folders { try walk(folder, left) }
  }

  /// Groups files of one folder by what stands behind OUTCAR, POSCAR and so on: OUTCAR.relax1 belongs to POSCAR.relax1.gz.
  private mutating func add(_ names: [String], in folder: String?, isNamed: Bool) throws {
    var runs: [String: ImportUnit] = [:]
    var singles: [ImportUnit] = []
    for name in names {
      let path = folder.map { $0 + "/" + name } ?? name
      guard let (role, tag) = role(of: name) else {
        if isNamed { _ = try Formats.format(for: path) }
        otherFiles.append(path)
        continue
      }
      if role == (\.frames as Role) || runs[tag]?[keyPath: role] != nil {
        var unit = ImportUnit()
        unit[keyPath: role] = path
        singles.append(unit)
      } else {
        runs[tag, default: ImportUnit()][keyPath: role] = path
      }
    }
    // A POSCAR without a tag is that of the folder's only run, whatever its tag.
    let outputs = runs.filter { $0.value.hasOutput }
    if outputs.count == 1, let (tag, _) = outputs.first, tag != "", let plain = runs[""] {
      if runs[tag]?.poscar == nil { runs[tag]?.poscar = plain.poscar }
      if runs[tag]?.contcar == nil { runs[tag]?.contcar = plain.contcar }
      if runs[tag]?.incar == nil { runs[tag]?.incar = plain.incar }
      runs[""] = nil
    }
    // An INCAR alone is of no use.
    for (tag, run) in runs where run.name == "" {
      if let incar = run.incar { otherFiles.append(incar) }
      runs[tag] = nil
    }
    let found = runs.values.sorted { naturallyPrecedes($0.name, $1.name) } + singles
    units += found.filter(\.hasOutput)
    if outputs.isEmpty { withoutOutput += found.filter { !$0.hasOutput }.map(\.name) }
  }

  private typealias Role = WritableKeyPath<ImportUnit, String?>

  /// What a file is to its run, and what tells the run from others in the folder; nil for a file of no format that is read.
  private func role(of name: String) -> (Role, String)? {
    let plain = uncompressed(name)
    let roles: [(String, Role)] = [
      ("OUTCAR", \.outcar), ("vasprun.xml", \.vasprun), ("vasprun", \.vasprun), ("POSCAR", \.poscar),
      ("CONTCAR", \.contcar), ("INCAR", \.incar),
    ]
    for (beginning, role) in roles where plain.hasPrefix(beginning) {
      let rest = plain.dropFirst(beginning.count)
      guard rest.isEmpty || rest.hasPrefix(".") || rest.hasPrefix("_") else { continue }
      return (role, String(rest.hasSuffix(".xml") ? rest.dropLast(4) : rest))
    }
    // A file of a format of folders (coord.npy) is only a part of a data set.
    guard let format = Formats.all.first(where: { $0.metadata.matches(name) }), format.metadata.canRead,
      !(format is any FolderFormat.Type)
    else { return nil }
    let metadata = format.metadata
    let outcar: Role = \.outcar
    let vasprun: Role = \.vasprun
    let frames: Role = \.frames
    switch metadata.name {
    case "outcar": return (outcar, plain)
    case "vasprun": return (vasprun, plain)
    // A LAMMPS dump has forces only: its frames are counted as such.
    default: return metadata.carries.isDisjoint(with: [.energy, .forces]) ? nil : (frames, plain)
    }
  }
}
