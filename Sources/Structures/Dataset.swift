/// Labelled frames in a fixed order.
public struct Dataset: RandomAccessCollection, Sendable {
  public var frames: [LabeledStructure]

  public init(_ frames: [LabeledStructure]) { self.frames = frames }

  public var startIndex: Int { 0 }
  public var endIndex: Int { frames.count }
  public subscript(index: Int) -> LabeledStructure { frames[index] }

  public var atomCount: Int { frames.reduce(0) { $0 + $1.structure.count } }

  /// The elements that occur, by atomic number.
  public var elements: [ChemicalElement] { Set(frames.flatMap(\.structure.elements)).sorted() }

  /// SHA-256 over the sorted ids of the frames, 64 hexadecimal digits.
  public var hash: String { FrameIdentity.hash(ofIDs: frames.lazy.map(\.id)) }

  /// The frames whose ids are in a set, in the order of the data set.
  public func frames(withIDs ids: Set<String>) -> Dataset { Dataset(frames.filter { ids.contains($0.id) }) }
}
