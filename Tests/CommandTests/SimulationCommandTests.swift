import Foundation
import Testing

/// Relaxation, voltages, screening and committees, on twenty frames of the sample and a small SNAP.
@Suite(.enabled(if: Program.isBuilt, "the program is not built"))
struct SimulationCommandTests {
  /// Calls `body` with a folder that holds `data.extxyz`, `hosts.extxyz` (LiTMO2), `empty.extxyz` and a potential.
  private func withPotential(_ body: (URL) throws -> Void) throws {
    try Program.withFolder { folder in
      try run(["demo", "--save-data", "sample.extxyz.gz"], folder)
      try run(["convert", "sample.extxyz.gz", "--index", "0:24", "-o", "data.extxyz"], folder)
      try run(["data", "select", "sample.extxyz.gz", "--where", "config_type=litmo2", "-o", "all.extxyz"], folder)
      try run(["convert", "all.extxyz", "--index", "0:3", "-o", "hosts.extxyz"], folder)
      try run(["generate", "delithiate", "hosts.extxyz", "-o", "empty.extxyz"], folder)
      try run(Self.training + ["-o", "snap"], folder)
      try body(folder)
    }
  }

  private static let training = [
    "train", "snap", "--data", "sample.extxyz.gz", "--set", "twojmax=2", "--set", "rcutfac=4.0",
  ]
  private static let potential = "snap/potential.safetensors"

  @discardableResult
  private func run(_ arguments: [String], _ folder: URL, status: Int32 = 0) throws -> Program {
    let program = try Program.run(arguments, in: folder)
    #expect(program.status == status, "\(arguments.joined(separator: " ")): \(program.errors)")
    return program
  }

  private func bytes(_ name: String, _ folder: URL) throws -> Data {
    try Data(contentsOf: folder.appendingPathComponent(name))
  }

  private func text(_ name: String, _ folder: URL) throws -> String {
    String(decoding: try bytes(name, folder), as: UTF8.self)
  }

  @Test func voltagesOfPartners() throws {
    try withPotential { folder in
      let files = [Self.potential, "hosts.extxyz", "empty.extxyz"]
      let bare = try run(["voltage"] + files, folder, status: 2)
      #expect(bare.errors.contains("a voltage needs the energy of metallic lithium by the same calculation"))
      let mute = try run(["voltage"] + files + ["--li-energy", "-11.169"], folder, status: 2)
      #expect(mute.errors.contains("--li-energy -11.169 needs its source"))
      let reference = ["--li-energy", "-11.169", "--li-source", "GFN1-xTB bcc, 54 atoms"]
      let found = try run(["voltage"] + files + reference + ["-o", "v"], folder)
      #expect(found.output.hasPrefix("Li reference: -11.169 eV/atom (GFN1-xTB bcc, 54 atoms)"))
      #expect(found.errors.contains("3 hosts with partners by their keys"))
      let given = try run(
        ["voltage", Self.potential, "hosts.extxyz", "--delithiated", "empty.extxyz", "--json", "-o", "w"]
          + reference,
        folder)
      let systems = try #require(given.json()["systems"] as? [[String: Any]])
      #expect(systems.count == 3)
      let rows = try text("v/voltage.csv", folder).split(separator: "\n").dropFirst()
      for (row, system) in zip(rows, systems) {
        let volts = try #require(system["volts"] as? Double)
        let field = try #require(Double(row.split(separator: ",", omittingEmptySubsequences: false)[7]))
        #expect(abs(field - volts) < 1e-12, "\(row)")
      }
      let shifted = try run(
        ["voltage"] + files + ["--difference-only", "--json", "-o", "d"], folder)
      let bareVolts = try #require((shifted.json()["systems"] as? [[String: Any]])?.first?["volts"] as? Double)
      let volts = try #require(systems[0]["volts"] as? Double)
      #expect(abs(bareVolts - 11.169 - volts) < 1e-9)
      for name in ["voltage.html", "voltage.csv", "profile.csv", "voltage.json"] {
        #expect(try !bytes("v/" + name, folder).isEmpty)
      }
    }
  }

