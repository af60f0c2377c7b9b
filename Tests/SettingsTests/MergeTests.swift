import Settings
import Structures
import Testing

private enum Activation: String, Codable, CaseIterable { case tanh, linear, logistic }

private struct Loss: Codable, Equatable {
  var forceWeight = 100.0
  var stressWeight: Double?

  enum CodingKeys: String, CodingKey {
    case forceWeight = "force_weight"
    case stressWeight = "stress_weight"
  }
}

private struct Prior: Codable, Equatable {
  var radius: Double
  var depth: Double
}

private struct Settings: Codable, Equatable {
  var layers = [15, 15]
  var activation = Activation.tanh
  var seed: UInt64 = 1
  var loss = Loss()
  var prior: Prior?
  var references: [String: Double]?
  var shuffle = true
}

@Suite struct MergeTests {
  private func merge(_ text: String) throws -> Settings {
    try merged(defaults: Settings(), with: readYAML(bytes: Array(text.utf8), file: "a.yaml"), file: "a.yaml")
  }

  private func message(_ text: String) -> String {
    do {
      _ = try merge(text)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func theUsersKeysReplaceDefaultsAndOthersStay() throws {
    let settings = try merge("layers: [5]\nloss:\n  stress_weight: 2\nseed: 18446744073709551615\n")
    #expect(settings.layers == [5])
    #expect(settings.loss == Loss(forceWeight: 100, stressWeight: 2))
    #expect(settings.seed == .max)
    #expect(settings.shuffle)
  }

  @Test func anEmptyFileGivesTheDefaults() throws { #expect(try merge("") == Settings()) }

  @Test func whatIsNilByDefaultIsKnown() throws {
    let settings = try merge("prior: {radius: 1, depth: 2.5}\nreferences: {Li: -0.3, O: -1.7}\n")
    #expect(settings.prior == Prior(radius: 1, depth: 2.5))
    #expect(settings.references == ["Li": -0.3, "O": -1.7])
  }

  @Test func aValueCanBeTakenAwayByNull() throws {
    var defaults = Settings()
    defaults.prior = Prior(radius: 1, depth: 1)
    let tree = try readYAML(bytes: Array("prior: null".utf8), file: nil)
    #expect(try merged(defaults: defaults, with: tree, file: nil).prior == nil)
  }

  @Test(arguments: [
    ("\nlos: {}\n", "a.yaml:2: unknown key `los`; did you mean `loss`?"),
    ("loss:\n  forse_weight: 1\n", "a.yaml:2: unknown key `forse_weight` in `loss`; did you mean `force_weight`?"),
    ("loss:\n  stres_weight: 1\n", "a.yaml:2: unknown key `stres_weight` in `loss`; did you mean `stress_weight`?"),
    ("prior:\n  radus: 1\n", "a.yaml:2: key `prior.radius` is missing; does `radus` mean it?"),
    (
      "prior: {radius: 1, depth: 1, zzzzzzzz: 1}\n",
      "a.yaml:1: unknown key `zzzzzzzz` in `prior`; known are depth, radius"
    ),
    ("layers: 15\n", "a.yaml:1: `layers`: expected a list, found the number 15"),
    ("layers: [15, x]\n", "a.yaml:1: `layers[1]`: expected a whole number, found the text `x`"),
    ("layers: [15, 1.5]\n", "a.yaml:1: `layers[1]`: expected a whole number, found the number 1.5"),
    ("shuffle: yes\n", "a.yaml:1: `shuffle`: expected true or false, found the text `yes`"),
    (
      "seed: -1\n",
      "a.yaml:1: `seed`: expected a whole number from 0 to 18446744073709551615, found the number -1"
    ),
    (
      "activation: tahn\n",
      "a.yaml:1: `activation`: expected one of tanh, linear, logistic, found the text `tahn`; did you mean `tanh`?"
    ),
    (
      "loss:\n  force_weight: .inf\n",
      "a.yaml:2: `loss.force_weight`: expected a finite number, found the number inf"
    ),
    ("loss:\n  force_weight: [1]\n", "a.yaml:2: `loss.force_weight`: expected a number, found a list"),
    ("loss: 3\n", "a.yaml:1: `loss`: expected a map of keys, found the number 3"),
    ("- 3\n", "a.yaml:1: expected a map of keys, found a list"),
  ])
  func errorsNameFileLineFoundAndExpected(text: String, expected: String) {
    #expect(message(text) == expected)
  }

  @Test func overridesAreDottedKeys() throws {
    let tree = try SettingsValue(override: "loss.force_weight=2.5")
    #expect(try merged(defaults: Settings(), with: tree, file: nil).loss.forceWeight == 2.5)
    let layers = try SettingsValue(override: "layers=[4, 4, 4]")
    #expect(try merged(defaults: Settings(), with: layers, file: nil).layers == [4, 4, 4])
    #expect(throws: InputError("unknown key `lss`", file: "--set", remedy: "did you mean `loss`?")) {
      try merged(defaults: Settings(), with: SettingsValue(override: "lss.x=1"), file: "--set")
    }
    for text in ["novalue", ".a=1", "a..b=1"] {
      #expect(throws: InputError.self) { try SettingsValue(override: text) }
    }
  }

  @Test func expandedSettingsReadBackAsTheSame() throws {
    var settings = Settings()
    settings.prior = Prior(radius: 0.1, depth: 1e-9)
    let text = try writeYAML(SettingsValue(encoding: settings))
    #expect(try merge(text) == settings)
    #expect(text.hasPrefix("layers: [15, 15]\nactivation: tanh\nseed: 1\nloss:\n  force_weight: 100.0\n"))
    #expect(text.contains("stress_weight: null"))
  }
}
