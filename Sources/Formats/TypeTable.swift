import Structures

/// Elements of numbered atom types, as MLIP, DeePMD and LAMMPS files use them.
struct TypeTable {
  /// By type, from 0.
  let elements: [ChemicalElement]
  private let numbers: [ChemicalElement: Int]

  /// The types of a file to write.
  ///
  /// - Parameter species: in the user's order; empty takes the elements that occur, by atomic number.
  /// - Throws: `InputError` where an element is not among those that the user named.
  init(writing frames: [LabeledStructure], species: [ChemicalElement]) throws(InputError) {
    var occurring: Set<ChemicalElement> = []
    for frame in frames { occurring.formUnion(frame.structure.elements) }
    elements = species.isEmpty ? occurring.sorted() : species
    numbers = Dictionary(elements.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    try require(occurring)
  }

  /// - Throws: `InputError` where the frame has an element that is not in the table.
  func requireAll(of frame: LabeledStructure) throws(InputError) { try require(Set(frame.structure.elements)) }

  private func require(_ occurring: Set<ChemicalElement>) throws(InputError) {
    guard let missing = occurring.sorted().first(where: { numbers[$0] == nil }) else { return }
    throw InputError(
      "\(missing) occurs and is not among the species \(elements.symbols)", remedy: "add it to --species")
  }

  func number(of element: ChemicalElement) -> Int { numbers[element] ?? 0 }
}

extension Collection<ChemicalElement> {
  /// "Li,Mn,O".
  var symbols: String { map(\.symbol).joined(separator: ",") }
}

/// Elements of symbols apart by commas or blanks ("Li,Mn,O"), nil where one is unknown or there is none.
package func speciesList(_ text: some StringProtocol) -> [ChemicalElement]? {
  let words = text.split { ", \t".contains($0) }
  let found = words.compactMap { ChemicalElement($0) }
  return found.isEmpty || found.count != words.count ? nil : found
}
