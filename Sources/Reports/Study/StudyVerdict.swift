import Potentials

/// What a study comes to, in words.
struct StudyVerdict {
  let sentences: [String]
  let warnings: [String]

  init(_ study: Study) {
    guard let size = study.commonSize else {
      sentences = ["No run is finished yet."]
      warnings = []
      return
    }
    var sentences: [String] = []
    var warnings: [String] = []
    for quantity in StudyQuantity.allCases {
      let found = study.potentials.compactMap { potential in
        study.mean(potential, size) { quantity.rmse($0.errors(of: .test)) }.map { (potential, $0) }
      }.sorted { $0.1 < $1.1 }
      guard !found.isEmpty else { continue }
      let list = found.map { "\($0.0) \(NumberFormatting.significant($0.1))" }.joined(separator: ", ")
      sentences.append("\(quantity.title) RMSE of the test part, best first: \(list) \(quantity.unit).")
      for (potential, error) in found {
        guard let run = study.runs(potential, size).first,
          let baseline = quantity.baseline(run.errors(of: .test)), error > baseline.value
        else { continue }
        warnings.append(
          "Worse than a baseline: \(potential), \(quantity.title.lowercased()) "
            + "\(NumberFormatting.significant(error)) against \(NumberFormatting.significant(baseline.value)) "
            + "\(quantity.unit) for \(baseline.name)"
            + (Self.isFitted(run, quantity) ? "." : ", to which it was not fitted."))
      }
    }
    let test = study.runs.lazy.compactMap { $0.errors(of: .test)?.frames }.first
    if sentences.isEmpty {
      sentences = ["There is no test part, or it has no labels: these errors say how well frames were fitted."]
    } else if let test, test < 20 {
      warnings.append("The test part has \(NumberFormatting.count(test, "frame")) only: its errors are rough.")
    }
    self.sentences = sentences
    self.warnings = warnings
  }

  private static func isFitted(_ run: StudyRun, _ quantity: StudyQuantity) -> Bool {
    run.fittedLabels?.contains(quantity.rawValue) ?? true
  }
}
