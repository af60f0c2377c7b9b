import Foundation
import Structures
import TestSupport
import Testing

@testable import Formats

/// A static run of two atoms as VASP 6 prints it, as far as the reader looks.
let shortOUTCAR = """
   vasp.6.1.2 22Jul20 (build Jan 01 2021 00:00:00) complex
   POTCAR:    PAW_PBE Li_sv 10Sep2004
   POTCAR:    PAW_PBE O 08Apr2002
     VRHFIN =Li: 1s2s2p
     LEXCH  = PE
     TITEL  = PAW_PBE Li_sv 10Sep2004
     VRHFIN =O: s2p4
     TITEL  = PAW_PBE O 08Apr2002
   generate k-points for:    5    5    5
     number of dos      NEDOS =    301   number of ions     NIONS =      2
     ions per type =               1   1
     PREC   = accura    normal or accurate (medium, high low for compatibility)
     ISPIN  =      2    spin polarized calculation?
     ENCUT  =  520.0 eV  38.22 Ry
     NELM   =    100;   NELMIN=  2; NELMDL= -5     # of ELM steps
     EDIFF  = 0.1E-04   stopping-criterion for ELM
     NSW    =      0    number of steps for IOM
     IBRION =     -1    ionic relax: 0-MD 1-quasi-New 2-CG
     ISMEAR =    -5;   SIGMA  =   0.05  broadening in eV -4-tet -1-fermi 0-gaus
     LORBIT =     11    0 simple, 1 ext, 2 COOP (PROOUT)
     GGA     =    --    GGA type
   position of ions in cartesian coordinates  (Angst):
     0.00000000  0.00000000  0.00000000
     2.00000000  2.00000000  2.00000000

  --------------------------------------- Iteration      1(   1)  ---------------------------------------
   total energy-change (2. order) : 0.1034E+02  (-0.2E+01)
   number of electron       7.0000000 magnetization       1.0000000
    free energy    TOTEN  =        -1.00000000 eV
  --------------------------------------- Iteration      1(   2)  ---------------------------------------
   total energy-change (2. order) :-0.1034E-06  (-0.2E-06)
   number of electron       7.0000000 magnetization       0.9000000
  ------------------------ aborting loop because EDIFF is reached ----------------------------------------
   magnetization (x)

  # of ion       s       p       d       tot
  ------------------------------------------
      1        0.100   0.000   0.000   0.100
      2        0.000   0.800   0.000   0.800
  --------------------------------------------------
  tot          0.100   0.800   0.000   0.900

    in kB      10.00000    20.00000    30.00000     1.00000     2.00000     3.00000
    volume of cell :       64.00
        direct lattice vectors                 reciprocal lattice vectors
       4.000000000  0.000000000  0.000000000     0.250000000  0.000000000  0.000000000
       0.000000000  4.000000000  0.000000000     0.000000000  0.250000000  0.000000000
       0.000000000  0.000000000  4.000000000     0.000000000  0.000000000  0.250000000

   POSITION                                       TOTAL-FORCE (eV/Angst)
   -----------------------------------------------------------------------------------
        0.00000      0.00000      0.00000         0.100000     -0.200000      0.300000
        2.00000      2.00000      2.00000        -0.100000      0.200000     -0.300000
   -----------------------------------------------------------------------------------
      total drift:                                0.000000      0.000000      0.000000
    free  energy   TOTEN  =       -24.22450672 eV

    energy  without entropy=      -24.22361411  energy(sigma->0) =      -24.22428357
       LOOP+:  cpu time    6.3067: real time    6.3309
   General timing and accounting informations for this job:

  """

private func read(_ text: String) throws -> FrameFile {
  try Array(text.utf8).withUnsafeBytes { try OUTCAR.read(bytes: $0, file: "OUTCAR") }
}

private func reason(_ text: String) -> String {
  do {
    _ = try read(text)
    return "read"
  } catch {
    return "\(error)"
  }
}

