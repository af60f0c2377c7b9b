import Settings
import Structures
import Testing

@testable import Campaigns

struct INCARTagsTests {
  private func said(_ old: String, _ new: String) throws -> String {
    let text = try String(decoding: #require(CampaignFiles.bytes("mp-relax.yaml")), as: UTF8.self)
    #expect(text.contains(old))
    let tree = try #require(try readYAML(bytes: Array(text.replacing(old, with: new).utf8), file: "x.yaml")["vasp"])
    return refusal { _ = try VASPSettings(tree, file: "x.yaml") }
  }

  @Test func aMistypedTagIsAnsweredWithTheNearest() throws {
    #expect(
      try said("    ENCUT: 520\n", "    ENCUTT: 520\n")
        == "x.yaml:5: `ENCUTT` is no tag of VASP's INCAR; did you mean `ENCUT`? "
        + "a tag that halite does not know goes into vasp.other_tags of campaign.yaml")
    #expect(try said("ISMEAR: -5", "ismaer: -5").contains("did you mean `ISMEAR`?"))
    #expect(try said("{NSW: 0, IBRION: -1", "{NWS: 0, IBRION: -1").contains("did you mean `NSW`?"))
    #expect(try said("    ENCUT: 520\n", "    ENCUT: 520\n    encut: 400\n").contains("`encut` is there twice"))
    #expect(try said("    ENCUT: 520\n", "    ENCUT: 520\n    MY_TAG: 1\n").contains("other_tags"))
    #expect(try said("    ENCUT: 520\n", "    encut: 520\n") == "")
  }

  @Test func aTagThatIsNamedIsTaken() throws {
    let text = try String(decoding: #require(CampaignFiles.bytes("mp-relax.yaml")), as: UTF8.self)
      .replacing("ENCUT: 520", with: "ENCUT: 520\n    MY_TAG: 1")
      .replacing("other_tags: []", with: "other_tags: [my_tag]")
    let tree = try #require(try readYAML(bytes: Array(text.utf8), file: "x.yaml")["vasp"])
    #expect(try VASPSettings(tree, file: "x.yaml").other_tags == ["my_tag"])
  }

  @Test func theLadderNamesTagsToo() throws {
    let text = try String(decoding: #require(CampaignFiles.bytes("repair.yaml")), as: UTF8.self)
    for (old, new) in [
      ("set: {IMIX: 1}", "set: {IMXI: 1}"), ("unset: [ISTART]", "unset: [ISTRAT]"), ("{NSW: {by", "{NWS: {by"),
    ] {
      #expect(text.contains(old))
      let tree = try readYAML(bytes: Array(text.replacing(old, with: new).utf8), file: "repair.yaml")
      let error = refusal { _ = try RepairLadder(tree, file: "repair.yaml") }
      #expect(error.contains("did you mean") && error.hasPrefix("repair.yaml:"), "\(error)")
    }
  }

  @Test func whatVASPKnows() {
    for tag in ["ENCUT", "LDAUU", "MAGMOM", "NUPDOWN", "LANGEVIN_GAMMA", "ML_LMLFF", "LCLIMB", "PHON_DOS", "IVDW"] {
      #expect(INCARTags.known.contains(tag))
    }
    #expect(INCARTags.known.count > 500)
  }
}
