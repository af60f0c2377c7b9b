import COpenBLAS
import Foundation
import Optimization
import Structures

/// Predictive variances of a GAP.
///
///     var_i = k(p̂_i, p̂_i) − k_iᵀ K_ss⁻¹ k_i + ‖R⁻ᵀ k_i‖²
///
/// with k_i the covariances of a centre with the sparse points of its element and RᵀR = K_ss + K_stΛ⁻¹K_ts.
public struct GAPVariance: Sendable {
  private let model: GAP
  /// Upper triangles of K_ss of each element, by columns.
  private let roots: [[Double]]
  private let factor: [Double]

  /// - Throws: `InputError` for a potential that does not hold what is needed.
  public init(_ model: GAP) throws {
    guard let factor = model.factor else {
      throw InputError(
        "the potential holds nothing to work out variances from",
        remedy: "train it with variance: true; a gap.xml never does")
    }
    self.model = model
    self.factor = factor
    roots = try model.elements.indices.map { try PriorCovariance.root(model, type: $0).values }
  }

  /// Variances of the energies of the centres of a list, eV²; infinite for an element without sparse points.
  public func variances(_ list: NeighborList) -> [Double] {
    _ = SingleThreadedBLAS.isSet
    let present = model.soap.present(list)
    let columns = model.soap.columns(present: present)
    var result = [Double](repeating: .infinity, count: list.centers.count)
    let settings = model.hyperparameters
    let own = settings.delta * settings.delta + settings.f0 * settings.f0
    for type in model.elements.indices where !model.points[type].isEmpty {
      let centers = (0..<list.centers.count).filter { list.types[list.centers.lowerBound + $0] == type }
      let block = SparseBlock(model, type: type, columns: columns)
      for center in centers {
        let environment = model.soap.environments(list, centers: [center], present: present)
        let covariances = block.products(environment).map {
          settings.delta * settings.delta * pow(max(0, $0), settings.zeta) + settings.f0 * settings.f0
        }
        result[center] = max(0, own - explained(covariances, type: type) + uncertain(covariances, type: type))
      }
    }
    return result
  }

  /// kᵀ K_ss⁻¹ k.
  private func explained(_ covariances: [Double], type: Int) -> Double {
    var x = covariances
    let count = Int32(x.count)
    cblas_dtrsv(CblasColMajor, CblasUpper, CblasTrans, CblasNonUnit, count, roots[type], count, &x, 1)
    return x.reduce(0) { $0 + $1 * $1 }
  }

  /// ‖R⁻ᵀ k‖².
  private func uncertain(_ covariances: [Double], type: Int) -> Double {
    let first = model.firstPoint(of: type)
    var x = [Double](repeating: 0, count: model.coefficients.count)
    for (k, value) in covariances.enumerated() { x[first + k] = value }
    cblas_dtpsv(CblasColMajor, CblasUpper, CblasTrans, CblasNonUnit, Int32(x.count), factor, &x, 1)
    return x.reduce(0) { $0 + $1 * $1 }
  }
}
