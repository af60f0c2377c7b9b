import Structures

extension DescentSettings {
  /// - Throws: `InputError` for a number out of its range.
  func validate() throws {
    func require(_ holds: Bool, _ key: CodingKeys, _ range: String) throws {
      if !holds { throw InputError("\(key.rawValue) must be \(range)") }
    }
    try require(weights.energy >= 0, .energyWeight, "0 or more")
    try require(weights.forces >= 0, .forceWeight, "0 or more")
    try require(weights.virial >= 0, .stressWeight, "0 or more")
    let isAllZero = [energyWeight, forceWeight, stressWeight].allSatisfy { $0 == 0 }
    try require(!isAllZero, .energyWeight, "above 0 where no other weight is")
    if let first = initialWeights {
      let isRight = [first.energy, first.forces, first.stress].allSatisfy { $0 >= 0 }
      try require(isRight, .initialWeights, "0 or more for every label")
    }
    try require(groupWeights.values.allSatisfy { $0 >= 0 }, .groupWeights, "0 or more for every group")
    try require(epochLimit >= 0, .maxEpochs, "0 or more")
    try require(patienceLimit >= 0, .patience, "0 or more")
    try require(weightDecay >= 0, .weightDecay, "0 or more")
    try require((1...1000).contains(memory), .memory, "1 to 1000")
    try require(gradientTolerance >= 0, .gradientTolerance, "0 or more")
    try require(batchSize >= 1, .batchSize, "1 or more")
    try require(learningRate > 0 && finalLearningRate > 0, .learningRate, "above 0")
    try require((0..<1).contains(emaDecay), .emaDecay, "0 or more and below 1")
    try requireFittingMethod()
  }

  private func requireFittingMethod() throws {
    if method == .bayesian, !isEnergyOnly || !loss.countsEnergiesPerAtom {
      throw InputError(
        "method bayesian fits energies per atom alone, every frame alike",
        remedy: "leave out force_weight, stress_weight, group_weights and loss, or use lbfgs or adam")
    }
    if let method, method != .adam, initialWeights != nil || loss.initialWeights != nil {
      throw InputError(
        "weights that go with the learning rate (loss deepmd, initial_weights) need method adam, found "
          + method.rawValue)
    }
  }

  /// Given weights above 0 on labels that frames lack, with these frames.
  func lackedLabels(
    of frames: [LabeledStructure]
  ) -> [(key: CodingKeys, weight: Double, label: String, missing: [LabeledStructure])] {
    let demands: [(CodingKeys, Double?, String, (Labels) -> Bool)] = [
      (.energyWeight, energyWeight, "energy", { $0.energy != nil }),
      (.forceWeight, forceWeight, "forces", { $0.forces != nil }),
      (.stressWeight, stressWeight, "stress", { $0.virial != nil }),
    ]
    return demands.compactMap { key, weight, label, has in
      guard let weight, weight > 0 else { return nil }
      let missing = frames.filter { !has($0.labels) }
      return missing.isEmpty ? nil : (key, weight, label, missing)
    }
  }

  /// For settings that are resolved.
  /// - Throws: `InputError` naming a label that has a weight but is missing, and how often.
  func requireLabels(_ data: Dataset) throws {
    for lack in lackedLabels(of: data.frames) {
      let isAll = lack.missing.count == data.count
      guard isAll || partialLabels == false, let first = lack.missing.first else { continue }
      let key = lack.key.rawValue
      throw InputError(
        "\(key) is \(lack.weight), but \(lack.missing.count) of \(data.count) frames have no \(lack.label) label, the "
          + "first is \(first.name)",
        remedy: isAll
          ? "set \(key) to 0"
          : "partial_labels: true fits each frame to the labels it has; or leave such frames out (halite data select "
            + "--with \(lack.label))")
    }
    let groups = Set(data.compactMap(\.configType))
    for name in groupWeights.keys.sorted() where !groups.contains(name) {
      let near = nearestName(to: name, among: groups).map { "did you mean `\($0)`?" }
      throw InputError(
        "group_weights names `\(name)`, but no frame has config_type=\(name)",
        remedy: near ?? "known are " + groups.sorted().joined(separator: ", "))
    }
  }
}
