import Structures

/// ∂E/∂r_p of every pair of a neighbour list, eV/Å.
public struct PairGradient: Sendable {
  public var vectors: [SIMD3<Double>]

  public init(pairs: Int) { vectors = [SIMD3<Double>](repeating: .zero, count: pairs) }
}

/// An interatomic potential: site energies and their gradient with respect to each pair vector.
///
/// A model never sees forces or virials: `Prediction` assembles them once, for every model.
public protocol Potential: Sendable {
  /// The elements it knows; `NeighborList.types` are indices into this array.
  var elements: [ChemicalElement] { get }
  /// Å, of one message.
  var cutoff: Double { get }
  /// Å: how far one atom's energy reaches; the cutoff unless messages are passed on.
  var influenceDistance: Double { get }
  /// Prepares the neighbours of frames; a model with virtual atoms adds them here.
  /// - Throws: `InputError` where a frame holds an element that the potential does not know.
  func neighborSearch(of frames: [Structure]) throws -> NeighborSearch
  /// Energies of the centres of the list, eV, in their order.
  /// - Parameter gradient: nil for energies only; else ∂(Σ E_i)/∂r_p is added, r_p being the pair's vector.
  func siteEnergies(_ neighbors: NeighborList, gradient: inout PairGradient?) -> [Double]
}

extension Potential {
  public var influenceDistance: Double { cutoff }

  public func neighborSearch(of frames: [Structure]) throws -> NeighborSearch {
    try NeighborSearch(frames: frames, elements: elements, cutoff: cutoff)
  }

  /// The whole neighbour list of frames at once: for small systems and tests; large ones go block by block.
  public func neighborList(of frames: [Structure]) throws -> NeighborList {
    let search = try neighborSearch(of: frames)
    return try search.list(of: search.sites)
  }
}
