import Foundation
import Testing

/// The way of an aenet user: their folder in, their folder out.
@Suite(.enabled(if: Program.isBuilt, "the program is not built"))
struct AENETCommandTests {
  private let fixtures = Program.root.appendingPathComponent("Tests/PotentialsTests/Fixtures/aenet").path

  @Test func anAenetFolderServesAsPotential() throws {
    try Program.withFolder { folder in
      let predict = try Program.run(
        ["predict", fixtures + "/behler", fixtures + "/frame.xsf", "-o", "p.extxyz", "--json"], in: folder)
      #expect(predict.status == 0, "\(predict.errors)")
      let energies = try #require(try predict.json()["energies"] as? [Double])
      #expect(abs(energies[0] - -2.4269868955497405) < 1e-11)
      let evaluate = try Program.run(
        ["evaluate", fixtures + "/behler/predict.in", "--data", fixtures + "/frame.xsf", "-o", "e", "--json"],
        in: folder)
      #expect(evaluate.status == 0, "\(evaluate.errors)")
      let there = try Program.run(["potential", "convert", fixtures + "/chebyshev", "p.safetensors"], in: folder)
      #expect(there.output == "aenet for Li O Mn: p.safetensors\n", "\(there.errors)")
      let back = try Program.run(["potential", "convert", "p.safetensors", "again", "--json"], in: folder)
      #expect(
        try back.json()["files"] as? [String] == [
          "Li.nn", "O.nn", "Mn.nn", "Li.nn.ascii", "O.nn.ascii", "Mn.nn.ascii", "predict.in",
        ])
      let energy = try ["p.safetensors", "again"].map { name in
        let run = try Program.run(
          ["predict", name, fixtures + "/frame.xsf", "-o", "q.extxyz", "--json"], in: folder)
        return try #require(try run.json()["energies"] as? [Double])[0]
      }
      #expect(abs(energy[0] - energy[1]) < 1e-11)
      let wrong = try Program.run(["predict", ".", fixtures + "/frame.xsf", "-o", "r.extxyz"], in: folder)
      #expect(wrong.status == 1)
      #expect(wrong.errors.contains("the folder holds neither predict.in nor network files"))
    }
  }

  @Test func trainsByTheInputFilesOfAenet() throws {
    try Program.withFolder { folder in
      // One frame with three energies: enough for a few epochs.
      let text = try String(contentsOfFile: fixtures + "/frame.xsf", encoding: .utf8)
      for k in 0..<3 {
        let energy = text.replacing("total energy = -", with: "total energy = -\(k)")
        try energy.write(to: folder.appendingPathComponent("f\(k).xsf"), atomically: true, encoding: .utf8)
      }
      let run = try Program.run(
        [
          "train", "aenet", "--from-aenet", fixtures + "/behler", "--data", "f0.xsf", "f1.xsf", "f2.xsf", "-o", "a",
        ],
        in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("FILES are not taken"))
      let config = try String(contentsOf: folder.appendingPathComponent("a/config.yaml"), encoding: .utf8)
      #expect(config.contains("G=5 type2=Li type3=Li Rc=4.0 lambda=-1.0 zeta=16.0 eta=0.005"))
      let again = try Program.run(
        ["train", "aenet", "--config", "a/config.yaml", "--data", "f0.xsf", "f1.xsf", "f2.xsf", "-o", "b"],
        in: folder)
      #expect(again.status == 0, "\(again.errors)")
      let both = try ["a", "b"].map {
        try Data(contentsOf: folder.appendingPathComponent($0 + "/potential.safetensors"))
      }
      #expect(both[0] == both[1])
      let preset = try Program.run(
        ["train", "aenet", "--from-aenet", "x", "--preset", "paper", "--data", "f0.xsf", "-o", "c"], in: folder)
      #expect(preset.status == 2 && preset.errors.contains("--preset and --from-aenet exclude each other"))
    }
  }
}
