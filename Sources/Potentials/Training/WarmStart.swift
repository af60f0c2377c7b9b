import Structures

/// A potential that a training begins from: parameters go on from its own; its scaling, reference energies and prior
/// stay as they are, so that without a single step it predicts the same bits.
public struct WarmStart: Sendable {
  public let potential: FittedPotential
  /// SHA-256 of its file; of Halite's own where it is a folder of another program.
  public let hash: String
  /// Where it was read from, for messages.
  public let path: String

  /// - Throws: `InputError` where the file cannot be read or is no potential file.
  public init(_ path: String) throws {
    self.path = path
    potential = try PotentialFile.read(path)
    guard !potential.isCommittee else {
      throw InputError(
        "is a committee: a training goes on from one potential", file: path,
        remedy: "start from a member, member-1/potential.safetensors")
    }
    hash = FrameIdentity.sha256(try (try? AtomicFile.read(path)) ?? Array(PotentialFile.encode(potential)))
  }

  init(potential: FittedPotential, hash: String = "", path: String = "start") {
    self.potential = potential
    self.hash = hash
    self.path = path
  }

  /// - Throws: `InputError` naming the elements of the data that the potential does not know.
  public func requireElements(of data: Dataset) throws {
    let unknown = data.elements.filter { !potential.elements.contains($0) }
    guard let first = unknown.first else { return }
    let frames = data.filter { $0.structure.elements.contains { unknown.contains($0) } }
    throw InputError(
      "the potential to start from does not know " + unknown.map(\.symbol).joined(separator: ", ")
        + ", which \(frames.count) of \(data.count) frames have (it knows "
        + potential.elements.map(\.symbol).joined(separator: " ") + ")",
      file: path,
      remedy: "train without --start, or leave frames with \(first.symbol) out (the first is \(frames[0].name))")
  }
}

extension TrainablePotential {
  /// The potential of another training with settings of this one; scaling and parameters are the other's.
  /// - Throws: `InputError` where it is of another kind or shape.
  static func goingOn(from start: any TrainablePotential, _ hyperparameters: Hyperparameters) throws -> Self {
    guard let model = start as? Self else {
      throw InputError("cannot start a training of \(name) from a potential of kind \(type(of: start).name)")
    }
    return try Self(elements: model.elements, hyperparameters: hyperparameters, tensors: model.tensors)
  }
}

/// Frames of an earlier training that are learned again beside new ones, so that they are not forgotten.
public struct Replay: Sendable {
  /// What the earlier training learned from, isolated atoms left out.
  public let training: Dataset
  /// What it did not.
  public let test: Dataset

  /// - Parameter parts: of the split that the earlier training obeyed.
  public init(parts: (training: Dataset, test: Dataset)) {
    training = Dataset(parts.training.filter { !$0.isIsolatedAtom })
    test = Dataset(parts.test.filter { !$0.isIsolatedAtom })
  }

  /// Without a split: frames among those that a potential was given to learn from, and the others.
  public init(_ data: Dataset, members: TrainingMembers) {
    let (known, others) = members.parts(of: data.frames)
    self.init(parts: (training: Dataset(known), test: Dataset(others)))
  }

  /// A seeded share of the old training frames, in the order of the data.
  /// - Parameter excluded: ids of frames that must not come in, as those of the new data.
  public func chosen(fraction: Double, seed: UInt64, without excluded: Set<String>) -> Dataset {
    let ids = Set(training.map(\.id)).subtracting(excluded).sorted()
    var random = RandomSource(seed: seed ^ 0x2E91_A7F0)
    let count = Int((fraction * Double(ids.count)).rounded())
    return training.frames(withIDs: Set(random.permutation(of: ids.count).prefix(count).map { ids[$0] }))
  }
}
