import Structures

/// A file of a run folder.
public struct RunFile: Sendable, Hashable {
  public var name: String
  public var bytes: [UInt8]

  public init(_ name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  public init(_ name: String, _ text: String) { self.init(name, bytes: Array(text.utf8)) }

  /// SHA-256 of files by name and content, whatever their order.
  public static func hash(_ files: [RunFile]) -> String {
    FrameIdentity.hash(ofIDs: files.map { $0.name + " " + FrameIdentity.sha256($0.bytes) })
  }
}

/// One calculation that is to be prepared.
public struct PlannedRun: Sendable {
  public var frame: LabeledStructure
  public var order: MagneticOrder
  /// μB.
  public var nupdown: Double?
  /// Rungs of the repair ladder that apply, from the first to the last.
  public var fixes: [RepairRung] = []
  /// The structure whose cell decides the mesh of k-points, where the run goes on from another one's end: a mesh must not change
  /// with a relaxation.
  public var reference: Structure?

  public init(frame: LabeledStructure, order: MagneticOrder, nupdown: Double? = nil) {
    self.frame = frame
    self.order = order
    self.nupdown = nupdown
  }
}

/// What a run folder holds.
public struct RunOutcome: Sendable {
  /// nil where the run ended well; else why not, a word: "scf-unconverged", "brmix".
  public var failure: String?
  /// More on it, for the user.
  public var detail = ""
  /// The last frame with labels; where the run failed, what there is.
  public var frame: LabeledStructure?
  /// True where the output ends before the run did.
  public var isCut = false
  /// Wall time of the calculation, where it says so, s.
  public var seconds: Double?

  public init(failure: String? = nil, detail: String = "", frame: LabeledStructure? = nil, isCut: Bool = false) {
    self.failure = failure
    self.detail = detail
    self.frame = frame
    self.isCut = isCut
  }
}

/// What makes labels: writes the inputs of a run and reads what it left.
public protocol Labeller: Sendable {
  /// As campaign.yaml names it: "vasp".
  static var name: String { get }
  /// Files whose size and time tell whether there is something new to read.
  var outputs: [String] { get }
  /// The inputs of a run, whose hash is its identity.
  /// - Throws: `InputError` where the structure cannot be calculated.
  func inputs(of run: PlannedRun) throws -> [RunFile]
  /// - Throws: `InputError` where the structures must not be mixed in one campaign.
  func admit(_ frame: LabeledStructure, after first: Structure?) throws
  /// What a run folder holds; nil where there is no output.
  /// - Parameters:
  ///   - planned: the calculation that belongs there.
  ///   - ladder: messages of errors that are looked for.
  /// - Throws: `InputError` where the folder cannot be read.
  func outcome(of folder: String, planned: LabeledStructure, ladder: RepairLadder) throws -> RunOutcome?
  /// Every ionic step of a run with its verdict; nil where there is no output, or that of another run or of other settings.
  /// - Throws: `InputError` where the output cannot be read.
  func steps(of folder: String) throws -> [LabeledStructure]?
  /// A look at a run folder before it is handed to a queue.
  /// - Parameter command: of one calculation.
  /// - Throws: `InputError` where something is missing that the command needs, or is another thing than was prepared.
  func requireRunnable(_ folder: String, command: String) throws
  /// The potentials that inputs are made with, by symbol; their versions must not change while a campaign runs.
  /// - Throws: `InputError` where one is missing or another one than named.
  func potentials(of elements: [ChemicalElement]) throws -> [String: PotentialVersion]
  /// The same of those that others have put into a run folder; empty where nobody has, or they cannot be told apart.
  /// - Throws: `InputError` where the folder cannot be read.
  func potentials(putInto folder: String) throws -> [String: PotentialVersion]
  /// What must not change while a campaign runs, for its labels would no longer belong together.
  var labelSettings: String { get }
  /// What sets the inputs of some runs of a campaign apart from those of others, although their labels depend on it: "ISMEAR 0"; nil where
  /// there is nothing.
  func distinction(of folder: String) -> String?
  /// True where labels depend on the moments that a calculation begins with.
  var knowsMoments: Bool { get }
  /// The moments that a calculation begins with, μB; nil where it has none.
  /// - Throws: `InputError` where the structure does not carry what the order asks for.
  func initialMoments(of frame: LabeledStructure, order: MagneticOrder) throws -> [Double]?
  /// True where the repair ladder may change inputs.
  var isRepairable: Bool { get }
}

extension Labeller {
  public func steps(of folder: String) throws -> [LabeledStructure]? { nil }
  public func requireRunnable(_ folder: String, command: String) throws {}
  public func distinction(of folder: String) -> String? { nil }
  public func potentials(of elements: [ChemicalElement]) throws -> [String: PotentialVersion] { [:] }
  public func potentials(putInto folder: String) throws -> [String: PotentialVersion] { [:] }
  public func initialMoments(of frame: LabeledStructure, order: MagneticOrder) throws -> [Double]? { nil }
}
