import CKernels
import Structures

/// A fingerprint of symmetry functions (doi:10.1103/PhysRevLett.98.146401), see `SymmetryFunction`. The angular ones
/// visit every pair of neighbours: keep their cutoffs short.
public struct BehlerFingerprint: Sendable, Hashable {
  /// In the order of the components.
  public let functions: [SymmetryFunction]
  private let tables: Tables

  /// - Parameter elements: of the potential; neighbours' types are indices into it.
  /// - Throws: `InputError` where a function names another element, or angular functions are too manifold.
  public init(_ functions: [SymmetryFunction], elements: [ChemicalElement]) throws {
    guard !functions.isEmpty else { throw InputError("a fingerprint needs at least one symmetry function") }
    self.functions = functions
    tables = try Tables(functions, elements: elements)
  }

  /// Components of the fingerprint.
  public var count: Int { functions.count }

  /// The largest cutoff, Å.
  public var cutoff: Double { functions.map(\.cutoff).max() ?? 0 }

  /// Fingerprints of the centres of a list, by rows.
  public func values(_ list: NeighborList, of species: [Bool]? = nil) -> [Double] {
    var features = [Double](repeating: 0, count: list.centers.count * count)
    features.withUnsafeMutableBufferPointer { features in
      forEachCenter(list, species) { kernel, k, pairs, _, scratch in
        ck_behler_values(kernel, pairs, scratch, features.baseAddress! + k * count)
      }
    }
    return features
  }

  /// Adds Σ_k slopes_ik ∂G_ik/∂r_p to the gradient of every pair p of every centre i.
  public func addGradient(
    _ list: NeighborList, of species: [Bool]? = nil, slopes: [Double], to gradient: inout PairGradient
  ) {
    gradient.vectors.withUnsafeMutableBytes { bytes in
      guard let base = bytes.bindMemory(to: Double.self).baseAddress else { return }
      slopes.withUnsafeBufferPointer { slopes in
        forEachCenter(list, species) { kernel, k, pairs, first, scratch in
          ck_behler_gradient(kernel, pairs, scratch, slopes.baseAddress! + k * count, base + 4 * first)
        }
      }
    }
  }

  /// Σ_p tangents_p · ∂G_ik/∂r_p of every centre i, by rows.
  public func tangents(_ list: NeighborList, of species: [Bool]? = nil, pairTangents: [SIMD3<Double>]) -> [Double] {
    var changes = [Double](repeating: 0, count: list.centers.count * count)
    changes.withUnsafeMutableBufferPointer { changes in
      pairTangents.withUnsafeBytes { bytes in
        guard let base = bytes.bindMemory(to: Double.self).baseAddress else { return }
        forEachCenter(list, species) { kernel, k, pairs, first, scratch in
          ck_behler_tangent(kernel, pairs, scratch, base + 4 * first, changes.baseAddress! + k * count)
        }
      }
    }
    return changes
  }

  /// Calls `body(kernel, centre, its pairs, number of its first pair, working space)` for every centre of the species.
  private func forEachCenter(
    _ list: NeighborList, _ species: [Bool]?,
    _ body: (UnsafePointer<ck_behler>, Int, UnsafePointer<ck_typed_pairs>, Int, UnsafeMutablePointer<Double>) ->
      Void
  ) {
    let types = list.indices.map { Int32(list.types[$0]) }
    let longest = (0..<list.centers.count).map { list.offsets[$0 + 1] - list.offsets[$0] }.max() ?? 0
    var scratch = [Double](repeating: 0, count: max(1, longest) * (6 + 2 * tables.shellWidths.count))
    tables.withKernel { kernel in
      list.vectors.withUnsafeBytes { bytes in
        types.withUnsafeBufferPointer { types in
          scratch.withUnsafeMutableBufferPointer { scratch in
            let vectors = bytes.bindMemory(to: Double.self).baseAddress
            for k in 0..<list.centers.count {
              if let species, !species[list.types[list.centers.lowerBound + k]] { continue }
              let first = list.offsets[k]
              var pairs = ck_typed_pairs()
              pairs.count = Int64(list.offsets[k + 1] - first)
              pairs.vectors = vectors.map { $0 + 4 * first }
              pairs.types = types.baseAddress.map { $0 + first }
              body(kernel, k, &pairs, first, scratch.baseAddress!)
            }
          }
        }
      }
    }
  }
}

