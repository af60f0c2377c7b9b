import Potentials
import Structures

/// The potential of `Documentation/AddingAPotential.md`: one strength ε for each element,
///
///     E_i = ½ √ε_i Σ_j √ε_j (1 − r²/R²)³,  r < R
///
/// fitted by scaling one number. It is here so that the page is true and the laws are tested on something simple.
struct ToyPotential: TrainablePotential {
  struct Hyperparameters: Codable, Sendable {
    /// R, Å.
    var cutoff = 4.0
  }

  static let name = "toy"
  static let defaults = Hyperparameters()
  static let explanations = [HyperparameterExplanation("cutoff", unit: "Å", "reach of the pair energy")]

  let elements: [ChemicalElement]
  let hyperparameters: Hyperparameters
  /// √ε of each element, √eV.
  var roots: [Double]

  var cutoff: Double { hyperparameters.cutoff }

  init(elements: [ChemicalElement], hyperparameters: Hyperparameters, seed: UInt64) {
    var random = RandomSource(seed: seed)
    self.elements = elements
    self.hyperparameters = hyperparameters
    roots = elements.map { _ in 0.5 + random.uniform() }
  }

  init(elements: [ChemicalElement], hyperparameters: Hyperparameters, tensors: TensorTable) throws {
    self.init(elements: elements, hyperparameters: hyperparameters, seed: 0)
    guard let stored = tensors["roots"]?.values, stored.count == elements.count else {
      throw InputError("damaged potential file: tensor 'roots' is missing")
    }
    roots = stored
  }

  var tensors: TensorTable { TensorTable(["roots": .init(shape: [roots.count], values: roots)]) }

  func siteEnergies(_ list: NeighborList, gradient: inout PairGradient?) -> [Double] {
    list.centers.map { site in
      var energy = 0.0
      for pair in list.pairs(of: site) {
        let vector = list.vectors[pair]
        let x = 1 - dot(vector, vector) / (cutoff * cutoff)
        guard x > 0 else { continue }
        let strength = 0.5 * roots[list.types[site]] * roots[list.types[list.indices[pair]]]
        energy += strength * x * x * x
        gradient?.vectors[pair] += (-6 * strength * x * x / (cutoff * cutoff)) * vector
      }
      return energy
    }
  }

  static func train(
    on data: TrainingData, hyperparameters: Hyperparameters, run: TrainingRun
  ) throws -> Trained<ToyPotential> {
    var model = ToyPotential(elements: data.elements, hyperparameters: hyperparameters, seed: run.seed)
    let predicted = try Predictor(model).predict(data.training.map(\.structure)).map(\.energy)
    let labels = data.training.compactMap(\.labels.energy)
    let scale = zip(predicted, labels).map(*).reduce(0, +) / predicted.map { $0 * $0 }.reduce(0, +)
    model.roots = model.roots.map { $0 * max(scale, 0).squareRoot() }
    return Trained(best: model, last: model, bestEpoch: 0, log: [], stopReason: .converged)
  }

  static func forecast(_: TrainingData, hyperparameters _: Hyperparameters, threads _: Int) -> TrainingForecast {
    TrainingForecast(bytes: 0, seconds: 0, parameters: 1)
  }
}
