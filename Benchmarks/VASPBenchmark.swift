import Formats
import Foundation
import Structures

/// A VASP output of some 100 MB, made up as the outputs of short relaxations are: half of it is electronic steps and blocks that are
/// read, half eigenvalues. (In a static run with a fine mesh, nine tenths and more are eigenvalues, and reading is several times faster.)
private enum MadeUpRun {
  static let steps = 800
  static let atoms = 64
  static let energy = -24.22450672

  /// An OUTCAR of relaxation steps.
  static func outcar() -> [UInt8] {
    var text = """
       vasp.6.1.2 22Jul20 (build) complex
         TITEL  = PAW_PBE Mn_pv 02Aug2007
         ions per type =              \(atoms)
         ENCUT  =  520.0 eV
         ISPIN  =      2    spin polarized calculation?
         LORBIT =     11    0 simple, 1 ext, 2 COOP (PROOUT), +10 PAW based schemes

      """
    let eigenvalues = (1...200).map {
      "     \(String(format: "%4d", $0))     \(String(format: "%9.4f", Double($0) / 7 - 20))      1.00000\n"
    }.joined()
    let point =
      " k-point     1 :       0.0000    0.0000    0.0000\n  band No.  band energies     occupation \n" + eigenvalues
      + "\n"
    for step in 1...steps {
      for electronic in 1...40 { text += iteration(step, electronic) }
      text +=
        "------------------------ aborting loop because EDIFF is reached ----------------------------------------\n"
      for _ in 0..<8 { text += point }
      text += tail
    }
    return Array(text.utf8)
  }

  private static func iteration(_ step: Int, _ electronic: Int) -> String {
    let names = ["POTLOK", "SETDIJ", "EDDAV", "DOS", "CHARGE", "MIXING", "LOOP"]
    let times = names.map { "    \($0):  cpu time    0.0612: real time    0.0620\n" }.joined()
    let terms = (0..<12).map { "  energy of term number \($0 + 10)      =      -\($0 + 100).12345678\n" }.joined()
    return
      "--------------------------------------- Iteration \(String(format: "%6d(%4d)", step, electronic))  ---------------------------------------\n\n\n"
      + times + """

         eigenvalue-minimisations  :  1200
         total energy-change (2. order) :-0.1234567E-0\(electronic % 9)  (-0.2345678E-0\(electronic % 9))
         number of electron     256.0000004 magnetization      64.0123456
         augmentation part       12.3456789 magnetization      23.4567890


        """ + terms + "  free energy    TOTEN  =       -24.12345678 eV\n\n"
  }

  private static var tail: String {
    var text = """
      \u{20}magnetization (x)
      \u{20}
      # of ion       s       p       d       tot
      ------------------------------------------

      """
    for atom in 1...atoms { text += String(format: "%5d        0.010   0.020   3.770   3.800\n", atom) }
    text += """
      --------------------------------------------------
      tot            0.640   1.280 241.280 243.200

      \u{20} in kB      10.00000    20.00000    30.00000     1.00000     2.00000     3.00000
      \u{20}     direct lattice vectors                 reciprocal lattice vectors
           8.000000000  0.000000000  0.000000000     0.125000000  0.000000000  0.000000000
           0.000000000  8.000000000  0.000000000     0.000000000  0.125000000  0.000000000
           0.000000000  0.000000000  8.000000000     0.000000000  0.000000000  0.125000000

       POSITION                                       TOTAL-FORCE (eV/Angst)
       -----------------------------------------------------------------------------------

      """
    for atom in 0..<atoms {
      text += String(
        format: "   %10.5f   %10.5f   %10.5f      %12.6f  %12.6f  %12.6f\n", Double(atom) / 8, Double(atom % 4),
        Double(atom % 7), 0.1, -0.2, 0.3)
    }
    return text + """
       -----------------------------------------------------------------------------------
        free  energy   TOTEN  =       -24.22450672 eV
        energy  without entropy=      -24.22361411  energy(sigma->0) =      -24.22428357
           LOOP+:  cpu time    6.3067: real time    6.3309

      """
  }

