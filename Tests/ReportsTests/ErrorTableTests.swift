import Testing

@testable import Reports

@Test func alignedColumnsForTheTerminal() throws {
  let train = try PartReport(
    .train, frames: Sample.frames, predictions: Sample.predictions, baseline: Sample.baseline)
  let test = try PartReport(
    .test, frames: [Sample.monoxide], predictions: [Sample.monoxidePrediction], baseline: Sample.baseline)
  #expect(
    ErrorTable([train, test]).text == """
      Energy, meV/atom  frames    RMSE     MAE  mean energy  composition only  MAE/range, %
      train                  2    79.1    75.0          500               236          6.52
      test                   1    50.0    50.0          500                 0             –

      Forces, eV/Å      frames    RMSE     MAE   zero force
      train                  2  0.3416  0.1444        0.816
      test                   1  0.0913  0.0500        0.577

      """)
}

@Test func noLabels() throws {
  #expect(ErrorTable([]).text == "no labels to compare with\n")
}

@Test func blocksOfAPageHaveEqualWidth() throws {
  let part = try Sample.noisy(.all, frames: 5, energyNoise: 0.01, forceNoise: 0.1, seed: 1)
  let blocks = ErrorTable([part]).blocksOfEqualWidth
  #expect(blocks.count == 3)
  for block in blocks {
    #expect(block.columns.count == blocks[0].columns.count)
    #expect(block.rows.allSatisfy { $0.count == block.columns.count })
  }
}
