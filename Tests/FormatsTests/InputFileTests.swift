import Testing

@testable import Formats

@Test func filesThatCannotBeOpenedAreSaid() throws {
  #expect(
    message { _ = try readFrames("/nowhere/a.xyz") } == "/nowhere/a.xyz: cannot open: No such file or directory")
}

@Test func namesAreInNaturalOrder() {
  let names = ["structure10.xsf", "structure2.xsf", "structure1.xsf", "structure01.xsf", "a", "structure2b.xsf"]
  let sorted = names.sorted(by: naturallyPrecedes)
  #expect(
    sorted == ["a", "structure01.xsf", "structure1.xsf", "structure2.xsf", "structure2b.xsf", "structure10.xsf"])
  #expect(!naturallyPrecedes("a1", "a1"))
}
