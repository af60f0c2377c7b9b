import CKernels
import Structures

/// The tables of the objective in the kernel's layout.
struct ObjectiveTables: Sendable {
  static let lanes = 8
  let codeStarts: [Int64]
  let blocks: [Int64]
  let values: [Double]
  let targets: [Double]
  let weights: [Double]
  let floors: [Double]
  let longest: Double
  let pairShells: Int
  let lengthWeight: Double
  let tolerance: Double

  /// - Parameter index: parent cells in the supercell.
  init(_ model: QuasirandomModel, index: Int, settings: QuasirandomSettings) {
    codeStarts = model.codeStarts.map(Int64.init)
    pairShells = model.pairOrbits
    lengthWeight = settings.lengthWeight
    tolerance = settings.tolerance
    weights = model.orbits.map { $0.order == 3 ? settings.tripletWeight : settings.pairWeight }
    let distances = model.orbits.prefix(pairShells).map { $0.diameter / model.nearest }
    // Shells at one distance are reached together or not at all.
    floors = distances.map { d in distances.last { $0 < d - 1e-6 } ?? 0 }
    longest = distances.last ?? 0
    blocks = model.functions.map { Int64(($0.indices.count + Self.lanes - 1) / Self.lanes) }
    var values: [Double] = []
    var targets: [Double] = []
    for (orbit, functions) in zip(model.orbits, model.functions) {
      let clusters = Double(orbit.multiplicity * index)
      for start in stride(from: 0, to: functions.indices.count, by: Self.lanes) {
        let used = start..<min(start + Self.lanes, functions.indices.count)
        let unused = [Double](repeating: 0, count: Self.lanes - used.count)
        for code in 0..<functions.codes { values += used.map { functions.values[$0][code] / clusters } + unused }
        targets += used.map { functions.targets[$0] } + unused
      }
    }
    self.values = values
    self.targets = targets
  }

  /// Calls `body` with the kernel's view of the tables.
  func withObjective<Value>(_ body: (UnsafePointer<ck_objective>) -> Value) -> Value {
    codeStarts.withUnsafeBufferPointer { codeStarts in
      blocks.withUnsafeBufferPointer { blocks in
        values.withUnsafeBufferPointer { values in
          targets.withUnsafeBufferPointer { targets in
            weights.withUnsafeBufferPointer { weights in
              floors.withUnsafeBufferPointer { floors in
                var objective = ck_objective(
                  shells: Int64(blocks.count), pair_shells: Int64(pairShells), code_starts: codeStarts.baseAddress,
                  blocks: blocks.baseAddress, values: values.baseAddress, targets: targets.baseAddress,
                  weights: weights.baseAddress, floors: floors.baseAddress, longest: longest,
                  length_weight: lengthWeight, tolerance: tolerance)
                return body(&objective)
              }
            }
          }
        }
      }
    }
  }

  /// The objective of counted colourings.
  func objective(_ counts: [Int32]) -> Double {
    withObjective { objective in
      counts.withUnsafeBufferPointer { ck_quasirandom_objective(objective, $0.baseAddress) }
    }
  }
}
