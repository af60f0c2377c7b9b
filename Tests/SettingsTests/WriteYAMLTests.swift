import Settings
import Structures
import Testing

@Suite struct WriteYAMLTests {
  @Test func writesBlocksAndFlowLists() throws {
    let text = "a: 1\nb:\n  c: [15, 15]\n  d: \"no: \\\"x\\\"\"\ne: null\nf: {}\n"
    let tree = try readYAML(bytes: Array(text.utf8), file: nil)
    #expect(writeYAML(tree) == text)
  }

  @Test(arguments: [
    "true", "1", "1e5", "", "-", "~", "a b", "# x", "é\n\t\"\\", "\u{1}", "null", ".5", "-x", "a: b",
  ])
  func textsReadBackAsTexts(text: String) throws {
    let tree = SettingsValue(.map([SettingsValue.Entry(text, SettingsValue(.text(text)))]))
    let back = try readYAML(bytes: Array(writeYAML(tree).utf8), file: nil)
    #expect(back[text]?.content == .text(text))
  }

  @Test func numbersReadBackAsTheSameBits() throws {
    var random = RandomSource(seed: 3)
    for _ in 0..<2000 {
      let number = Double(bitPattern: random.next())
      guard number.isFinite else { continue }
      let text = writeYAML(SettingsValue(.list([SettingsValue(.real(number))])))
      let back = try readYAML(bytes: Array(text.utf8), file: nil)
      #expect(try back.decoded(as: [Double].self)[0].bitPattern == number.bitPattern, "\(text)")
    }
  }

  @Test func randomTreesSurviveARoundTrip() throws {
    var random = RandomSource(seed: 5)
    for _ in 0..<500 {
      let tree = randomTree(&random, depth: 0)
      let back = try readYAML(bytes: Array(writeYAML(tree).utf8), file: nil)
      #expect(try writeJSON(back) == writeJSON(tree))
    }
  }

  private func randomTree(_ random: inout RandomSource, depth: Int) -> SettingsValue {
    switch random.below(depth > 3 ? 4 : 6) {
    case 0: return SettingsValue(.bool(random.below(2) == 0))
    case 1: return SettingsValue(.integer(Int128(random.next()) - Int128(Int64.max)))
    case 2: return SettingsValue(.real(random.uniform() * 1e10))
    case 3: return SettingsValue(.text(["a", "true", "12", "x y", ""][random.below(5)]))
    case 4:
      var items: [SettingsValue] = []
      for _ in 0..<random.below(4) { items.append(randomTree(&random, depth: depth + 1)) }
      return SettingsValue(.list(items))
    default:
      var entries: [SettingsValue.Entry] = []
      for k in 0..<random.below(4) {
        entries.append(SettingsValue.Entry("k\(k)", randomTree(&random, depth: depth + 1)))
      }
      return SettingsValue(.map(entries))
    }
  }
}