  /// A vasprun.xml of calculations.
  static func vasprun() -> [UInt8] {
    func rows(_ count: Int, _ row: (Int) -> (Double, Double, Double)) -> String {
      (0..<count).map {
        let r = row($0); return String(format: "   <v> %16.8f %16.8f %16.8f </v>\n", r.0, r.1, r.2)
      }.joined()
    }
    let basis = rows(3) { ($0 == 0 ? 8 : 0, $0 == 1 ? 8 : 0, $0 == 2 ? 8 : 0) }
    let cells = (0..<atoms).map { _ in "<rc><c>Mn</c><c>   1</c></rc>\n" }.joined()
    let eigenvalues = (1...2_000).map {
      "      <r> \(String(format: "%9.4f", Double($0 % 200) / 7 - 20))    1.0000 </r>\n"
    }.joined()
    let energy =
      "<energy><i name=\"e_fr_energy\">    -24.22450672 </i><i name=\"e_0_energy\">    -14.05000000 </i></energy>\n"
    let step =
      "<calculation>\n<scstep>\n" + energy + "</scstep>\n<structure>\n<varray name=\"basis\" >\n" + basis
      + "</varray>\n<varray name=\"positions\" >\n"
      + rows(atoms) { (Double($0) / 40, Double($0 % 4) / 4, Double($0 % 7) / 7) }
      + "</varray>\n</structure>\n<varray name=\"forces\" >\n" + rows(atoms) { _ in (0.1, -0.2, 0.3) }
      + "</varray>\n" + energy + "<eigenvalues>\n" + eigenvalues + "</eigenvalues>\n</calculation>\n"
    let head = "<modeling>\n<atominfo>\n<array name=\"atoms\" >\n" + cells + "</array>\n</atominfo>\n"
    return Array((head + String(repeating: step, count: 1200) + "</modeling>\n").utf8)
  }
}

/// Megabytes a second at which a file is read frame by frame.
private func measure(_ bytes: [UInt8], name: String, runs: Int) throws -> Measurement {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(getpid()).\(name)")
  defer { try? FileManager.default.removeItem(at: url) }
  try Data(bytes).write(to: url)
  let isXML = name.hasSuffix(".xml")
  var frames = 0
  var times: [Double] = []
  var processorTimes: [Double] = []
  for _ in 0..<runs {
    let start = clock()
    frames = 0
    times.append(
      try seconds {
        _ = try forEachFrame(of: url.path) { frame in
          frames += 1
          // Every label of every frame is there, and right: nothing was passed over.
          let force: SIMD3<Double> = [0.1, -0.2, 0.3]
          guard frame.labels.energy == MadeUpRun.energy, frame.labels.forces?.allSatisfy({ $0 == force }) ?? false,
            frame.labels.forces?.count == MadeUpRun.atoms, frame.structure.moments != nil || isXML
          else { throw InputError("a frame was not read as it stands", file: url.path) }
        }
      })
    processorTimes.append(Double(clock() - start) / Double(CLOCKS_PER_SEC))
  }
  return Measurement(
    seconds: times, size: bytes.count, unit: "bytes",
    extras: [
      "megabytes_per_second": Double(bytes.count) / (times.min() ?? .infinity) / 1e6,
      "megabytes_per_processor_second": Double(bytes.count) / (processorTimes.min() ?? .infinity) / 1e6,
      "frames": Double(frames),
    ])
}

enum OUTCARBenchmark: Benchmark {
  static let name = "outcar"
  static let summary =
    "OUTCAR of about 100 MB, half of it eigenvalues, from a file to checked frames with verdicts, one core"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    try measure(MadeUpRun.outcar(), name: "outcar", runs: runs)
  }
}

enum VasprunBenchmark: Benchmark {
  static let name = "vasprun"
  static let summary =
    "vasprun.xml of about 100 MB, half of it eigenvalues, from a file to checked frames with verdicts, one core"

  static func run(runs: Int, threads: Int) throws -> Measurement {
    try measure(MadeUpRun.vasprun(), name: "vasprun.xml", runs: runs)
  }
}
