import Testing

@testable import Reports

@Test func tableCellsAreEscapedAndGrouped() {
  let table = TextTable(
    columns: [
      TextTable.Column(title: "a<b", isText: true), TextTable.Column(title: "n", group: "g"),
      TextTable.Column(title: "m", group: "g"),
    ], rows: [[TextTable.Cell("x&y", .code, tooltip: "\"z\""), "1", "22"]])
  var page = Markup()
  table.write(to: &page)
  let read = WellFormed(page.text)
  #expect(read.error == nil)
  #expect(read.elements["td"] == 3)
  #expect(read.attributes.contains("\"z\"") && read.attributes.contains("2"))
  #expect(table.text == "a<b  n   m\nx&y  1  22\n")
}
