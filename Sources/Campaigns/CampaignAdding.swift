import Formats
import Structures

/// What an `add` did.
public struct AddingReport: Encodable, Sendable {
  public var added = 0
  /// Structures in a magnetic order that the campaign had already.
  public var known = 0
  /// Magnetic orders that were left out: their moments are those of another order of the same structure, or all of them reversed.
  public var same_state = 0
  public var total = 0
  /// Known structures that are written in another way: wrapped into the cell, shifted, or with their atoms in another order.
  public var copies: [Copy] = []

  public struct Copy: Encodable, Sendable {
    /// The frame that was given.
    public var frame: String
    /// Number of the entry that it is.
    public var entry: Int
  }
}

extension Campaign {
  /// Takes structures into the campaign, each once for every magnetic order; what is there already stays as it is.
  ///
  /// An entry is known by SHA-256 of its arranged structure, the magnetic order, NUPDOWN, and for `given` or by oxidation state the
  /// moments; and by a comparison of all atoms (`KnownStructures`), which sees wrapped, shifted and permuted copies.
  /// - Parameters:
  ///   - orders: magnetic orders of the initial moments.
  ///   - nupdown: the cell's moment is held at this, μB.
  /// - Throws: `InputError` with the frame's name where the labeller cannot take a structure; whole blocks before it stay added.
  public func add(
    _ frames: [LabeledStructure], orders: [MagneticOrder] = [.ferromagnetic], nupdown: Double? = nil,
    progress: (Int) -> Void = { _ in }
  ) throws -> AddingReport {
    if !labeller.knowsMoments, orders != [.ferromagnetic] || nupdown != nil {
      throw InputError(
        "magnetic orders and NUPDOWN are for VASP: these labels do not depend on them", isUsage: true)
    }
    var report = AddingReport()
    var first = try firstStructure()
    var structures = KnownStructures(labeller)
    for start in stride(from: 0, to: frames.count, by: 500) {
      progress(start)
      let block = frames[start..<min(start + 500, frames.count)].map { ($0.name, $0.planned()) }
      for (name, frame) in block {
        do {
          try labeller.admit(frame, after: frame.isIsolatedAtom ? nil : first)
          if first == nil, !frame.isIsolatedAtom { first = frame.structure }
          for order in orders {
            let moments = try labeller.initialMoments(of: frame, order: order)
            guard moments != nil || nupdown == nil else {
              throw InputError("NUPDOWN needs spins", remedy: "set ISPIN: 2 in campaign.yaml")
            }
          }
        } catch let error as InputError {
          throw InputError("\(name): \(error.message)", file: error.file, remedy: error.remedy)
        }
      }
      let added = try locked { database in
        let writer = try ASEDatabaseWriter(into: database.database)
        return try database.transaction {
          try listStates(database)
          try structures.refresh(database)
          var added = AddingReport()
          for (name, frame) in block {
            for order in orders {
              let planned = PlannedRun(frame: frame, order: order, nupdown: nupdown)
              try insert(planned, name, into: database, writer, &structures, &added)
            }
          }
          return added
        }
      }
      report.added += added.added
      report.known += added.known
      report.same_state += added.same_state
      report.copies += added.copies
    }
    progress(frames.count)
    report.total = try entries().count
    return report
  }

  private func insert(
    _ run: PlannedRun, _ name: String, into database: CampaignDatabase, _ writer: ASEDatabaseWriter,
    _ structures: inout KnownStructures, _ report: inout AddingReport
  ) throws {
    let (frame, order, nupdown) = (run.frame, run.order, run.nupdown)
    let hash = try hash(frame, order, nupdown)
    guard try !database.holds(hash: hash) else {
      report.known += 1
      return
    }
    let new = try structures.known(frame, order, nupdown)
    if let new, let twin = try structures.twin(of: new, database) {
      if twin.isSameOrder { report.known += 1 } else { report.same_state += 1 }
      if twin.isSameOrder { report.copies.append(.init(frame: name, entry: twin.entry)) }
      return
    }
    if let state = try spinState(frame, order, nupdown), try !database.claim(state: state) {
      report.same_state += 1
      return
    }
    let id = try database.insert(frame, hash: hash, order: order, nupdown: nupdown, writer: writer)
    structures.append(new, as: id)
    report.added += 1
  }

