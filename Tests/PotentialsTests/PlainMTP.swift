import Foundation
import Structures

@testable import Potentials

/// A moment tensor potential by its definitions, one sum after the other.
struct PlainMTP {
  let model: MTP

  /// B_α of the centres of a list, by rows.
  func scalars(_ list: NeighborList) -> [[Double]] {
    list.centers.map { site in
      let basic = model.tables.program.basics.map { moment in
        list.pairs(of: site).reduce(0) { sum, pair in
          let r = length(list.vectors[pair])
          let u = list.vectors[pair] / r
          let f = radial(moment.function, r, list.types[site], list.types[list.indices[pair]])
          return sum + f * power(u.x, moment.x) * power(u.y, moment.y) * power(u.z, moment.z)
        }
      }
      let moments = model.tables.program.moments(basic)
      return model.tables.program.scalars.map { moments[Int($0)] }
    }
  }

  func siteEnergies(_ list: NeighborList) -> [Double] {
    zip(list.centers, scalars(list)).map { site, row in
      model.speciesEnergies[list.types[site]] + zip(row, model.coefficients).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  /// f_μ(r; z_i, z_j).
  private func radial(_ m: Int, _ r: Double, _ a: Int, _ b: Int) -> Double {
    let settings = model.hyperparameters
    guard r < settings.rMax else { return 0 }
    let size = settings.radialSize
    let start = ((a * model.elements.count + b) * model.tables.functionCount + m) * size
    let x = (2 * r - settings.closest - settings.rMax) / (settings.rMax - settings.closest)
    return (0..<size).reduce(0) { sum, q in
      sum + model.radial[start + q] * model.scaling * chebyshev(q, x) * power(settings.rMax - r, 2)
    }
  }

  private func chebyshev(_ n: Int, _ x: Double) -> Double {
    var values = [1, x]
    while values.count <= n { values.append(2 * x * values[values.count - 1] - values[values.count - 2]) }
    return values[n]
  }

  private func power(_ x: Double, _ n: Int) -> Double { (0..<n).reduce(1) { result, _ in result * x } }
}
