/// Along which lattice vectors a structure repeats.
public struct Periodicity: Hashable, Sendable {
  public var a: Bool
  public var b: Bool
  public var c: Bool

  public init(_ a: Bool, _ b: Bool, _ c: Bool) {
    self.a = a
    self.b = b
    self.c = c
  }

  public static let all = Periodicity(true, true, true)
  public static let none = Periodicity(false, false, false)
}

/// Magnetic moments of the atoms, μB.
public enum Moments: Hashable, Sendable {
  case collinear([Double])
  case vectors([SIMD3<Double>])

  public var count: Int {
    switch self {
    case .collinear(let values): values.count
    case .vectors(let values): values.count
    }
  }
}

/// Atoms in a cell, or a free cluster.
public struct Structure: Hashable, Sendable {
  /// nil for a free cluster; then `periodic` is `.none`.
  public var lattice: Lattice?
  public var periodic: Periodicity
  public var elements: [ChemicalElement]
  /// Cartesian, Å, one for each element.
  public var positions: [SIMD3<Double>]
  /// μB, one for each atom, where known.
  public var moments: Moments?

  public init(
    lattice: Lattice?, periodic: Periodicity? = nil, elements: [ChemicalElement], positions: [SIMD3<Double>],
    moments: Moments? = nil
  ) {
    precondition(elements.count == positions.count, "one position for each element")
    self.lattice = lattice
    self.periodic = lattice == nil ? .none : periodic ?? .all
    self.elements = elements
    self.positions = positions
    self.moments = moments
  }

  public var count: Int { elements.count }

  /// Å³; nil where the structure does not repeat in all three directions.
  public var volume: Double? { periodic == .all ? lattice?.volume : nil }

  /// Atoms of each element.
  public var composition: [ChemicalElement: Int] { elements.reduce(into: [:]) { $0[$1, default: 0] += 1 } }

  /// "Li16Mn8O24": elements by symbol, cations as written, counts of 1 left out.
  public var formula: String {
    composition.sorted { $0.key.symbol < $1.key.symbol }
      .map { $0.key.symbol + ($0.value == 1 ? "" : String($0.value)) }.joined()
  }

  /// The structure under a homogeneous strain ε: lattice and positions times (1 + ε).
  public func strained(by strain: Matrix3) -> Structure {
    var result = self
    result.lattice = lattice?.strained(by: strain)
    result.positions = positions.map { $0 + strain * $0 }
    return result
  }

  /// The supercell of n = (na, nb, nc) copies; copies of an atom follow each other's cell, not the atom.
  public func repeated(_ na: Int, _ nb: Int, _ nc: Int) -> Structure {
    guard let lattice else { return self }
    var result = Structure(
      lattice: Lattice(a: Double(na) * lattice.a, b: Double(nb) * lattice.b, c: Double(nc) * lattice.c),
      periodic: periodic, elements: [], positions: [])
    var collinear: [Double] = []
    var vectors: [SIMD3<Double>] = []
    for i in 0..<na {
      for j in 0..<nb {
        for k in 0..<nc {
          let shift = lattice.cartesian([Double(i), Double(j), Double(k)])
          result.elements += elements
          result.positions += positions.map { $0 + shift }
          switch moments {
          case .collinear(let values): collinear += values
          case .vectors(let values): vectors += values
          case nil: break
          }
        }
      }
    }
    switch moments {
    case .collinear: result.moments = .collinear(collinear)
    case .vectors: result.moments = .vectors(vectors)
    case nil: break
    }
    return result
  }
}
