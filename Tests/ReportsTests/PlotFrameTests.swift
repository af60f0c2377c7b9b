import Testing

@testable import Reports

@Test func axesMapDataToPixels() {
  let frame = PlotFrame(
    x: PlotAxis(label: "x", lower: 0, upper: 10),
    y: PlotAxis(label: "y", lower: 1, upper: 100, isLogarithmic: true), width: 400, height: 300)
  #expect(frame.point(0, 1) == [frame.left, frame.bottom])
  #expect(frame.point(10, 100) == [frame.right, frame.top])
  let middle = frame.point(5, 10)
  #expect(abs(middle.x - (frame.left + frame.right) / 2) < 1e-9)
  #expect(abs(middle.y - (frame.top + frame.bottom) / 2) < 1e-9)
}
