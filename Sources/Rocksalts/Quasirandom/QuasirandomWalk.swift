import CKernels
import Glibc
import Structures

/// How a walk cools: geometrically from `hottest` to `hottest` times `span`, in `levels` steps.
struct CoolingSchedule: Sendable {
  static let levels = 50
  var steps: Int
  var hottest: Double
  var span = 0.01
  /// Ends the walk where the objective reaches it.
  var target: Double

  var kernel: ck_schedule {
    let levels = max(1, min(Self.levels, steps))
    return ck_schedule(
      steps: Int64(steps), steps_per_temperature: Int64((steps + levels - 1) / levels), hottest: hottest,
      cooling: levels > 1 ? pow(span, 1 / Double(levels - 1)) : 1, target: target)
  }
}

/// A walk through the occupations of one supercell.
struct QuasirandomWalk: Sendable {
  let cell: QuasirandomCell
  var random: RandomSource
  var species: [Int32]
  var bestSpecies: [Int32]
  var score: Double
  var bestScore: Double
  private var counts: [Int32]

  init(_ cell: QuasirandomCell, species: [Int32], random: RandomSource) {
    self.cell = cell
    self.random = random
    self.species = species
    counts = cell.counts(species)
    score = cell.tables.objective(counts)
    bestSpecies = species
    bestScore = score
  }

  /// Coloured clusters of the present occupation, kept up exchange by exchange.
  var currentCounts: [Int32] { counts }

  /// The mean change of the objective under a random exchange: the natural temperature to begin with.
  mutating func typicalChange(samples: Int = 64) -> Double {
    var sum = 0.0
    for _ in 0..<samples {
      let before = score
      anneal(CoolingSchedule(steps: 1, hottest: .greatestFiniteMagnitude, target: -.infinity))
      sum += abs(score - before)
    }
    return max(sum / Double(samples), 1e-6)
  }

  /// - Returns: how many exchanges were accepted.
  @discardableResult
  mutating func anneal(_ schedule: CoolingSchedule) -> Int {
    var (state, trial) = (self, counts)
    let accepted = cell.withClusters { clusters in
      cell.tables.withObjective { objective in
        state.run(clusters, objective, schedule.kernel, &trial)
      }
    }
    self = state
    return accepted
  }

  private mutating func run(
    _ clusters: UnsafePointer<ck_clusters>, _ objective: UnsafePointer<ck_objective>, _ schedule: ck_schedule,
    _ trial: inout [Int32]
  ) -> Int {
    var walk = ck_walk()
    (walk.random, walk.score, walk.best_score) = (random.state, score, bestScore)
    var schedule = schedule
    let accepted = species.withUnsafeMutableBufferPointer { species in
      bestSpecies.withUnsafeMutableBufferPointer { best in
        counts.withUnsafeMutableBufferPointer { counts in
          trial.withUnsafeMutableBufferPointer { trial in
            (walk.species, walk.best_species) = (species.baseAddress, best.baseAddress)
            (walk.counts, walk.trial_counts) = (counts.baseAddress, trial.baseAddress)
            return ck_quasirandom_anneal(clusters, objective, &schedule, &walk)
          }
        }
      }
    }
    (random.state, score, bestScore) = (walk.random, walk.score, walk.best_score)
    return Int(accepted)
  }
}
