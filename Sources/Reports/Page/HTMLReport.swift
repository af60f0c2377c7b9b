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
    open(title: title)
    writeHeader()
    writeErrors()
    writeChange()
    writeFigures()
    writeGroups()
    writeWorst()
    writeData()
    writeReproduction()
    close()
  }

  var title: String {
    let kind = report.run.potential
    return (kind.count <= 6 ? kind.uppercased() : kind) + " potential"
  }
}
