import Structures
import Testing

@testable import Reports

private let manganese = ChemicalElement("Mn")!
private let titanium = ChemicalElement("Ti")!

private func structure(_ amounts: [(ChemicalElement, Int)]) -> Structure {
  let elements = amounts.flatMap { [ChemicalElement](repeating: $0.0, count: $0.1) }
  return Sample.frame(elements, index: 0).structure
}

@Test func oxidesOfOneTieLeaveADirectionOpen() {
  let (lithium, oxygen) = (Sample.lithium, Sample.oxygen)
  let training = [
    structure([(lithium, 1), (manganese, 1), (oxygen, 2)]), structure([(manganese, 3), (oxygen, 6)]),
    structure([(lithium, 2), (manganese, 4), (oxygen, 8)]),
  ]
  let span = CompositionSpan(of: training)
  #expect(!span.isWhole)
  #expect(training.allSatisfy(span.contains))
  #expect(span.contains(structure([(lithium, 5), (manganese, 7), (oxygen, 14)])))
  #expect(!span.contains(structure([(lithium, 2), (oxygen, 1)])))
  // One oxygen less in a cell of 512 atoms.
  #expect(!span.contains(structure([(lithium, 128), (manganese, 128), (oxygen, 255)])))
  #expect(!span.contains(structure([(titanium, 1), (oxygen, 2)])))
}

@Test func enoughCompositionsSpanEverything() {
  let (lithium, oxygen) = (Sample.lithium, Sample.oxygen)
  let span = CompositionSpan(of: [structure([(lithium, 1), (oxygen, 1)]), structure([(lithium, 1), (oxygen, 2)])])
  #expect(span.isWhole)
  #expect(span.contains(structure([(oxygen, 9)])))
}

@Test func framesOutsideTheSpanAreWarnedOf() throws {
  let training = Dataset((0..<6).map { Sample.oxide(oxygens: 1, energy: -10 + 0.1 * Double($0 % 3), index: $0) })
  let baseline = try EnergyBaseline(fitting: training, part: .train)
  let part = try PartReport(
    .test, frames: Sample.frames, predictions: Sample.predictions, baseline: baseline)
  #expect(part.framesOutsideSpan == 2)
  #expect(
    Verdict([part]).warnings.contains {
      $0.hasPrefix("2 test frames of 3 have a composition that no combination of the training compositions gives")
    })
}