@Test func anOUTCARGivesLabelsSettingsAndVerdict() throws {
  let frame = try #require(try read(shortOUTCAR).frames.first)
  #expect(frame.structure.formula == "LiO")
  #expect(frame.labels.energy == -24.22450672)
  #expect(frame.labels.energyWithoutEntropy == -24.22361411)
  #expect(frame.labels.energyWithoutSmearing == -24.22428357)
  #expect(frame.labels.forces == [[0.1, -0.2, 0.3], [-0.1, 0.2, -0.3]])
  #expect(frame.structure.moments == .collinear([0.1, 0.8]))
  #expect(frame.verdict == .ok)
  #expect(frame.value(ofKey: "total_moment") == "0.9")
  #expect(frame.value(ofKey: "seconds") == "6.3309")
  let settings = try #require(SettingsFingerprint(of: frame))
  #expect(settings.functional == "PBE" && settings.cutoff == 520 && settings.precision == "accurate")
  #expect(settings.smearing == "-5 0.05" && settings.kpointDensity == 250 && settings.code == "VASP 6.1.2")
  #expect(settings.potcars == ["Li": "PAW_PBE Li_sv 10Sep2004", "O": "PAW_PBE O 08Apr2002"])
  #expect(settings.hubbardU == ["Li": 0, "O": 0])
}

/// 10 kB in 64 Å³ are W = 10 · 64/1602.1766208 eV; the order printed is XX YY ZZ XY YZ ZX.
@Test func stressIsCompressivePositiveInVASPsOrder() throws {
  let virial = try #require(try read(shortOUTCAR).frames.first?.labels.virial)
  let unit = 64 / 1602.1766208
  for (found, kilobar) in zip(virial.voigt, [10.0, 20, 30, 2, 3, 1]) {
    #expect(abs(found - kilobar * unit) < 1e-14)
  }
}

/// The rows of frame 1015 of the paper: −11.221355 has no blank before it.
@Test func fusedLatticeNumbersAreCutByColumn() throws {
  let lattice = Lattice(a: [1, 0, 0], b: [0, 1, 0], c: [13.218663, 11.201523, -11.221355])
  let r = lattice.reciprocal
  func row(_ v: SIMD3<Double>, _ w: SIMD3<Double>) -> String {
    "   " + [v.x, v.y, v.z].map { String(format: "%13.9f", $0) }.joined() + "   "
      + [w.x, w.y, w.z].map { String(format: "%13.9f", $0) }.joined()
  }
  let rows = [row(lattice.a, r.a), row(lattice.b, r.b), row(lattice.c, r.c)]
  #expect(rows[2].contains("11.201523000-11.221355000"))
  let lines = shortOUTCAR.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  let start = try #require(lines.firstIndex { $0.contains("direct lattice vectors") })
  var changed = lines
  changed.replaceSubrange(start + 1...start + 3, with: rows)
  changed.removeAll { $0.contains("volume of cell") }
  let found = try #require(try read(changed.joined(separator: "\n")).frames.first)
  #expect(found.structure.lattice == lattice)
  #expect(found.verdict == .ok)
}

@Test func aLatticeThatIsNotItsOwnInverseIsSuspicious() throws {
  let frame = try #require(
    try read(
      shortOUTCAR.replacingOccurrences(
        of: "   4.000000000  0.000000000  0.000000000     0.25",
        with: "   3.000000000  0.000000000  0.000000000     0.25")
    ).frames.first)
  #expect(frame.verdict == .geometrySuspect)
  #expect(frame.value(ofKey: FrameVerdict.reasonKey)?.contains("reciprocal") ?? false)
}

@Test func electronicStepsThatEndAtNELMAreUnconverged() throws {
  let limited = shortOUTCAR.replacingOccurrences(of: "NELM   =    100", with: "NELM   =      2")
  #expect(try read(limited).frames.first?.verdict == .ok, "the last change is below EDIFF")
  let rough = limited.replacingOccurrences(of: ":-0.1034E-06", with: ":-0.1034E-02")
  #expect(try read(rough).frames.first?.verdict == .scfUnconverged)
  let said = shortOUTCAR.replacingOccurrences(
    of: "aborting loop because EDIFF is reached", with: "aborting loop EDIFF was not reached (unconverged)")
  #expect(try read(said).frames.first?.verdict == .scfUnconverged)
}

