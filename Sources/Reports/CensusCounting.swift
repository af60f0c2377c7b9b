import Structures

extension Census {
  /// Å: pairs further apart than this are not looked for.
  public static let defaultDistanceCutoff = 3.5

  /// Counts a data set.
  /// - Parameters:
  ///   - files: as the user named them.
  ///   - references: energies to refer to; nil leaves that line out.
  ///   - lookalikes: what looks like a label and was not read.
  ///   - threads: of the search for neighbours.
  /// - Throws: `InputError` for a cell without volume or a position that is no number.
  public init(
    _ dataset: Dataset, files: [String], references: ReferenceSummary?, lookalikes: [Lookalike] = [],
    threads: Int = 1
  ) throws {
    var counter = CensusCounter()
    try counter.add(dataset.frames, threads: threads)
    self = counter.census(files: files, references: references, lookalikes: lookalikes)
  }
}

extension Spread {
  /// Of no numbers at all.
  static let zero = Spread(minimum: 0, maximum: 0, mean: 0, deviation: 0)

  private init(minimum: Double, maximum: Double, mean: Double, deviation: Double) {
    self.minimum = minimum
    self.maximum = maximum
    self.mean = mean
    self.deviation = deviation
  }
}
