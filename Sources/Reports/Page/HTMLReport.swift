import Foundation

/// `report.html`: one page with everything in it, no script and nothing to load; the markup is well-formed XML.
struct HTMLReport: NumberedPage {
  let report: RunReport
  var figures = 0
  var tables = 0
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
}
