import Foundation
import Structures
import Testing

@testable import Formats

/// One calculation of two atoms.
private let short = """
  <?xml version="1.0" encoding="ISO-8859-1"?>
  <modeling>
   <generator><i name="version" type="string">6.1.2  </i></generator>
   <incar><v name="LDAUU"> 3.9 0.0</v><v type="int" name="LDAUL"> 2 -1</v></incar>
   <kpoints><generation param="Gamma"><v type="int" name="divisions"> 5 5 4 </v></generation></kpoints>
   <parameters>
    <i type="string" name="PREC">accura</i><i name="ENMAX"> 520.0</i><i name="EDIFF"> 0.00001</i>
    <i type="int" name="ISMEAR"> -5</i><i name="SIGMA"> 0.05</i><i type="int" name="NELM"> 100</i>
    <i type="string" name="GGA">--</i><i type="int" name="NSW"> 0</i><i type="int" name="IBRION"> -1</i>
   </parameters>
   <atominfo>
    <array name="atoms" ><set><rc><c>Mn</c><c>   1</c></rc><rc><c>O </c><c>   2</c></rc></set></array>
    <array name="atomtypes" ><set>
     <rc><c>1</c><c>Mn</c><c>54.938</c><c>13.0</c><c> PAW_PBE Mn_pv 07Sep2000 </c></rc>
     <rc><c>1</c><c>O </c><c>16.000</c><c>6.0</c><c> PAW_PBE O 08Apr2002 </c></rc>
    </set></array>
   </atominfo>
   <!-- <calculation> a comment is no tag -->
   <calculation>
    <scstep><energy><i name="e_fr_energy"> -14.1 </i><i name="e_wo_entrp"> -14.0 </i>
     <i name="e_0_energy"> -14.05 </i></energy></scstep>
    <structure>
     <varray name="basis" ><v>4 0 0</v><v>0 4 0</v><v>0 0 4</v></varray>
     <varray name="positions" ><v>0 0 0</v><v>0.5 0.5 0.25</v></varray>
    </structure>
    <varray name="forces" ><v>0.1 -0.2 0.3</v><v>-0.1 0.2 -0.3</v></varray>
    <varray name="stress" ><v>10 1 3</v><v>1 20 2</v><v>3 2 30</v></varray>
    <energy><i name="e_fr_energy"> -14.1 </i><i name="e_wo_entrp"> -14.0 </i><i name="e_0_energy"> 0.0 </i></energy>
    <time name="totalsc">   10.77   10.86</time>
    <eigenvalues><array><set><r>1 2</r></set></array></eigenvalues>
   </calculation>
  </modeling>

  """

private func read(_ text: String) throws -> FrameFile {
  try Array(text.utf8).withUnsafeBytes { try VasprunXML.read(bytes: $0, file: "vasprun.xml") }
}

@Test func aVasprunGivesLabelsAndSettings() throws {
  let frame = try #require(try read(short).frames.first)
  #expect(frame.structure.positions == [[0, 0, 0], [2, 2, 1]])
  #expect(frame.labels.energy == -14.1 && frame.labels.energyWithoutEntropy == -14)
  #expect(frame.labels.energyWithoutSmearing == -14.05, "the calculation's own number is wrong in some versions")
  #expect(frame.labels.forces == [[0.1, -0.2, 0.3], [-0.1, 0.2, -0.3]])
  let virial = try #require(frame.labels.virial)
  let unit = 64 / 1602.1766208
  for (found, kilobar) in zip(virial.voigt, [10.0, 20, 30, 2, 3, 1]) {
    #expect(abs(found - kilobar * unit) < 1e-14)
  }
  let settings = try #require(SettingsFingerprint(of: frame))
  #expect(settings.functional == "PBE" && settings.cutoff == 520 && settings.kpointDensity == 200)
  #expect(settings.hubbardU == ["Mn": 3.9, "O": 0] && settings.potcars["Mn"] == "PAW_PBE Mn_pv 07Sep2000")
  #expect(frame.verdict == .ok)
}

/// A piece of the file that ends anywhere gives frames or one clear error, and never half a frame as a whole one.
@Test func aCutOffVasprunSaysSo() throws {
  let bytes = Array(short.utf8)
  var wasTruncated = false
  for end in stride(from: 40, to: bytes.count, by: 13) {
    do {
      let file = try bytes[..<end].withUnsafeBytes { try VasprunXML.read(bytes: $0, file: "vasprun.xml") }
      for frame in file.frames {
        if frame.labels.energy == nil || frame.labels.forces == nil { #expect(frame.verdict == .truncated) }
        wasTruncated = wasTruncated || frame.verdict == .truncated
      }
    } catch let error as InputError {
      #expect(error.file == "vasprun.xml")
    }
  }
  #expect(wasTruncated)
}

@Test(arguments: [
  ("<html></html>", "vasprun.xml: found no <modeling>; is this a vasprun.xml of VASP?"),
  ("<modeling></modeling>", "vasprun.xml: no calculation in the file; did the run begin?"),
])
func otherXMLIsRefused(text: String, expected: String) {
  #expect(message { _ = try read(text) } == expected)
}

/// Two runs behind one another, of different atoms: found by fuzzing, where the second atoms met the first positions.
@Test func aSecondRunInTheFileIsRefused() throws {
  let second = short.replacing(
    "<c>O </c><c>   2</c></rc>", with: "<c>O </c><c>   2</c></rc><rc><c>O </c><c>   2</c></rc>")
  let error = #expect(throws: InputError.self) { try read(short + second) }
  #expect(error?.message == "<atominfo> stands behind calculation 1: two runs in one file")
  var options = ReadOptions()
  options.salvages = true
  let bytes = Array((short + second).utf8)
  let kept = try bytes.withUnsafeBytes { try VasprunXML.read(bytes: $0, file: "vasprun.xml", options: options) }
  #expect(kept.frames.map(\.structure.count) == [2])
}

@Test func anUnknownSpeciesIsNamed() {
  let text = short.replacingOccurrences(of: "<c>Mn</c><c>   1</c>", with: "<c>Qq</c><c>   1</c>")
  #expect(message { _ = try read(text) } == "vasprun.xml: unknown species \"Qq\" in <atominfo>")
}

@Test func numbersThatAreNoneMakeTheFrameSuspicious() throws {
  let text = short.replacingOccurrences(of: "<v>-0.1 0.2 -0.3</v>", with: "<v>*** 0.2 -0.3</v>")
  let frame = try #require(try read(text).frames.first)
  #expect(frame.labels.forces == nil && frame.verdict == .forcesMissing)
  #expect(frame.value(ofKey: FrameVerdict.reasonKey)?.contains("row 2 of forces") ?? false)
}

/// A stream in small pieces gives what the whole file gives.
@Test func aStreamGivesWhatTheWholeFileGives() throws {
  try withTemporaryFolder { folder in
    let padding = "<!-- " + String(repeating: "x", count: 3_000_000) + " -->\n"
    let text = short.replacingOccurrences(of: "<eigenvalues>", with: padding + "<eigenvalues>")
    let path = folder + "/vasprun.xml"
    try write(text, to: path)
    var ids: [String] = []
    _ = try forEachFrame(of: path) { ids.append($0.id) }
    #expect(try ids == read(text).frames.map(\.id) && ids.count == 1)
  }
}
