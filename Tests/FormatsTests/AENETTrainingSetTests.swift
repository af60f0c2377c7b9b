import Structures
import TestSupport
import Testing

@testable import Formats

private let folder = "data/fixtures/aenet/trainset/"

/// Both layouts of aenet's own set hold the structures of its XSF files, without the cells.
@Test(
  .enabled(if: SharedData.holds(folder), "needs the shared data"),
  arguments: ["sample.train", "sample.train.ascii"])
func trainingSetsOfAENETAgreeWithTheirXSF(_ name: String) throws {
  let file = try readFrames(SharedData.path(folder + name))
  #expect(file.frames.count == 5)
  #expect(
    file.notes.last
      == "a training set of aenet holds no cell: read as a free cluster; train on the XSF files instead (5 frames)")
  for frame in file.frames {
    let xsf = lastComponent(try #require(frame.value(ofKey: "aenet_file")))
    let original = try readFrames(SharedData.path(folder + "xsf-TiO2/" + xsf)).frames[0]
    #expect(frame.structure.lattice == nil && frame.structure.elements == original.structure.elements)
    // aenet moves the atoms into the cell.
    let lattice = try #require(original.structure.lattice)
    for (ours, theirs) in zip(frame.structure.positions, original.structure.positions) {
      let cells = lattice.fractional(ours - theirs)
      #expect(length(lattice.cartesian(cells - cells.rounded(.toNearestOrEven))) < 1e-8)
    }
    #expect(zip(frame.labels.forces ?? [], original.labels.forces ?? []).allSatisfy { length($0 - $1) < 1e-8 })
    #expect(frame.labels.forces?.count == original.labels.forces?.count)
    #expect(abs((frame.labels.energy ?? 0) - (original.labels.energy ?? 1)) < 1e-8)
  }
}

@Test(arguments: [
  ("x\n", "a.txt:1: the file ends, expected whether energies are scaled; the file may be truncated"),
  ("x\nQ\n", "a.txt:2: found \"Q\", expected T or F; is this a training set of aenet?"),
  ("x\nF\n1\n0\n1\nTu\n0\n1\n1\n0 0 0\n", "a.txt: unknown species \"Tu\""),
  ("x\nF\n1\n0\n1\nTi\n0\n1\n1\n0 0 0\nn\n1 1\n-1\n2\n", "a.txt:14: species 2, expected 1 to 1"),
])
func brokenTrainingSetsAreRefused(_ text: String, _ expected: String) {
  #expect(failure(text, as: AENETTrainingSet.self) == expected)
}

@Test func brokenRecordsAreRefused() {
  func refusal(_ bytes: [UInt8]) -> String {
    message { try bytes.withUnsafeBytes { _ = try AENETTrainingSet.read(bytes: $0, file: "a.train") } }
  }
  #expect(
    refusal([4, 0, 0, 0, 1, 0, 0, 0])
      == "a.train: record 1: 4 bytes declared for the number of species, more than the file has; the file may be truncated"
  )
  #expect(
    refusal([4, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0])
      == "a.train: record 1: the lengths before and behind the number of species differ; is this a little-endian Fortran file?"
  )
  #expect(refusal([4, 0, 0, 0, 200, 0, 0, 0, 4, 0, 0, 0]) == "a.train: record 1: 200 species, expected 1 to 118")
  #expect(refusal([]) == "a.train: the file is empty")
}
