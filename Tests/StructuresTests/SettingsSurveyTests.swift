import Structures
import Testing

private func frame(_ items: [(String, String)]) -> LabeledStructure {
  let structure = Structure(
    lattice: Lattice(a: [4, 0, 0], b: [0, 4, 0], c: [0, 0, 4]),
    elements: [ChemicalElement("Mn")!, ChemicalElement("O")!],
    positions: [[0, 0, 0], [2, 2, 2]])
  return LabeledStructure(
    structure: structure, labels: Labels(energy: -1), info: items.map { InfoItem(key: $0.0, value: $0.1) })
}

private let usual = [
  ("functional", "PBE"), ("hubbard_u", "Mn=3.9 O=0"), ("encut", "520"), ("prec", "accurate"),
  ("smearing", "-5 0.05"),
  ("potcar", "Mn=PAW_PBE Mn_pv 07Sep2000; O=PAW_PBE O 08Apr2002"), ("kpoint_density", "1000"),
  ("code", "VASP 6.1.2"),
]

private func changed(_ key: String, _ value: String) -> LabeledStructure {
  frame(usual.map { $0.0 == key ? (key, value) : $0 })
}

@Test func settingsComeBackFromTheirKeys() throws {
  let settings = try #require(SettingsFingerprint(of: frame(usual)))
  #expect(settings.hubbardU == ["Mn": 3.9, "O": 0] && settings.potcars["Mn"] == "PAW_PBE Mn_pv 07Sep2000")
  let items = settings.items(for: ["Mn", "O"])
  #expect(items == usual.map { InfoItem(key: $0.0, value: $0.1) })
  #expect(SettingsFingerprint(of: frame([("ionic_step", "3")])) == nil)
}

/// An OUTCAR prints one decimal: 3.3 of 3.32, 3.2 or 3.3 of 3.25.
@Test(arguments: [
  ("3.32", "3.3", true), ("3.25", "3.2", true), ("3.25", "3.3", true), ("3.3", "3.32", true),
  ("3.32", "3.25", false),
  ("3.32", "3.4", false), ("0.04", "0", false), ("3.9", "3.8", false),
])
func oneDecimalOfUIsNoOtherSetting(first: String, second: String, isSame: Bool) {
  let frames = [first, second].map { changed("hubbard_u", "Mn=\($0) O=0") }
  let survey = SettingsSurvey(of: frames)
  #expect(survey.mixtures.isEmpty == isSame)
  #expect(survey.deviations(of: SettingsFingerprint(of: frames[1])).isEmpty == isSame)
}

@Test(arguments: [
  ("hubbard_u", "Mn=0 O=0", "U of Mn is 0 eV, most frames have 3.9 eV"),
  ("encut", "400", "cutoff is 400 eV, most frames have 520 eV"),
  ("functional", "R2SCAN", "functional is R2SCAN, most frames have PBE"),
  ("code", "VASP 5.4.4", "code is VASP 5, most frames have VASP 6"),
  ("kpoint_density", "100", "k-points times atoms are 100, the median is 1000"),
  (
    "potcar", "Mn=PAW_PBE Mn 06Sep2000; O=PAW_PBE O 08Apr2002",
    "POTCAR of Mn is PAW_PBE Mn 06Sep2000, most frames have PAW_PBE Mn_pv 07Sep2000"
  ),
])
func aFrameOfOtherSettingsIsNamed(key: String, value: String, reason: String) {
  let other = changed(key, value)
  let survey = SettingsSurvey(of: [frame(usual), other, frame(usual)])
  #expect(survey.deviations(of: SettingsFingerprint(of: other)) == [reason])
  #expect(survey.deviations(of: SettingsFingerprint(of: frame(usual))).isEmpty)
  #expect(survey.mixtures.count == 1)
}

@Test func versionsOfOneMajorNumberAndCoarseMeshesAreOneKind() {
  let frames = [frame(usual), changed("code", "VASP 6.4.2"), changed("kpoint_density", "300"), frame([])]
  let survey = SettingsSurvey(of: frames)
  #expect(survey.mixtures.isEmpty && survey.unknown == 1 && survey.known == 3)
}

@Test func verdictsKeepTheEarlierOneAndAllReasons() {
  var judged = frame([("verdict", "ok")])
  judged.judge(.scfUnconverged, reason: "a")
  judged.judge(.truncated, reason: "b")
  judged.judge(.duplicate, reason: "c")
  #expect(judged.verdict == .truncated)
  #expect(judged.value(ofKey: FrameVerdict.reasonKey) == "a; b; c")
}
