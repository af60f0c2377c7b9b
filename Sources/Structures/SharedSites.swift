/// Sites of one cell on which many frames place different atoms. Their ids follow without a structure for each.
public struct SharedSites: Sendable {
  /// Å, periodic in all directions.
  public let lattice: Lattice
  /// Cartesian, Å.
  public let positions: [SIMD3<Double>]
  /// Canonical content of the cell, and of each site in turn.
  private let cell: [UInt8]
  private let places: [UInt8]

  public init(lattice: Lattice, positions: [SIMD3<Double>]) {
    self.lattice = lattice
    self.positions = positions
    var content = CanonicalContent()
    content.append(lattice, .all)
    content.append(integer: 1)
    cell = content.bytes
    content = CanonicalContent()
    content.append(vectors: positions)
    places = content.bytes
  }

  /// What `FrameIdentity.exact` gives for the atoms, without labels.
  /// - Parameter sites: of each atom.
  public func id(_ elements: [ChemicalElement], at sites: [Int]) -> String {
    var content = CanonicalContent(elements: elements)
    content.bytes += cell
    for site in sites { content.bytes += places[24 * site..<24 * site + 24] }
    // Energy, forces, virial and moments are absent.
    for _ in 0..<4 { content.append(integer: 0) }
    return FrameIdentity.sha256(content.bytes)
  }
}