  @Test func voltagesOfLabelsAlone() throws {
    try Program.withFolder { folder in
      let cell = "Lattice=\"4.2 0 0 0 4.2 0 0 0 4.2\" Properties=species:S:1:pos:R:3 host=a pbc=\"T T T\""
      let metals = "Mn 0 0 0\nMn 2.1 2.1 0\n"
      let oxygen = "O 2.1 0 0\nO 0 2.1 0\nO 0 0 2.1\nO 2.1 2.1 2.1\n"
      let lithium = "Li 2.1 0 2.1\nLi 0 2.1 2.1\n"
      let rich = "8\n\(cell) energy=-48\n\(metals)\(lithium)\(oxygen)"
      let poor = "6\n\(cell) energy=-37\n\(metals)\(oxygen)"
      try Data((rich + poor).utf8).write(to: folder.appendingPathComponent("pair.extxyz"))
      let call = [
        "voltage", "--labels", "pair.extxyz", "--li-energy", "-1.9", "--li-source", "bcc Li, PBE", "--json",
      ]
      let system = try #require((run(call, folder).json()["systems"] as? [[String: Any]])?.first)
      #expect(abs(try #require(system["label"] as? Double) - 3.6) < 1e-12)
      #expect(system["volts"] == nil)
      // Energies of another kind on one side are refused, not subtracted.
      let mixed = rich + poor.replacingOccurrences(of: " energy=", with: " free_energy=")
      try Data(mixed.utf8).write(to: folder.appendingPathComponent("pair.extxyz"))
      let refused = try run(call, folder, status: 1)
      #expect(refused.errors.contains("partners have energies of different kinds"))
      let relaxed = try run(call + ["--relax", "cell"], folder, status: 2)
      #expect(relaxed.errors.contains("--labels has no potential"))
    }
  }

  @Test func relaxationsAreTheSameAtAnyNumberOfThreads() throws {
    try withPotential { folder in
      let call = ["relax", Self.potential, "hosts.extxyz", "--cell", "--max-steps", "6", "--fmax", "0.001"]
      let one = try run(call + ["-o", "one.extxyz", "--threads", "1", "--json"], folder)
      try run(call + ["-o", "two.extxyz", "--threads", "2"], folder)
      #expect(try bytes("one.extxyz", folder) == bytes("two.extxyz", folder))
      #expect(try one.json()["frames"] as? Int == 3)
      let file = try text("one.extxyz", folder)
      for key in ["relaxed_from=", "relaxation=", "relaxation_start_energy=", "halite_energy="] {
        #expect(file.components(separatedBy: key).count == 4, "\(key)")
      }
      // Relaxed hosts still find their partners.
      try run(call.map { $0 == "hosts.extxyz" ? "empty.extxyz" : $0 } + ["-o", "poor.extxyz"], folder)
      let voltage = ["voltage", Self.potential, "one.extxyz", "poor.extxyz", "--difference-only", "-o", "v"]
      #expect(try run(voltage, folder).errors.contains("3 hosts with partners by their keys"))
      let wrong = try run(call + ["-o", "x.extxyz", "--max-deviation", "0.5"], folder, status: 2)
      #expect(wrong.errors.contains("--max-deviation needs a committee"))
    }
  }

  /// A potential with an active set says how far structures lie outside of what it learned from, and may stop there.
  @Test func gradesGuardARelaxationAndStandBesideAScreening() throws {
    try withPotential { folder in
      let relax = ["relax", Self.potential, "hosts.extxyz", "--max-steps", "3", "-o"]
      try run(relax + ["r.extxyz"], folder)
      let grades = try text("r.extxyz", folder).split(separator: "halite_extrapolation_grade=").dropFirst()
      #expect(grades.count == 3)
      #expect(grades.allSatisfy { Double($0.prefix { $0 != " " }).map { $0 > 0.01 && $0 < 100 } ?? false })
      let ends = try run(relax + ["x.extxyz", "--max-grade", "1e-6", "--json"], folder).json()["ends"]
      #expect(ends as? [String: Int] == ["extrapolation": 3])
      let screen = ["screen", Self.potential, "hosts.extxyz", "empty.extxyz", "--difference-only", "-o", "s"]
      #expect(try run(screen, folder).output.contains("max. γ"))
      let row = try text("s/screen.csv", folder).split(separator: "\n")[1].split(
        separator: ",", omittingEmptySubsequences: false)
      let column = try text("s/screen.csv", folder).split(separator: "\n")[0].split(separator: ",")
        .firstIndex(of: "largest_extrapolation_grade")
      #expect(try Double(row[#require(column)]).map { $0 > 0.01 } == true)
      try run(Self.training + ["--no-active-set", "-o", "bare"], folder)
      let bare = ["relax", "bare/potential.safetensors", "hosts.extxyz", "--max-grade", "9", "-o", "y.extxyz"]
      #expect(try run(bare, folder, status: 2).errors.contains("halite active build"))
    }
  }

