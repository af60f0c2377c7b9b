import Structures

/// A file format of structures: pure functions between bytes and frames, and what they can carry.
public protocol StructureFormat: Sendable {
  static var metadata: FormatMetadata { get }

  /// The frames of a file.
  ///
  /// - Parameter file: the file's name, for messages and provenance; nothing is opened.
  /// - Throws: `InputError` with file and line, and nothing else, whatever the bytes are.
  static func read(bytes: UnsafeRawBufferPointer, file: String, options: ReadOptions) throws -> FrameFile

  /// The text of a file of frames.
  ///
  /// - Throws: `InputError` where the format cannot hold the frames.
  static func write(_ frames: [LabeledStructure]) throws -> [UInt8]

  /// The same with the user's choices; formats that know none take `write(_:)`.
  static func write(_ frames: [LabeledStructure], options: WriteOptions) throws -> [UInt8]

  /// Of several formats with one suffix: whether the contents are of this one.
  static func recognizes(_ bytes: UnsafeRawBufferPointer) -> Bool

  /// What the user should know of a frame that is held, but in another way than one may expect.
  static func remark(writing frame: LabeledStructure) -> String?
}

/// How to read.
public struct ReadOptions: Hashable, Sendable {
  /// Name of the format; nil goes by the file's name.
  public var format: String?
  /// Mend what can be mended without guessing, and say so in the notes: XSF rows without a symbol become O.
  public var repair: Bool
  /// Hand over what is whole of a damaged file, and say in the summary what is not, instead of an error.
  public var salvages = false
  /// Of extxyz: the keys that labels stand under, where they are not the known ones.
  public var keys = KeyChoice()
  /// Of formats with numbered atom types: the elements of the types, in order.
  public var species: [ChemicalElement] = []
  /// Of the six stresses of pymatgen JSON: pairs of axes from 0 in the order of the file; nil is VASP's order.
  public var stressOrder: StressOrder?

  public init(format: String? = nil, repair: Bool = false) {
    self.format = format
    self.repair = repair
  }
}

/// Keys of extxyz from which alone a label is read; nil goes by the known names.
public struct KeyChoice: Hashable, Sendable {
  /// eV.
  public var energy: String?
  /// A column, eV/Å.
  public var forces: String?
  /// Six or nine numbers: a stress, eV/Å³, tensile positive; a virial, eV, where "virial" is in the name.
  public var stress: String?

  public init(energy: String? = nil, forces: String? = nil, stress: String? = nil) {
    self.energy = energy
    self.forces = forces
    self.stress = stress
  }
}

/// Which component stands at which of six places, as "xx,yy,zz,xy,yz,zx".
public struct StressOrder: Hashable, Sendable, CustomStringConvertible {
  /// Pairs of axes (0 x, 1 y, 2 z), six of them.
  let axes: [SIMD2<Int>]

  /// Six distinct components apart by commas; "xz" is the same as "zx".
  public init?(_ text: String) {
    let names: [Character: Int] = ["x": 0, "y": 1, "z": 2]
    var axes: [SIMD2<Int>] = []
    for part in text.lowercased().split(separator: ",") {
      let pair = part.compactMap { names[$0] }.sorted()
      guard part.count == 2, pair.count == 2 else { return nil }
      axes.append([pair[0], pair[1]])
    }
    guard axes.count == 6, Set(axes).count == 6 else { return nil }
    self.axes = axes
  }

  /// xx yy zz xy yz zx.
  static let vasp = StressOrder(axes: [[0, 0], [1, 1], [2, 2], [0, 1], [1, 2], [0, 2]])

  private init(axes: [SIMD2<Int>]) { self.axes = axes }

  /// "xx,yy,zz,xy,yz,xz".
  public var description: String {
    let names = ["x", "y", "z"]
    return axes.map { names[$0.x] + names[$0.y] }.joined(separator: ",")
  }

  /// The symmetric matrix of six numbers in this order.
  func matrix(_ numbers: [Double]) -> Matrix3 {
    var rows = [Double](repeating: 0, count: 9)
    for (pair, number) in zip(axes, numbers) {
      rows[3 * pair.x + pair.y] = number
      rows[3 * pair.y + pair.x] = number
    }
    return Matrix3(rows: rows)
  }
}
