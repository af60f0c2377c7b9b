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

@Test func whatWasNotFittedIsMarked() throws {
  let part = try Sample.noisy(.all, frames: 1200, energyNoise: 0.01, forceNoise: 0.1, seed: 1)
  let lines = ErrorTable([part], fittedLabels: ["energy", "stress"]).text.split(separator: "\n")
  #expect(lines[0] == "fitted to: energy stress")
  #expect(lines[1].hasPrefix("Energy, meV/atom  ") && lines[5].hasPrefix("Stress, GPa  "))
  #expect(lines[3].hasPrefix("Forces, eV/Å (not fitted)  "))
  // Programs read the numbers.
  #expect(lines[2].split(separator: " ")[1] == "1200")
}

@Test func aTinyErrorDoesNotFillItsColumnWithDecimals() {
  let column = Quantity("RMSE", [2e-7, 12.34, 0])
  #expect((0..<3).map { column.cell($0).text } == ["2.0e-07", "12.3", "0.0"])
  let tiny = Quantity("RMSE", [3.21e-9, nil])
  #expect((0..<2).map { tiny.cell($0).text } == ["3.2e-09", "–"])
  #expect(Quantity("RMSE", [1e-15, 0.5]).cell(0).text == "0.000")
}
