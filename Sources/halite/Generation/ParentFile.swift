import Formats
import Foundation
import Rocksalts
import Structures

/// A parent that is a file: one structure, and what shares the sites of some of its elements.
struct ParentFile {
  let path: String
  let structure: Structure
  let mixtures: [ChemicalElement: [SpeciesAmount]]

  /// Takes --parent and --mix.
  /// - Throws: `InputError` for what is neither a named parent nor a file of one structure, or for an element that is
  ///   not in it.
  init(_ arguments: ParsedArguments) throws {
    path = arguments[ParentOptions.parent]
    try Self.requireFile(arguments)
    let frames = try readFrames(path).frames
    guard let frame = frames.first, frames.count == 1 else {
      throw InputError("a parent is one structure, found \(frames.count)", file: path)
    }
    structure = frame.structure
    guard structure.lattice != nil, structure.periodic == .all else {
      throw InputError("the parent must repeat in three directions", file: path)
    }
    guard !arguments[ParentOptions.mix].isEmpty else {
      throw usageError("a parent file needs --mix El=FORMULA", remedy: "as --mix Fe=NiMn")
    }
    var mixtures: [ChemicalElement: [SpeciesAmount]] = [:]
    for text in arguments[ParentOptions.mix] {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let element = ChemicalElement(parts[0]) else {
        throw usageError("option --mix: expected El=FORMULA as Mn=Ni0.5Mn0.5, found `\(text)`")
      }
      guard structure.elements.contains(element) else {
        let elements = Array(Set(structure.elements)).sorted().map(\.symbol).joined(separator: ", ")
        throw InputError("the parent has no \(element) to mix", file: path, remedy: "it has \(elements)")
      }
      guard mixtures[element] == nil else { throw usageError("option --mix names \(element) twice") }
      mixtures[element] = try Species.amounts(formula: parts[1])
    }
    self.mixtures = mixtures
  }

  /// - Throws: `InputError` (usage) where --parent is neither a named parent nor a file.
  static func requireFile(_ arguments: ParsedArguments) throws {
    let path = arguments[ParentOptions.parent]
    guard access(path, F_OK) != 0 else { return }
    let names = StandardParent.allCases.map(\.rawValue)
    throw usageError(
      "option --parent: `\(path)` is neither a parent (\(names.joined(separator: ", "))) nor a file",
      remedy: nearestName(to: path, among: names).map { "did you mean `\($0)`?" })
  }

  /// The sites with all that each may hold; amounts do not matter.
  func orderedLattice() throws -> ParentLattice {
    guard let lattice = structure.lattice else { throw InputError("the parent must repeat", file: path) }
    return try ParentLattice(
      lattice: lattice,
      sites: zip(structure.positions, structure.elements).map { position, element in
        ParentLattice.Site(
          lattice.fractional(position), mixtures[element]?.map(\.species) ?? [.element(element)])
      })
  }

  /// The sites with what is mixed on them.
  func mixedCrystal() throws -> MixedCrystal {
    do {
      return try MixedCrystal(structure, mixtures: mixtures)
    } catch let error as InputError {
      throw error.located(in: path)
    }
  }
}
