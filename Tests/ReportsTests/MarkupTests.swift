import Testing

@testable import Reports

@Test func markupEscapesWhatIsNotItsOwn() {
  var markup = Markup()
  markup.element("p", ["class": "a\"b", "id": ""], text: "<script>&'\u{1}\u{0}\tx")
  #expect(markup.text == "<p class=\"a&quot;b\">&lt;script&gt;&amp;&#39;\u{FFFD}\u{FFFD}\tx</p>")
  #expect(WellFormed(markup.text).error == nil)
}
