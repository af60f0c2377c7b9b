/// A page whose figures and tables are numbered through.
protocol NumberedPage {
  var page: Markup { get set }
  var figures: Int { get set }
  var tables: Int { get set }
}

extension NumberedPage {
  /// Everything up to the content of the page.
  /// - Parameter css: further rules behind those of every page.
  mutating func open(title: String, css: String = "") {
    page.appendVerbatim("<!DOCTYPE html>\n<html lang=\"en\">\n")
    page.element("head") { head in
      head.empty("meta", ["charset": "utf-8"])
      head.empty("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
      head.element("title", text: "\(title) · Halite")
      head.element("style") { $0.appendVerbatim(PageStyle.css + css) }
    }
    page.appendVerbatim("\n<body><main>\n")
  }

  mutating func close() { page.appendVerbatim("</main></body>\n</html>\n") }

  /// "Table 3. "
  mutating func nextTable() -> String {
    tables += 1
    return "Table \(tables)."
  }

  mutating func nextFigure() -> String {
    figures += 1
    return "Figure \(figures)."
  }

  mutating func heading(_ text: String) {
    page.element("h2", text: text)
    page.newLine()
  }

  mutating func paragraph(_ text: String, style: String = "") {
    page.element("p", ["class": style], text: text)
    page.newLine()
  }

  mutating func caption(_ number: String, _ text: String) {
    page.element("figcaption") { caption in
      caption.element("b", text: number)
      caption.write(" " + text)
    }
    page.newLine()
  }

  /// A table with its number and what it says.
  mutating func table(_ table: TextTable, _ text: String) {
    let number = nextTable()
    page.appendVerbatim("<figure>")
    table.write(to: &page)
    caption(number, text)
    page.appendVerbatim("</figure>\n")
  }

  /// Drawings side by side with their number and what they show.
  mutating func figure(_ drawings: [Markup], _ text: String) {
    let number = nextFigure()
    page.appendVerbatim("<figure>")
    page.element("div", ["class": "row"]) { row in
      for drawing in drawings { row.append(drawing) }
    }
    page.newLine()
    caption(number, text)
    page.appendVerbatim("</figure>\n")
  }

  mutating func list(_ facts: [RunReport.Fact], code: Set<String> = []) {
    guard !facts.isEmpty else { return }
    page.element("dl") { list in
      for fact in facts {
        list.element("dt", text: fact.name)
        list.element("dd") { value in
          if code.contains(fact.name) { value.element("code", text: fact.value) } else { value.write(fact.value) }
        }
        list.newLine()
      }
    }
    page.newLine()
  }
}
