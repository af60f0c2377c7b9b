import Formats
import Rocksalts
import Structures

/// `halite order FILES`: short-range order on the ideal lattice under each structure.
enum OrderCommand: Command {
  static let name = "order"
  static let summary = "short-range order, Li4 tetrahedra and pair correlations of structures"
  static let discussion = """
    Every structure is laid on its ideal rocksalt (or fcc) lattice; relaxed and strained ones too, as long as each atom is
    nearest to a site of its own. A structure with a cation on a tetrahedral site is refused unless
    --leave-out-tetrahedral is given. Sites of the cations without an atom are vacancies (Va).

    Warren and Cowley's α of a pair of species in a shell is 0 for the random mixture: for different species it is
    1 − P(B|A)/c_B, above 0 where they avoid each other; for equal ones (P(A|A) − c_A)/(1 − c_A), above 0 where they gather.
    A random cell of N sites has α = −1/(N−1) on average for equal species, not 0.

    Tetrahedra are those of four neighbouring cation sites, by the number of --mobile species in them, beside the
    binomial distribution of the random mixture. Several structures give a line each; --frame shows one of them whole,
    --json all.
    """
  private static let lattice = Option<LatticeChoice>(
    "lattice", default: .rocksalt, help: "the ideal lattice: rocksalt (cations and anions) or fcc (all atoms)")
  private static let shells = Option<Int>("shells", default: 5, help: "shells for each pair of sublattices")
  private static let mobile = Option<String>(
    "mobile", placeholder: "El", default: "Li", help: "species that the tetrahedra are counted by")
  private static let tetrahedral = Option(
    flag: "leave-out-tetrahedral",
    help: "count without cations on tetrahedral sites, which are listed, instead of refusing the structure")
  private static let frame = Option<Int?>("frame", help: "only this frame, counted from 0 through all files")

  static let positionals = [DataFiles.positional]
  static let options: [any OptionDeclaration] = [lattice, shells, mobile, tetrahedral, frame, threadsOption]

  private struct Frame: Encodable {
    var frame: Int
    var id: String
    var name: String
    var report: OrderReport
  }

  private struct Unmatched: Encodable {
    var frame: Int
    var name: String
    var reason: String
  }

  private struct Result: Encodable {
    var frames: [Frame]
    var unmatched: [Unmatched]
  }

  static func run(_ arguments: ParsedArguments, console: Console) throws {
    guard (1...30).contains(arguments[shells]) else {
      throw usageError("option --shells: expected 1 to 30, found \(arguments[shells])")
    }
    guard let mobile = Species(arguments[self.mobile]) else {
      throw usageError("option --mobile: expected an element symbol, found `\(arguments[self.mobile])`")
    }
    let data = try DataFiles.read(arguments[DataFiles.positional], console: console)
    var indices = Array(data.indices)
    if let one = arguments[frame] {
      guard data.indices.contains(one) else {
        throw usageError("option --frame: expected 0 to \(data.count - 1), found \(one)")
      }
      indices = [one]
    }
    let (kind, count, chosen) = (arguments[lattice].lattice, arguments[shells], indices)
    let leavesOut = arguments[tetrahedral]
    let found = try parallelMap(chunks: chosen.count, threads: arguments.threads()) {
      k -> Swift.Result<OrderReport, InputError> in
      do {
        return .success(
          try OrderReport(
            data[chosen[k]].structure, lattice: kind, shells: count, mobile: mobile,
            leavesOutTetrahedral: leavesOut))
      } catch let error as InputError {
        return .failure(error)
      }
    }
    var result = Result(frames: [], unmatched: [])
    for (index, outcome) in zip(chosen, found) {
      let frame = data[index]
      switch outcome {
      case .success(let report):
        result.frames.append(Frame(frame: index, id: frame.id, name: frame.name, report: report))
      case .failure(let error):
        result.unmatched.append(Unmatched(frame: index, name: frame.name, reason: error.description))
      }
    }
    for one in result.unmatched { console.warn("\(one.name): \(one.reason)") }
    guard !result.frames.isEmpty else {
      throw InputError("none of \(counted(chosen.count, "structure")) lies on a \(kind.rawValue) lattice")
    }
    let text = result.frames.count == 1 ? whole(result.frames[0]) : lines(result)
    try console.result(result, text: text, json: arguments.json)
  }

