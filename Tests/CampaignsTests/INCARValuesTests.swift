import Settings
import Structures
import Testing

@testable import Campaigns

struct INCARValuesTests {
  private func said(_ changes: (String, String)...) throws -> String {
    var text = try String(decoding: #require(CampaignFiles.bytes("mp-relax.yaml")), as: UTF8.self)
    for (old, new) in changes {
      #expect(text.contains(old))
      text = text.replacing(old, with: new)
    }
    let tree = try #require(try readYAML(bytes: Array(text.utf8), file: "x.yaml")["vasp"])
    return refusal { _ = try VASPSettings(tree, file: "x.yaml") }
  }

  @Test func mistypedValuesAreRefused() throws {
    #expect(
      try said(("ENCUT: 520", "ENCUT: 52O"))
        == "x.yaml:5: `ENCUT`: expected a number, found `52O`; did you mean `520`?")
    #expect(try said(("ALGO: Fast", "ALGO: Fsat")).contains("found `Fsat`; did you mean `Fast`?"))
    #expect(try said(("ISPIN: 2", "ISPIN: 3")).contains("`ISPIN`: expected one of 1, 2, found `3`"))
    #expect(try said(("PREC: Accurate", "PREC: Acurate")).contains("did you mean `Accurate`?"))
    #expect(try said(("LREAL: Auto", "LREAL: Atuo")).contains("did you mean `Auto`?"))
    #expect(try said(("LASPH: true", "LASPH: ture")).contains("expected true or false, found `ture`"))
    #expect(try said(("NELM: 100", "NELM: 100.5")).contains("expected a whole number"))
    #expect(try said(("ISMEAR: -5", "ISMEAR: -6")).contains("`ISMEAR`: expected one of"))
    #expect(try said(("SIGMA: 0.05", "SIGMA: [0.05, 0.1]")).contains("`SIGMA`: expected a number"))
    #expect(try said(("ENCUT: 520", "ENCUT: -520")).contains("expected a number of 1.0 to"))
    #expect(try said(("ISIF: 2, ISMEAR: 0}", "ISIF: 2, ISMEAR: zero}")).contains("`ISMEAR`: expected one of"))
  }

  @Test func whatVASPTakesIsTaken() throws {
    for (old, new) in [
      ("ALGO: Fast", "ALGO: VeryFast"), ("ALGO: Fast", "ALGO: f"), ("ALGO: Fast", "ALGO: scGW0"),
      ("LREAL: Auto", "LREAL: .FALSE."), ("LREAL: Auto", "LREAL: On"), ("LASPH: true", "LASPH: .T."),
      ("ENCUT: 520", "ENCUT: \"520\""), ("SIGMA: 0.05", "SIGMA: 5D-2"), ("ISIF: 3", "ISIF: 3\n    GGA: PS"),
      ("ISIF: 3", "ISIF: 3\n    METAGGA: r2scan"), ("ISIF: 3", "ISIF: 3\n    LSORBIT: false"),
    ] { #expect(try said((old, new)) == "", "\(new)") }
    // What halite does not know its user may.
    #expect(try said(("ALGO: Fast", "ALGO: Newest"), ("other_tags: []", "other_tags: [algo]")) == "")
  }

  @Test func whatHaliteWritesItselfIsRefused() throws {
    for (tag, words) in [
      ("MAGMOM: 5", "`moments`"), ("LDAUU: [0, 3.9]", "`hubbard_u`"), ("LDAU: true", "`hubbard_u`"),
      ("KSPACING: 0.25", "`kpoints: {density: …}`"), ("nupdown: 4", "--nupdown"), ("LSORBIT: true", "collinear"),
    ] {
      let text = try said(("ENCUT: 520", "ENCUT: 520\n    \(tag)"))
      #expect(text.hasPrefix("x.yaml:6: `\(tag.prefix { $0 != ":" })`") && text.contains(words), "\(text)")
    }
    #expect(try said(("{NSW: 0, IBRION", "{MAGMOM: 1, NSW: 0, IBRION")).contains("is written by halite"))
  }

  @Test func keysOfMomentsAreThoseOfAtoms() throws {
    for (key, near) in [
      ("Mn3", "Mn3+"), ("Mn+3", "Mn3+"), ("Mn3++", "Mn3+"), ("O2", "O2-"), ("deafult", "default"),
    ] {
      let text = try said(("moments: {Fe: 5,", "moments: {\(key): 4, Fe: 5,"))
      #expect(text.hasPrefix("x.yaml:"), "\(text)")
      #expect(
        text.contains("moments: `\(key)` is neither an element") && text.contains("did you mean `\(near)`?"),
        "\(text)")
    }
    #expect(try said(("moments: {Fe: 5,", "moments: {O2-: 0.5, Ni2+: 2, Fe: 5,")) == "")
  }

  @Test func theLadderSetsValuesThatVASPKnows() throws {
    let text = try String(decoding: #require(CampaignFiles.bytes("repair.yaml")), as: UTF8.self)
      .replacing("set: {ALGO: Exact}", with: "set: {ALGO: Exakt}")
    let tree = try readYAML(bytes: Array(text.utf8), file: "repair.yaml")
    let error = refusal { _ = try RepairLadder(tree, file: "repair.yaml") }
    #expect(error.hasPrefix("repair.yaml:") && error.contains("did you mean `Exact`?"), "\(error)")
  }
}
