import Testing

@testable import Reports

@Test func rasterCountsInRuns() {
  var raster = DensityRaster(side: 4)
  for x in [0.05, 0.3, 0.55] { raster.add([x, 0.1]) }
  for _ in 0..<100 { raster.add([2, 2]) }
  let levels = raster.levels(4)
  #expect(levels[0...2] == [0, 0, 0])
  #expect(levels[3] == -1)
  #expect(levels[15] == 3)
  #expect(DensityRaster.runs(of: 0, in: levels, side: 4) == "M0 3.5h3")
  #expect(DensityRaster.runs(of: 3, in: levels, side: 4) == "M3 0.5h1")
  #expect(DensityRaster(side: 2).levels(4) == [-1, -1, -1, -1])
}
