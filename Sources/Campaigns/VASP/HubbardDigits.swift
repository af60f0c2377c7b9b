import Formats
import Structures

/// U and J of an INCAR, with the digits that an OUTCAR leaves out: it prints 3.25 eV as "3.2" or "3.3".
package struct HubbardDigits: Sendable {
  private let tags: [String: String]

  /// - Parameter text: of INCAR.
  package init(incar text: String) { tags = RunInputs.tags(text) }

  init(tags: [String: String]) { self.tags = tags }

  /// The keys `hubbard_u` and `hubbard_j` of a frame with INCAR's numbers, where each rounds to what the output printed; else as they are.
  package func sharpen(_ frame: inout LabeledStructure) {
    guard tags["LDAU"].flatMap(RunInputs.letter) == "t", var settings = SettingsFingerprint(of: frame) else {
      return
    }
    let species = elementRuns(frame.structure.elements)
    let (u, j) = (list("LDAUU"), list("LDAUJ"))
    // An element that comes twice has U by its places, which a frame does not tell.
    guard u.count == species.count, Set(species).count == species.count, j.isEmpty || j.count == u.count else {
      return
    }
    let areApart = settings.hubbardType != nil
    for (place, element) in species.enumerated() {
      let other = j.isEmpty ? 0 : j[place]
      // Without spherical averages (LDAUTYPE 2) only U − J counts, each of which was rounded.
      let number = areApart || other == 0 ? u[place] : u[place] - other
      sharpen(&settings.hubbardU[element.symbol], number, within: areApart || other == 0 ? 0.05 : 0.1)
      if areApart { sharpen(&settings.hubbardJ[element.symbol], other, within: 0.05) }
    }
    for item in settings.items(for: Set(species.map(\.symbol))) where ["hubbard_u", "hubbard_j"].contains(item.key)
    {
      frame.set(item.key, item.value)
    }
  }

  /// U of 0 may also be that of an element without LDA+U (LDAUL −1).
  private func sharpen(_ printed: inout Double?, _ number: Double, within unit: Double) {
    guard let value = printed, value != 0, number.isFinite, abs(value - number) <= unit * (1 + 1e-6) else { return }
    printed = number
  }

  /// "2*0 3.9" as its numbers.
  func list(_ tag: String) -> [Double] {
    RunInputs.words(tags[tag] ?? "").flatMap { word -> [Double] in
      let parts = word.split(separator: "*")
      guard parts.count == 2, let count = Int(parts[0]), (0...1000).contains(count) else {
        return [vaspNumber(word) ?? .nan]
      }
      return Array(repeating: vaspNumber(String(parts[1])) ?? .nan, count: count)
    }
  }
}
