public struct NeighborSearch: Sendable {
  public let sites: Range<Int>
  public init(frames: [Structure], elements: [ChemicalElement], cutoff: Double, floor: Double = 0.5) throws {
    sites = 0..<frames.reduce(0) { $0 + $1.count }
  }
  public func list(of centers: Range<Int>) throws -> NeighborList {
    NeighborList(types: [], centers: centers, frames: [], indices: [], vectors: [], offsets: [])
  }
}