  /// One line a structure.
  private static func lines(_ result: Result) -> String {
    let mobile = result.frames.compactMap(\.report.tetrahedra?.mobile).first ?? "Li"
    let head = [
      "frame", "formula", "cations", "tetrahedral", "shift (Å)", "\(mobile)4", "random", "no other",
      "α1 \(mobile)\(mobile)",
      "α2 \(mobile)\(mobile)",
    ]
    let rows = result.frames.map { frame -> [String] in
      let report = frame.report
      let shells = report.order.first { $0.sublattices == "cation–cation" }?.shells ?? []
      let alphas = shells.prefix(2).map { shell in
        shell.pairs.first { $0.first == mobile && $0.second == mobile }.map { decimal($0.alpha, 3) } ?? "–"
      }
      let tetrahedra = report.tetrahedra.map {
        [decimal($0.fractions[4], 4), decimal($0.random[4], 4), decimal($0.without_other_cation, 4)]
      }
      return [
        "\(frame.frame)", report.formula, "\(report.cations.reduce(0) { $0 + $1.sites })", leftOut(report),
        decimal(report.displacement, 3),
      ] + (tetrahedra ?? ["–", "–", "–"]) + (alphas + ["–", "–"]).prefix(2)
    }
    let lost = result.unmatched.isEmpty ? "" : "; \(result.unmatched.count) not on the lattice"
    return alignedColumns([head] + rows, left: 2) + "\n" + counted(result.frames.count, "structure") + lost
  }

  /// "Li 2, Mn 1", or "–".
  private static func leftOut(_ report: OrderReport) -> String {
    report.tetrahedral_cations.isEmpty
      ? "–" : report.tetrahedral_cations.map { "\($0.species) \($0.count)" }.joined(separator: ", ")
  }

  /// All tables of one structure.
  private static func whole(_ frame: Frame) -> String {
    let report = frame.report
    let shares = [report.cations, report.anions].filter { !$0.isEmpty }.map { shares in
      shares.map { "\($0.species) \(decimal($0.fraction, 4))" }.joined(separator: ", ")
    }
    var parts = [
      """
      \(report.formula), \(frame.name): \(report.lattice.rawValue), cube of \(decimal(report.edge, 3)) Å; atoms \(decimal(report.displacement, 3)) Å (at most \(decimal(report.largest_displacement, 3)) Å) from their sites, the cell strained by \(decimal(report.strain, 3)) from the cube
      \(shares.joined(separator: "; "))
      """
    ]
    if !report.tetrahedral_cations.isEmpty { parts.append("left out on tetrahedral sites: \(leftOut(report))") }
    for part in report.order {
      let names = part.shells.first.map { $0.pairs.map { "\($0.first)–\($0.second)" } } ?? []
      let rows = part.shells.map { shell in
        ["\(shell.shell)", decimal(shell.distance, 3), "\(shell.neighbors)"]
          + shell.pairs.map { decimal($0.alpha, 4) }
      }
      parts.append(
        "Warren–Cowley α, \(part.sublattices)\n" + alignedColumns([["shell", "Å", "neighbours"] + names] + rows))
      let functions =
        part.shells.first.map { $0.correlations.map { "Π\($0.functions[0])\($0.functions[1])" } } ?? []
      let values = part.shells.map { shell in ["\(shell.shell)"] + shell.correlations.map { decimal($0.value, 4) } }
      let random = part.shells.first.map { ["random"] + $0.correlations.map { decimal($0.random, 4) } } ?? []
      parts.append(
        "pair correlations, \(part.sublattices)\n" + alignedColumns([["shell"] + functions] + values + [random]))
    }
    if report.order.isEmpty { parts.append("no sublattice is mixed: there is no short-range order to tell") }
    if let tetrahedra = report.tetrahedra {
      let rows = (0...4).map { n in
        [
          "\(n)", "\(tetrahedra.histogram[n])", decimal(tetrahedra.fractions[n], 4),
          decimal(tetrahedra.random[n], 4),
        ]
      }
      parts.append(
        "tetrahedra of cations by their \(tetrahedra.mobile)\n"
          + alignedColumns([[tetrahedra.mobile, "number", "fraction", "random"]] + rows)
          + "\nwithout another cation: \(decimal(tetrahedra.without_other_cation, 4))")
    }
    return parts.joined(separator: "\n\n")
  }
}

/// The lattices that `--lattice` knows.
enum LatticeChoice: String, ArgumentChoice {
  case rocksalt, fcc

  var lattice: IdealLattice { self == .rocksalt ? .rocksalt : .fcc }
}
