import Testing

@testable import Reports

@Test func coordinatesAreShort() {
  #expect(SVGDocument.number(1.25) == "1.3")
  #expect(SVGDocument.number(-0.04) == "0")
  #expect(SVGDocument.number(-3.0) == "-3")
  #expect(SVGDocument.number(0.05, places: 3) == "0.05")
  #expect(SVGDocument.number(.infinity) == "0")
}

@Test func drawingsAreWellFormedAndEscaped() {
  var svg = SVGDocument(width: 100, height: 50, title: "a < b & c")
  svg.text("Å < \"1\"", at: [1, 2], SVGDocument.TextStyle(rotation: -90))
  svg.marks(.diamond, at: [[5, 5]], radius: 3, fill: "#000")
  svg.marks(.square, at: [[5, 5]], radius: 3, fill: "#000")
  let read = WellFormed(svg.markup.text)
  #expect(read.error == nil)
  #expect(read.text.contains("a < b & c"))
  #expect(read.text.contains("Å < \"1\""))
}
