import Settings
import Structures
import Testing

private struct Everything: Codable, Equatable {
  var flag: Bool? = nil
  var small: Int8? = nil
  var real: Float? = nil
  var text: String? = nil
  var inner: Inner? = nil
  var table: [String: [Int?]] = ["k": [1, nil, 3]]
  var elements: [ChemicalElement] = []

  struct Inner: Codable, Equatable { var x = 1 }
}

@Suite struct SettingsEncoderTests {
  @Test func everyNilIsWrittenAsNull() throws {
    let tree = try SettingsValue(encoding: Everything())
    guard case .map(let entries) = tree.content else {
      Issue.record("no map")
      return
    }
    #expect(entries.map(\.key) == ["flag", "small", "real", "text", "inner", "table", "elements"])
    #expect(entries.prefix(5).allSatisfy { $0.value.content == .null })
  }

  @Test func dictionariesAreInTheOrderOfTheirKeys() throws {
    let table = Dictionary(uniqueKeysWithValues: ChemicalElement.all.map { ($0.symbol, $0.atomicNumber) })
    guard case .map(let entries) = try SettingsValue(encoding: table).content else {
      Issue.record("no map")
      return
    }
    #expect(entries.map(\.key) == table.keys.sorted())
  }

  @Test func treesDecodeToWhatWasEncoded() throws {
    var value = Everything()
    #expect(try SettingsValue(encoding: value).decoded(as: Everything.self) == value)
    value.flag = true
    value.small = -128
    value.real = 0.1
    value.text = "1"
    value.inner = .init(x: 7)
    value.elements = [ChemicalElement("Li"), ChemicalElement("O")].compactMap { $0 }
    #expect(try SettingsValue(encoding: value).decoded(as: Everything.self) == value)
  }

  @Test func aTypesOwnRefusalGetsTheLine() throws {
    let tree = try readYAML(bytes: Array("table: {}\nelements:\n- Li\n- Xx\n".utf8), file: "e.yaml")
    do {
      _ = try tree.decoded(as: Everything.self, file: "e.yaml")
      Issue.record("no error")
    } catch {
      #expect("\(error)".hasPrefix("e.yaml:4: "), "\(error)")
      #expect("\(error)".contains("Xx"), "\(error)")
    }
  }
}