  /// SHA-256 of structure and initial moments, the same for moments that are all reversed; nil where labels do not depend on them.
  ///
  /// Structures are compared exactly, without their symmetry. Where the cell's moment is held at another value than 0, reversed
  /// moments are another state.
  private func spinState(_ frame: LabeledStructure, _ order: MagneticOrder, _ nupdown: Double?) throws -> String? {
    guard labeller.knowsMoments else { return nil }
    let moments = try labeller.initialMoments(of: frame, order: order) ?? []
    var text = frame.structure.identity + (frame.isIsolatedAtom ? " isolated" : "")
    if let nupdown { text += " NUPDOWN \(nupdown)" }
    let canonical = order.canonical(moments, mayReverse: nupdown ?? 0 == 0)
    text += " " + canonical.map(\.description).joined(separator: ",")
    return FrameIdentity.sha256(Array(text.utf8))
  }

  /// Makes the list of states where an earlier halite made the database.
  private func listStates(_ database: CampaignDatabase) throws {
    guard labeller.knowsMoments, try database.addStates() else { return }
    for entry in try database.entries() {
      let frame = try database.frames(.planned, [entry.id])[0]
      if let state = try spinState(frame, entry.order, entry.nupdown) { _ = try database.claim(state: state) }
    }
  }

  /// Oxidation states are a part of it where the moments depend on them: charge orders of one structure are entries of their own.
  func hash(_ frame: LabeledStructure, _ order: MagneticOrder, _ nupdown: Double?) throws -> String {
    var text = frame.structure.identity + " " + order.description
    if let nupdown { text += " NUPDOWN \(nupdown)" }
    if order == .given, case .collinear(let values) = frame.structure.moments {
      text += " " + values.map(\.description).joined(separator: ",")
    }
    if frame.isIsolatedAtom { text += " isolated" }
    if labeller.knowsMoments, order != .given, frame.columns.contains(where: { $0.name == "oxidation_states" }) {
      var bare = frame
      bare.columns.removeAll { $0.name == "oxidation_states" }
      let own = try labeller.initialMoments(of: frame, order: order)
      if let own, try own != labeller.initialMoments(of: bare, order: order) {
        text += " moments " + own.map(\.description).joined(separator: ",")
      }
    }
    return FrameIdentity.sha256(Array(text.utf8))
  }

  /// The cell that all others must be like, where the labeller asks for it.
  private func firstStructure() throws -> Structure? {
    let database = try open()
    let first = try database.database.prepare("SELECT planned FROM halite_entries ORDER BY id LIMIT 20").rows {
      $0.bytes(0) ?? []
    }
    return try first.lazy.map { try CampaignDatabase.frame($0, name: database.path) }.first { !$0.isIsolatedAtom }?
      .structure
  }

  /// A free atom in the box of the settings, at its origin.
  /// - Throws: `InputError` where the labeller has no such box.
  public func isolatedAtom(_ element: ChemicalElement) throws -> LabeledStructure {
    guard let vasp = labeller as? VASPLabeller else {
      throw InputError(
        "isolated atoms are for VASP: this labeller needs one cell for all structures", isUsage: true)
    }
    let box = vasp.settings.isolated_atom.box
    let structure = Structure(
      lattice: Lattice(a: [box[0], 0, 0], b: [0, box[1], 0], c: [0, 0, box[2]]), elements: [element],
      positions: [[0, 0, 0]])
    return LabeledStructure(structure: structure, labels: Labels(), configType: "IsolatedAtom")
  }
}
