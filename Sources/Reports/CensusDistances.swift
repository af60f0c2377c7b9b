import Structures

/// Two elements, the lighter one first.
struct ElementPair: Hashable, Comparable, Sendable, CustomStringConvertible {
  let first: ChemicalElement
  let second: ChemicalElement

  init(_ a: ChemicalElement, _ b: ChemicalElement) {
    first = min(a, b)
    second = max(a, b)
  }

  var description: String { "\(first)-\(second)" }

  static func < (a: Self, b: Self) -> Bool { (a.first, a.second) < (b.first, b.second) }
}

/// The smallest distance of each pair of elements in a frame, Å, as far as it is below the cutoff.
/// - Throws: `InputError` for a cell without volume or a position that is no number.
func shortestPairs(_ frame: LabeledStructure, cutoff: Double) throws -> [ElementPair: Double] {
  let structure = frame.structure
  let elements = Set(structure.elements).sorted()
  let search: NeighborSearch
  do {
    search = try NeighborSearch(frames: [structure], elements: elements, cutoff: cutoff, floor: 0)
  } catch let error as InputError {
    throw error.located(in: frame.name)
  }
  var squares = [Double](repeating: .infinity, count: elements.count * elements.count)
  for start in stride(from: 0, to: structure.count, by: 4096) {
    let list = try search.list(of: start..<min(start + 4096, structure.count))
    for site in list.centers {
      let row = list.types[site] * elements.count
      for pair in list.pairs(of: site) {
        let slot = row + list.types[list.indices[pair]]
        let square = dot(list.vectors[pair], list.vectors[pair])
        if square < squares[slot] { squares[slot] = square }
      }
    }
  }
  var shortest: [ElementPair: Double] = [:]
  for (slot, square) in squares.enumerated() where square.isFinite {
    let pair = ElementPair(elements[slot / elements.count], elements[slot % elements.count])
    shortest[pair] = min(shortest[pair] ?? .infinity, square.squareRoot())
  }
  return shortest
}
