/// Which frames a number speaks of; the raw value is its name in files and on the command line.
public enum DataPart: String, Codable, CaseIterable, Sendable {
  /// Learned from.
  case train
  /// Not learned from, but decided when to stop.
  case validation
  /// Never seen in training.
  case test
  /// Everything: no split was given.
  case all
}
