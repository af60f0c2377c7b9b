import Structures

/// How far a frame lies outside of what a potential has learned from.
public struct ExtrapolationGrade: Sendable {
  /// γ of the frame: the largest of its rows.
  public var frame: Double
  /// γ of each atom; empty where the active set is of configurations.
  public var atoms: [Double]
}

/// Takes extrapolation grades by the active set of a potential.
public struct ActiveGrader: Sendable {
  private let model: any GradedPotential
  private let active: ActiveSet
  private let groups: [ScaledMaxVol]
  private let threads: Int

  /// - Parameter file: of the potential, for messages.
  /// - Throws: `InputError` where the potential has no active set, with the command that makes one.
  public init(_ potential: FittedPotential, file: String, threads: Int = 1) throws {
    model = try Self.gradedModel(of: potential, file: file)
    active = try Self.activeSet(of: potential, file: file)
    do { groups = try active.groups() } catch let error as InputError { throw error.located(in: file) }
    self.threads = threads
  }

  /// - Throws: `InputError` where there is none, with the command that makes one.
  fileprivate static func activeSet(of potential: FittedPotential, file: String) throws -> ActiveSet {
    if let set = potential.activeSet { return set }
    throw InputError(
      "the potential has no active set to take grades by", file: file,
      remedy: "halite active build \(file) --data FILES makes it from the frames it was trained on")
  }

  /// The model of a potential, where grades can be taken by it.
  /// - Throws: `InputError` for a kind that has no rows, and for a committee.
  public static func gradedModel(of potential: FittedPotential, file: String) throws -> any GradedPotential {
    guard !potential.isCommittee else {
      throw InputError(
        "is a committee, whose own measure is the deviation of its members (halite predict)", file: file,
        remedy: "take grades by one member, member-1/potential.safetensors")
    }
    guard let model = potential.model as? any GradedPotential else {
      let kinds = potentialKinds.filter { $0 is any GradedPotential.Type }.map { $0.name }
      throw InputError(
        "potentials of kind \(potential.kind) have no extrapolation grade (\(kinds.joined(separator: ", ")) have)",
        file: file,
        remedy:
          "train a committee (halite train \(potential.kind) --committee 4): halite predict shows its deviation")
    }
    return model
  }

  public var rule: ActiveRule { active.rule }

  /// Grades of frames, in their order; small frames side by side, large ones block by block.
  /// - Parameter names: for errors, one a frame.
  public func grades(_ frames: [Structure], names: [String] = []) throws -> [ExtrapolationGrade] {
    try grades(model, frames, names)
  }

  private func grades<Model: GradedPotential>(
    _ model: Model, _ frames: [Structure], _ names: [String]
  ) throws -> [ExtrapolationGrade] {
    try mapFrames(frames, names: names, threads: threads) { try grade(model, $0, threads: $1) }
  }

  private func grade<Model: GradedPotential>(
    _ model: Model, _ frame: Structure, threads: Int
  ) throws -> ExtrapolationGrade {
    guard active.rule.rows == .neighbourhoods else {
      let rows = try ActiveRows(of: frame, model, active.rule)
      return ExtrapolationGrade(frame: groups[0].grades(rows.values[0]).max() ?? 0, atoms: [])
    }
    let search = try model.neighborSearch(of: [frame])
    let (width, groupOfType) = (model.siteRowWidth, model.siteRowGroups)
    let blocks = (search.sites.count + sitesOfBlock - 1) / sitesOfBlock
    let parts = try parallelMap(chunks: blocks, threads: threads) { block in
      let sites = block * sitesOfBlock..<min((block + 1) * sitesOfBlock, search.sites.count)
      let list = try search.list(of: sites)
      let rows = model.siteRows(list)
      var grades = [Double](repeating: 0, count: sites.count)
      for group in groups.indices {
        let own = sites.indices.filter { groupOfType[list.types[$0]] == group }
        let values = own.flatMap { site -> ArraySlice<Double> in
          let k = site - sites.lowerBound
          return rows[k * width..<(k + 1) * width]
        }
        for (site, grade) in zip(own, groups[group].grades(values)) { grades[site - sites.lowerBound] = grade }
      }
      return grades
    }
    let atoms = parts.flatMap { $0 }
    return ExtrapolationGrade(frame: atoms.max() ?? 0, atoms: atoms)
  }
}

/// Chooses which frames of a pool to label next: rows of the pool that beat the active set take their places in it, and the
/// frames that own one are chosen (select-add of MLIP). The pool comes in batches, again and again until nothing changes.
public struct ActiveSelection: Sendable {
  private var chooser: any PoolChooser
  /// The first place of each structure: of frames that are the same only one is chosen.
  private var places: [String: Int] = [:]

  /// Passes over the pool at most.
  public static let passLimit = 20

  /// - Throws: `InputError` as `ActiveGrader` does.
  public init(_ potential: FittedPotential, file: String, threads: Int = 1) throws {
    let model = try ActiveGrader.gradedModel(of: potential, file: file)
    let set = try ActiveGrader.activeSet(of: potential, file: file)
    func chooser<Model: GradedPotential>(_ model: Model) throws -> any PoolChooser {
      try ActiveSetBuilder(model, set.rule, start: set, threads: threads)
    }
    self.chooser = try chooser(model)
  }

  /// Takes in frames of the pool.
  /// - Parameter places: of each in the pool.
  /// - Returns: how many rows changed places.
  public mutating func absorb(_ frames: [LabeledStructure], places: [Int]) throws -> Int {
    var kept: [Int] = []
    for (k, frame) in frames.enumerated() {
      let identity = FrameIdentity.exact(frame.structure, Labels())
      if self.places[identity] == nil { self.places[identity] = places[k] }
      if self.places[identity] == places[k] { kept.append(k) }
    }
    return try chooser.absorb(kept.map { frames[$0] }, places: kept.map { places[$0] })
  }

  /// Places of the frames that own a row now, ascending.
  public var chosen: [Int] { chooser.owners.map { Int($0) }.sorted() }
}

/// A builder whatever its model.
private protocol PoolChooser: Sendable {
  mutating func absorb(_ frames: [LabeledStructure], places: [Int]) throws -> Int
  var owners: Set<UInt64> { get }
}

extension ActiveSetBuilder: PoolChooser {
  mutating func absorb(_ frames: [LabeledStructure], places: [Int]) throws -> Int {
    let rows = try batch(frames, keys: places.map { UInt64($0) })
    return try absorb(rows)
  }
}