@Test func aRelaxationThatDidNotArriveIsUnconverged() throws {
  let moving = shortOUTCAR.replacingOccurrences(of: "NSW    =      0", with: "NSW    =     10")
    .replacingOccurrences(of: "IBRION =     -1", with: "IBRION =      2")
  let frame = try #require(try read(moving).frames.first)
  #expect(frame.verdict == .ionicUnconverged && frame.value(ofKey: "relaxed") == "F")
  let arrived = moving.replacingOccurrences(
    of: "     LOOP+:", with: " reached required accuracy - stopping structural energy minimisation\n     LOOP+:")
  #expect(try read(arrived).frames.first?.verdict == .ok)
}

@Test func aFileCutOffAnywhereGivesItsWholeStepsAndSaysTheRest() throws {
  let bytes = Array(shortOUTCAR.utf8)
  var verdicts: Set<FrameVerdict> = []
  for end in stride(from: 200, to: bytes.count, by: 37) {
    do {
      let file = try bytes[..<end].withUnsafeBytes { try OUTCAR.read(bytes: $0, file: "OUTCAR") }
      for frame in file.frames { verdicts.insert(try #require(frame.verdict)) }
      #expect(file.frames.count + (file.notes.isEmpty ? 0 : 1) > 0)
    } catch let error as InputError {
      #expect(error.file == "OUTCAR")
    }
  }
  #expect(verdicts.contains(.truncated) && verdicts.contains(.ok))
}

@Test func missingMomentsAndForcesAreNamed() throws {
  let lines = shortOUTCAR.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  let start = try #require(lines.firstIndex { $0.contains("magnetization (x)") })
  var bare = lines
  bare.removeSubrange(start..<start + 8)
  #expect(try read(bare.joined(separator: "\n")).frames.first?.verdict == .momentsMissing)
  let wide = shortOUTCAR.replacingOccurrences(
    of: "-0.100000      0.200000     -0.300000", with: "**************      0.200000     -0.300000")
  let frame = try #require(try read(wide).frames.first)
  #expect(frame.verdict == .forcesMissing && frame.labels.forces == nil)
  let dark = shortOUTCAR.replacingOccurrences(
    of: "free  energy   TOTEN  =       -24.22450672", with: "free  energy   TOTEN  =   **************")
  #expect(try read(dark).frames.first?.verdict == .energyMissing)
}

@Test(arguments: [
  ("nothing of VASP in here\n", "OUTCAR: found no line of a VASP OUTCAR; is this an OUTCAR?"),
  ("", "OUTCAR: the file is empty"),
  (" vasp.6.1.2 22Jul20 (build) complex\n", "OUTCAR: no ionic step in the file; did the run begin?"),
])
func filesWithoutAStepAreRefused(text: String, expected: String) { #expect(reason(text) == expected) }

@Test func wrongSpeciesAndCountsAreRefused() {
  #expect(
    reason(
      shortOUTCAR.replacingOccurrences(
        of: "ions per type =               1   1", with: "ions per type =               1"))
      == "OUTCAR: 2 ions and counts that add up to 1"
      || reason(
        shortOUTCAR.replacingOccurrences(
          of: "ions per type =               1   1", with: "ions per type =               1")
      ).hasPrefix("OUTCAR: 2 POTCARs and 1 counts"))
  #expect(
    reason(
      shortOUTCAR.replacingOccurrences(of: "PAW_PBE O 08Apr2002", with: "PAW_PBE Qq 08Apr2002")
        .replacingOccurrences(of: "=O: s2p4", with: "=Qq: s2p4"))
      == "OUTCAR: unknown species in the POTCAR title \"PAW_PBE Qq 08Apr2002\"")
  #expect(
    reason(
      shortOUTCAR.replacingOccurrences(
        of: "   4.000000000  0.000000000  0.000000000     0.25",
        with: "   4.000000000  x.000000000  0.000000000     0.25")
    )
    .contains("is not of 2 × 3 numbers in columns of 13"))
}