extension BehlerFingerprint {
  /// The functions as the kernel looks them up.
  struct Tables: Sendable, Hashable {
    private struct Entry: Hashable {
      var number: Int
      var component: Int
      var shell = 0
      var cutoff: Double
      var shift: Double
      var width: Double

      var kernel: ck_symmetry_function {
        ck_symmetry_function(
          kind: Int64(number), component: Int64(component), shell: Int64(shell), cutoff: cutoff, shift: shift,
          width: width)
      }
    }

    private struct Shell: Hashable {
      var width: Double
      var cutoff: Double
    }

    private let types: Int
    private var radialStarts: [Int64] = [0]
    private var radial: [Entry] = []
    private var angularStarts: [Int64] = [0]
    private var angular: [Entry] = []
    private(set) var shellWidths: [Double] = []
    private var shellCutoffs: [Double] = []
    private var angularCutoff = 0.0

    init(_ functions: [SymmetryFunction], elements: [ChemicalElement]) throws {
      types = elements.count
      var shells: [Shell] = []
      var radialLists = [[Entry]](repeating: [], count: types)
      var angularLists = [[Entry]](repeating: [], count: types * types)
      for (component, function) in functions.enumerated() {
        // A species that the potential does not have is never met.
        let places = function.neighbors.compactMap { elements.firstIndex(of: $0) }
        guard places.count == function.neighbors.count else { continue }
        let p = function.parameters
        var entry = Entry(
          number: function.number, component: component, cutoff: function.cutoff, shift: 0, width: 0)
        switch function.number {
        case 2: (entry.shift, entry.width) = (p[0], p[1])
        case 3: entry.width = p[0]
        case 4, 5:
          (entry.shift, entry.width) = (p[0], p[1])
          let shell = Shell(width: p[2], cutoff: function.cutoff)
          entry.shell = shells.firstIndex(of: shell) ?? shells.count
          if entry.shell == shells.count { shells.append(shell) }
          angularCutoff = max(angularCutoff, function.cutoff)
        default: break
        }
        if function.isAngular {
          angularLists[places[0] * types + places[1]].append(entry)
          if places[0] != places[1] { angularLists[places[1] * types + places[0]].append(entry) }
        } else {
          radialLists[places[0]].append(entry)
        }
      }
      guard shells.count <= Int(CK_MAX_SHELLS) else {
        throw InputError(
          "angular symmetry functions of \(shells.count) different pairs of eta and Rc, at most \(CK_MAX_SHELLS)")
      }
      (shellWidths, shellCutoffs) = (shells.map(\.width), shells.map(\.cutoff))
      for list in radialLists {
        radial += list
        radialStarts.append(Int64(radial.count))
      }
      for list in angularLists {
        angular += list
        angularStarts.append(Int64(angular.count))
      }
    }

    func withKernel(_ body: (UnsafePointer<ck_behler>) -> Void) {
      let (radial, angular) = (radial.map(\.kernel), angular.map(\.kernel))
      radialStarts.withUnsafeBufferPointer { radialStarts in
        radial.withUnsafeBufferPointer { radial in
          angularStarts.withUnsafeBufferPointer { angularStarts in
            angular.withUnsafeBufferPointer { angular in
              shellWidths.withUnsafeBufferPointer { widths in
                shellCutoffs.withUnsafeBufferPointer { cutoffs in
                  var kernel = ck_behler()
                  kernel.types = Int64(types)
                  kernel.radial_starts = radialStarts.baseAddress
                  kernel.radial = radial.baseAddress
                  kernel.angular_starts = angularStarts.baseAddress
                  kernel.angular = angular.baseAddress
                  kernel.shells = Int64(widths.count)
                  kernel.shell_widths = widths.baseAddress
                  kernel.shell_cutoffs = cutoffs.baseAddress
                  kernel.angular_cutoff = angularCutoff
                  body(&kernel)
                }
              }
            }
          }
        }
      }
    }
  }
}
