import Structures
import TestSupport
import Testing

@testable import Formats

private func settings(_ text: String) throws -> SettingsFingerprint {
  let frame = try #require(try read(text, as: OUTCAR.self).frames.first)
  return try #require(SettingsFingerprint(of: frame))
}

private func withHubbard(_ type: Int, u: String, j: String) -> String {
  shortOUTCAR.replacingOccurrences(
    of: "   GGA     =",
    with: """
       LDA+U is selected, type is set to LDAUTYPE =  \(type)
         angular momentum for each species LDAUL =     2    2
         U (eV)           for each species LDAUU =   \(u)
         J (eV)           for each species LDAUJ =   \(j)
           GGA     =
      """)
}

/// Dudarev's functional knows U − J only; with Liechtenstein's both count.
@Test func jIsPartOfTheSettings() throws {
  let dudarev = try settings(withHubbard(2, u: "5.0  0.0", j: "1.0  0.0"))
  #expect(dudarev.hubbardU == ["Li": 4, "O": 0] && dudarev.hubbardJ.isEmpty && dudarev.hubbardType == nil)
  let both = try settings(withHubbard(1, u: "5.0  0.0", j: "1.0  0.0"))
  #expect(both.hubbardU == ["Li": 5, "O": 0] && both.hubbardJ == ["Li": 1] && both.hubbardType == 1)
  var survey = SettingsSurvey()
  survey.add(dudarev)
  survey.add(both)
  #expect(survey.mixtures.contains { $0.hasPrefix("U of Li") })
}

@Test func twoSpeciesOfOneElementKeepTheirOwnU() throws {
  let text = withHubbard(2, u: "5.3  0.0", j: "0.0  0.0")
    .replacingOccurrences(of: "PAW_PBE O 08Apr2002", with: "PAW_PBE Li 17Jan2003")
    .replacingOccurrences(of: "=O: s2p4", with: "=Li: 2s1")
  let found = try settings(text)
  #expect(found.hubbardU == ["Li": 5.3, "Li#2": 0])
  #expect(found.potcars == ["Li": "PAW_PBE Li_sv 10Sep2004", "Li#2": "PAW_PBE Li 17Jan2003"])
}

@Test func spinPolarisationIsPartOfTheSettings() throws {
  let polarised = try settings(shortOUTCAR)
  let plain = try settings(shortOUTCAR.replacingOccurrences(of: "ISPIN  =      2", with: "ISPIN  =      1"))
  #expect(polarised.spinPolarization == 2 && plain.spinPolarization == 1)
  #expect(polarised.energyScale != plain.energyScale)
}

/// OUTCAR and vasprun.xml of one run tell the same settings: the OUTCAR's 26 points are what symmetry leaves of 4 × 4 × 3.
@Test(.enabled(if: SharedData.holds("data/fixtures/vasp"), "the shared data are absent"))
func bothFilesOfARunTellTheSameSettings() throws {
  for (outcar, vasprun) in [
    ("FeO_AFM_PBEU_custodian/OUTCAR", "FeO_AFM_PBEU_custodian/vasprun.xml"),
    ("LiMn2O4-type_PBE_atomate/im1/OUTCAR.relax1", "LiMn2O4-type_PBE_atomate/im1/vasprun.xml.relax1.gz"),
  ] {
    let frames = try [outcar, vasprun].map {
      try #require(try readFrames(SharedData.path("data/fixtures/vasp/" + $0)).frames.first)
    }
    let found = try frames.map { try #require(SettingsFingerprint(of: $0)) }
    #expect(found[0].kpointDensity == found[1].kpointDensity)
    #expect(found[0].hubbardU == found[1].hubbardU && found[0].spinPolarization == found[1].spinPolarization)
  }
}
