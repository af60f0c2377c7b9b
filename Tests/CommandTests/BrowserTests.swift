import Foundation
import Testing

/// The pages as a browser shows them.
@Suite(
  .enabled(if: Browser.path != nil, "there is no chromium"),
  .enabled(if: Program.isBuilt, "the program is not built"))
struct BrowserTests {
  @Test(.timeLimit(.minutes(2))) func aStudyHasNoErrorAndEveryFigure() throws {
    try Program.withFolder { folder in
      #expect(try Program.run(["demo", "--save-data", "sample.extxyz.gz"], in: folder).status == 0)
      let text =
        "data: sample.extxyz.gz\nsizes: [30, 60, all]\npotentials:\n  - {kind: snap, settings: {twojmax: 2}}\n"
      try Data(text.utf8).write(to: folder.appendingPathComponent("study.yaml"))
      #expect(try Program.run(["compare", "study.yaml", "-o", "out"], in: folder).status == 0)
      let page = folder.appendingPathComponent("out/study.html")
      let figures = try FileManager.default.contentsOfDirectory(
        atPath: folder.appendingPathComponent("out/figures").path
      )
      .filter { $0.hasSuffix(".svg") }.count
      #expect(figures >= 15)
      // A copy that measures itself: width and height of every drawing, and what goes out of the page.
      let script = """
        <script>
        const sizes = [...document.querySelectorAll('svg')].map(s => s.getBoundingClientRect());
        const wide = [...document.querySelectorAll('figure > *')].filter(e => e.scrollWidth > e.clientWidth + 1);
        const cut = [...document.querySelectorAll('svg text')].filter(t => {
          const b = t.getBoundingClientRect(), s = t.ownerSVGElement.getBoundingClientRect();
          return b.right > s.right + 1 || b.left < s.left - 1 || b.bottom > s.bottom + 1 || b.top < s.top - 1;
        });
        document.title = 'MEASURED ' + sizes.filter(r => r.width > 100 && r.height > 100).length + ' ' + wide.length
          + ' ' + cut.length + ' ' + cut.slice(0, 3).map(t => t.textContent).join('|');
        </script></body>
        """
      let source = try String(contentsOf: page, encoding: .utf8)
      let measured = folder.appendingPathComponent("measured.html")
      try Data(source.replacing("</body>", with: script).utf8).write(to: measured)
      let shown = try Browser.dump(page, in: folder)
      #expect(!shown.errors.contains("CONSOLE"), "\(shown.errors)")
      #expect(shown.document.components(separatedBy: "<svg").count - 1 == figures)
      let sizes = try Browser.dump(measured, in: folder)
      let title = try #require(sizes.document.firstMatch(of: #/MEASURED (\d+) (\d+) (\d+) ([^<]*)/#))
      #expect(Int(title.1) == figures, "every figure has a size")
      #expect(Int(title.2) == 0, "nothing is wider than the page")
      #expect(Int(title.3) == 0, "no text is cut: \(title.4)")
    }
  }
}

/// Chromium without a window.
enum Browser {
  static let path: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/chromium" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// The document after it was laid out, and what the browser said.
  static func dump(_ page: URL, in folder: URL) throws -> (document: String, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "")
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0", "--window-size=1160,2000",
      "--user-data-dir=\(folder.path)/browser", "--virtual-time-budget=2000", "--dump-dom", page.absoluteString,
    ]
    let (output, errors) = (folder.appendingPathComponent("dom"), folder.appendingPathComponent("said"))
    for file in [output, errors] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    return (try String(contentsOf: output, encoding: .utf8), try String(contentsOf: errors, encoding: .utf8))
  }
}
