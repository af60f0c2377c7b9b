extension HTMLReport {
  mutating func writeData() {
    heading("Data")
    let run = report.run
    let parts = report.parts.map { part in
      let labels = part.labels
      let counts = [("energy", labels.energy), ("forces", labels.forces), ("stress", labels.stress)]
        .filter { $0.1 > 0 }.map { "\($0.0) \(NumberFormatting.count($0.1))" }
      let errors = part.errors
      return RunReport.Fact(
        part.part == .all ? "All frames" : part.part.rawValue.capitalized + " part",
        NumberFormatting.count(errors.frames, "frame") + ", " + NumberFormatting.count(errors.atoms, "atom")
          + "; labels: "
          + (counts.isEmpty ? "none" : counts.joined(separator: ", ")))
    }
    let hashes = [
      RunReport.Fact("Data hash", run.dataHash), RunReport.Fact("Split hash", run.splitHash ?? "no split given"),
    ]
    let keys = Set(report.parts.flatMap(\.labels.energyKeys)).sorted()
    let energy =
      keys.isEmpty || !report.census.isEmpty
      ? [] : [RunReport.Fact("Energies read from", keys.joined(separator: ", "))]
    list(
      report.census + parts + energy + hashes,
      code: run.splitHash == nil ? ["Data hash"] : ["Data hash", "Split hash"])
  }

  mutating func writeReproduction() {
    let run = report.run
    if !report.settings.isEmpty {
      heading("Settings")
      page.element("pre", ["class": "settings"], text: report.settings)
      page.newLine()
    }
    heading("Effort")
    var effort = report.stages.map {
      RunReport.Fact($0.name.prefix(1).uppercased() + $0.name.dropFirst(), NumberFormatting.duration($0.seconds))
    }
    effort.append(RunReport.Fact("Wall time in all", NumberFormatting.duration(run.seconds)))
    effort.append(RunReport.Fact("Threads", String(run.threads)))
    if run.peakBytes > 0 { effort.append(RunReport.Fact("Peak memory", NumberFormatting.bytes(run.peakBytes))) }
    list(effort)
    heading("How to get this again")
    page.element("pre", text: run.command)
    page.newLine()
    paragraph(
      "The same data and split (hashes above), settings and version give the same numbers at any count of threads.")
    page.element("p", ["class": "foot"]) { foot in
      foot.write("Halite \(run.version). The numbers of this page are in ")
      foot.element("code", text: "report.json")
      foot.write(", each frame in ")
      foot.element("code", text: "predictions.csv")
      foot.write(". Energies in eV, lengths in Å; stress is tensile positive.")
    }
    page.newLine()
  }
}
