import Structures

/// The formats that Halite knows, and how a file's name picks one of them.
public enum Formats {
  /// The register: a new format is a line here.
  public static let all: [any StructureFormat.Type] = [
    ExtendedXYZ.self, XSF.self, POSCAR.self, OUTCAR.self, VasprunXML.self, MLIPConfigurations.self,
    DeePMDMixed.self, DeePMDArrays.self, DeePMDText.self, ASEDatabase.self, LAMMPSData.self, LAMMPSDump.self,
    PymatgenJSON.self, FitSNAPJSON.self, AENETTrainingSet.self, CIF.self,
  ]

  /// The format of a name ("extxyz", also "xyz" or "vasp" by suffix), or, where that is nil, of a file's name.
  ///
  /// - Throws: `InputError` with the nearest right name.
  public static func format(named name: String? = nil, for path: String) throws -> any StructureFormat.Type {
    if let name { return try format(named: name) }
    for format in all where format.metadata.matches(path) { return format }
    let suffix = uncompressed(lastComponent(path)).lowercased().drop { $0 != "." }
    let near = nearestName(to: String(suffix), among: all.flatMap { $0.metadata.suffixes })
    throw InputError(
      suffix.isEmpty ? "a name without suffix does not tell the format" : "unknown suffix \(suffix)", file: path,
      remedy: (near.map { "did you mean \($0)? " } ?? "") + "known formats: \(names)")
  }

  /// The format of a file to read.
  ///
  /// - Throws: `InputError`; for a well-known kind of file that is not read, with the way to one that is.
  static func readable(named name: String?, for path: String) throws -> any StructureFormat.Type {
    if name == nil, !all.contains(where: { $0.metadata.matches(path) }), let error = UnreadFormat.error(for: path) {
      throw error
    }
    return try format(named: name, for: path)
  }

  private static func format(named name: String) throws -> any StructureFormat.Type {
    let wanted = name.lowercased()
    for format in all where format.metadata.name == wanted { return format }
    for format in all where format.metadata.suffixes.contains("." + wanted) { return format }
    let known = all.flatMap { [$0.metadata.name] + $0.metadata.suffixes.map { String($0.dropFirst()) } }
    let near = nearestName(to: name, among: known)
    throw InputError(
      "unknown format \"\(name)\"",
      remedy: (near.map { "did you mean \($0)? " } ?? "") + "known formats: \(names)", isUsage: true)
  }

  private static var names: String { all.map { $0.metadata.name }.joined(separator: ", ") }
}
