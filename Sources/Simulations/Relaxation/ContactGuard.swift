import Structures

/// Finds atoms that no sensible potential brings so close: a model outside of what it learned may hold them together.
struct ContactGuard {
  /// Of the sum of the covalent radii; 0 leaves the distance below which no potential is asked (`NeighborSearch`).
  let fraction: Double

  /// Å: anions of an oxide or fluoride are large whatever their covalent radius says.
  private static let anions = 1.1

  /// "Mn 3 and O 17 are 0.9 Å apart, closer than 1.2 Å", of the first such pair; nil where there is none.
  /// - Throws: `InputError` for a cell without volume or a position that is no number.
  func contact(in structure: Structure) throws -> String? {
    let elements = Set(structure.elements).sorted()
    let limits = elements.map { a in elements.map { limit(a, $0) } }
    guard let longest = limits.flatMap({ $0 }).max() else { return nil }
    let search = try NeighborSearch(frames: [structure], elements: elements, cutoff: longest, floor: 0)
    let list = try search.list(of: search.sites)
    for site in list.centers {
      let row = limits[list.types[site]]
      for pair in list.pairs(of: site) {
        let other = list.indices[pair]
        let distance = length(list.vectors[pair])
        let limit = row[list.types[other]]
        guard distance < limit else { continue }
        return "\(structure.elements[site]) \(site + 1) and \(structure.elements[other]) \(other + 1) are "
          + "\(rounded(distance)) Å apart, closer than \(rounded(limit)) Å"
      }
    }
    return nil
  }

  private func limit(_ a: ChemicalElement, _ b: ChemicalElement) -> Double {
    guard fraction > 0 else { return NeighborSearch.closestPair }
    if [8, 9].contains(a.atomicNumber), [8, 9].contains(b.atomicNumber) { return Self.anions }
    return max(NeighborSearch.closestPair, fraction * ((a.covalentRadius ?? 1.5) + (b.covalentRadius ?? 1.5)))
  }

  private func rounded(_ value: Double) -> Double { (1000 * value).rounded() / 1000 }
}