  /// Members that are finished are kept, the rest is trained; the file holds all.
  @Test func aCommitteeIsOnePotential() throws {
    try withPotential { folder in
      let call = Self.training + ["--committee", "3", "--bootstrap", "-o", "crew"]
      try run(call, folder)
      let whole = try bytes("crew/potential.safetensors", folder)
      // As after a kill behind the second member.
      let files = FileManager.default
      try files.removeItem(at: folder.appendingPathComponent("crew/member-3"))
      for name in ["report.html", "potential.safetensors"] {
        try files.removeItem(at: folder.appendingPathComponent("crew/" + name))
      }
      let again = try run(call, folder)
      #expect(again.errors.contains("crew/member-2 is finished with these settings: kept"))
      #expect(try bytes("crew/potential.safetensors", folder) == whole)
      let crew = "crew/potential.safetensors"
      let judged = try run(["evaluate", crew, "--data", "data.extxyz", "-o", "judged"], folder)
      #expect(judged.output.contains("committee of 3 on all: deviation of the energy"))
      #expect(try text("judged/deviation.csv", folder).split(separator: "\n").count == 25)
      try run(["predict", crew, "hosts.extxyz", "-o", "said.extxyz"], folder)
      let said = try text("said.extxyz", folder)
      #expect(said.contains("halite_energy_deviation=") && said.contains(":halite_force_deviation:R:1"))
      let voltage = try run(
        ["voltage", crew, "hosts.extxyz", "empty.extxyz", "--difference-only", "--json", "-o", "v"], folder)
      let system = try #require((voltage.json()["systems"] as? [[String: Any]])?.first)
      #expect(try #require(system["deviation"] as? Double) > 0)
      let start = try run(
        ["train", "aenet", "--data", "data.extxyz", "--start", crew, "-o", "x"], folder, status: 1)
      #expect(start.errors.contains("is a committee: a training goes on from one potential"))
      let relax = ["relax", crew, "hosts.extxyz", "-o", "r.extxyz", "--max-deviation", "1e-9", "--json"]
      let ends = try #require(try run(relax, folder).json()["ends"] as? [String: Int])
      #expect(ends == ["extrapolation": 3])
    }
  }

  @Test func aScreeningGoesOnAndRanks() throws {
    try withPotential { folder in
      let call = [
        "screen", Self.potential, "hosts.extxyz", "empty.extxyz", "--relax", "cell", "--max-steps", "5",
        "--li-energy",
        "-11.169", "--li-source", "GFN1-xTB", "-o", "s",
      ]
      let first = try run(call, folder)
      #expect(first.output.contains("Li reference: -11.169 eV/atom (GFN1-xTB)"))
      let table = try text("s/screen.csv", folder)
      #expect(table.split(separator: "\n").count == 4)
      let second = try run(call, folder)
      #expect(second.errors.contains("s/evaluated.extxyz is of this very call: nothing to evaluate"))
      #expect(try text("s/screen.csv", folder) == table)
      let other = try run(
        call.filter { $0 != "--relax" && $0 != "cell" && $0 != "--max-steps" && $0 != "5" }, folder)
      #expect(!other.errors.contains("nothing to evaluate"))
      #expect(try text("s/screen.csv", folder) != table)
      let alone = try run(
        ["screen", Self.potential, "hosts.extxyz", "--difference-only", "-o", "t"], folder, status: 1)
      #expect(alone.errors.contains("no two of 3 structures are the same host with different lithium"))
    }
  }
}
