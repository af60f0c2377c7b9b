import Testing

@testable import Reports

@Test func csvFieldsAreQuotedWhereTheyMustBe() {
  var table = CSVTable(columns: ["a", "b,c"])
  table.append(["plain", "say \"so\""])
  table.append(["two\nlines", ""])
  #expect(table.text == "a,\"b,c\"\nplain,\"say \"\"so\"\"\"\n\"two\nlines\",\n")
}
