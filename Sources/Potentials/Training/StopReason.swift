/// Why a training ended; the raw value stands in `report.json`.
public enum StopReason: String, Codable, Sendable, CaseIterable {
  /// No derivative of the loss is larger than `gradient_tolerance`.
  case converged
  case maxEpochs = "max_epochs"
  /// So many epochs without a better validation error.
  case patience
  /// The optimiser finds no lower loss: rounding ends it.
  case noDescent = "no_descent"
  case user = "stopped_by_user"
  /// A linear fit has one solution.
  case solved

  /// In words, after "ended: ".
  public var text: String {
    switch self {
    case .converged: "converged"
    case .maxEpochs: "max_epochs reached"
    case .patience: "patience, no better validation error"
    case .noDescent: "no further descent of the loss"
    case .user: "stopped by the user"
    case .solved: "solved"
    }
  }
}
