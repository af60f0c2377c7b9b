import Foundation

/// `report.html`: one page with everything in it, no script and nothing to load; the markup is well-formed XML.
struct HTMLReport {
  let report: RunReport
  /// Figures and tables are numbered through.
  private var figures = 0
  private var tables = 0
  var page = Markup()

  init(_ report: RunReport) {
    self.report = report
    writePage()
  }

  var text: String { page.text }

  private mutating func writePage() {
    page.appendVerbatim("<!DOCTYPE html>\n<html lang=\"en\">\n")
    let title = title
    page.element("head") { head in
      head.empty("meta", ["charset": "utf-8"])
      head.empty("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
      head.element("title", text: "\(title) · Halite")
      head.element("style") { $0.appendVerbatim(PageStyle.css) }
    }
    page.appendVerbatim("\n<body><main>\n")
    writeHeader()
    writeErrors()
    writeChange()
    writeFigures()
    writeGroups()
    writeWorst()
    writeData()
    writeReproduction()
    page.appendVerbatim("</main></body>\n</html>\n")
  }

  var title: String {
    let kind = report.run.potential
    return (kind.count <= 6 ? kind.uppercased() : kind) + " potential"
  }

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