@Test func packedFilesAreReadAsTheyAre() throws {
  try withTemporaryFolder { folder in
    let plain = folder + "/OUTCAR"
    try write(shortOUTCAR, to: plain)
    let packed = folder + "/OUTCAR.gz"
    try Data(Gzip.compress(Array(shortOUTCAR.utf8))).write(to: URL(fileURLWithPath: packed))
    let frame = try #require(try readFrames(plain).frames.first)
    #expect(try readFrames(packed).frames.map(\.id) == [frame.id])
    let bzip = Process()
    bzip.executableURL = URL(fileURLWithPath: "/bin/bzip2")
    guard FileManager.default.isExecutableFile(atPath: "/bin/bzip2") else { return }
    bzip.arguments = ["-k", plain]
    try bzip.run()
    bzip.waitUntilExit()
    #expect(try readFrames(plain + ".bz2").frames.map(\.id) == [frame.id])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: plain + ".bz2"))
    try bytes.dropLast(20).write(to: URL(fileURLWithPath: plain + ".bz2"))
    #expect(
      message { _ = try readFrames(plain + ".bz2") }
        == "\(plain).bz2: the bzip2 data end early; copy or download the file again")
  }
}

/// Files of other people's runs, with the verdicts that their own text gives.
@Suite(.enabled(if: SharedData.holds("data/fixtures/vasp"), "the shared data are absent"))
struct OUTCARFixtureTests {
  private func frames(_ name: String) throws -> FrameFile {
    try readFrames(SharedData.path("data/fixtures/vasp/" + name))
  }

  /// NELM is 15: step 1 ends there with a change of 2e−3 eV, step 2 with 6e−7 eV (EDIFF 1e−6), step 3 after 12.
  @Test func unconvergedStepsAreFound() throws {
    #expect(try frames("dpdata/OUTCAR.ch4.unconverged").frames.map(\.verdict) == [.scfUnconverged, .ok, .ok])
  }

  /// Ten steps of molecular dynamics, of which VASP computed 1, 2, 3 and 6 itself.
  @Test func learnedStepsAreToldFromComputedOnes() throws {
    let found = try frames("dpdata/OUTCAR.ch4.ml").frames
    #expect(found.count { $0.verdict == .machineLearned } == 10)
    let computed = found.filter { $0.verdict == .ok }
    #expect(computed.map { $0.labels.energy } == [-24.12709802, -24.12724275, -24.12737148, -24.12697674])
    #expect(computed.map { $0.value(ofKey: "ionic_step") } == ["1", "2", "3", "6"])
  }

  @Test func aTriclinicCellIsTakenAsItIs() throws {
    let lattice = try #require(try frames("dpdata/vasprun.h2o.md.tribox.xml").frames.first?.structure.lattice)
    #expect(lattice == Lattice(a: [0, 5, 5], b: [4.5, 0, 5], c: [5.5, 5.1, 0]))
  }

  /// NWRITE 0: forces in the first and the last step only.
  @Test func stepsWithoutPositionsAreCounted() throws {
    let file = try frames("dpdata/Ti-aimd-nwrite0/OUTCAR")
    #expect(file.frames.map { $0.labels.energy } == [-253.15557734, -252.38626263])
    #expect(file.notes.contains { $0.contains("(8 ionic steps)") })
    #expect(try frames("dpdata/Ti-aimd-nwrite0/vasprun.xml").frames.count == 10)
  }

  @Test func momentsOfEveryStepAreRead() throws {
    let found = try frames("FeO_AFM_PBEU_custodian/OUTCAR").frames
    #expect(found.count == 28 && found.allSatisfy { $0.structure.moments?.count == 4 })
    #expect(found.first?.structure.moments == .collinear([2.833, -3.830, -0.346, -0.346]))
    #expect(found.last?.value(ofKey: "relaxed") == "T")
    #expect(found.compactMap { SettingsFingerprint(of: $0)?.hubbardU["Fe"] } == Array(repeating: 4, count: 28))
  }

  @Test func aRealFileCutOffKeepsItsWholeSteps() throws {
    let bytes = [UInt8](
      try Data(
        contentsOf: URL(fileURLWithPath: SharedData.path("data/fixtures/vasp/FeO_AFM_PBEU_custodian/OUTCAR"))))
    let text = String(decoding: bytes, as: UTF8.self)
    let third = try #require(text.range(of: "Iteration    3(   5)"))
    let file = try Array(text[..<third.lowerBound].utf8).withUnsafeBytes {
      try OUTCAR.read(bytes: $0, file: "OUTCAR")
    }
    #expect(file.frames.map(\.verdict) == [.ok, .ionicUnconverged])
    #expect(file.notes.contains { $0.hasPrefix("not read: cut off before the positions were printed") })
  }
}
