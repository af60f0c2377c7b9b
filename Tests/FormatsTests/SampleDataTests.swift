import Formats
import Structures
import Testing

@Suite struct SampleDataTests {
  @Test func sampleIsTheGeneratedFile() {
    let bytes = SampleData.disorderedRocksalts()
    #expect(bytes.prefix(2) == [0x1F, 0x8B], "gzip")
    #expect(
      FrameIdentity.sha256(bytes) == "d4768c0430ebea22dcfb68408b0c81bb4187c64d00417b9435e5815821fab685",
      "made again by select.py? then the example outputs in the documentation change too")
  }
}
