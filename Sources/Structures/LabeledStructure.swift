/// What a calculation says of a structure. nil means that the label is absent; it is never read or fitted as zero.
public struct Labels: Hashable, Sendable {
  /// Total energy that the forces belong to (VASP: free energy TOTEN), eV.
  public var energy: Double?
  /// One for each atom, eV/Å.
  public var forces: [SIMD3<Double>]?
  /// −∂E/∂S of each atom, eV/μB.
  public var magneticForces: [SIMD3<Double>]?
  /// W = −∂E/∂ε, eV, positive where compressed.
  public var virial: Matrix3?
  /// VASP's energy extrapolated to zero smearing, eV.
  public var energyWithoutSmearing: Double?
  /// VASP's energy without the entropy term, eV.
  public var energyWithoutEntropy: Double?

  public init(energy: Double? = nil, forces: [SIMD3<Double>]? = nil, virial: Matrix3? = nil) {
    self.energy = energy
    self.forces = forces
    self.virial = virial
  }

  /// Stress σ = −W/V, tensile positive, eV/Å³.
  public func stress(volume: Double) -> Matrix3? { virial.map { (-1 / volume) * $0 } }
}

/// Where a frame came from.
public struct Provenance: Hashable, Sendable {
  /// File as named when it was read first.
  public var file: String?
  /// Frame of that file, counted from 0.
  public var index: Int?
  /// Line of that file on which the frame begins, counted from 1.
  public var line: Int?
  /// Key under which the energy stood in the file ("REF_energy", "total energy").
  public var energyKey: String?
  public var forcesKey: String?
  public var stressKey: String?

  public init(file: String? = nil, index: Int? = nil, line: Int? = nil) {
    self.file = file
    self.index = index
    self.line = line
  }
}

/// A per-atom column that Halite does not interpret, kept so that conversion loses nothing.
public struct AtomColumn: Hashable, Sendable {
  public enum Kind: Character, Sendable {
    case string = "S"
    case integer = "I"
    case real = "R"
    case logical = "L"
  }

  public var name: String
  public var kind: Kind
  /// Values an atom.
  public var width: Int
  /// As written, `width` for each atom.
  public var values: [String]

  public init(name: String, kind: Kind, width: Int, values: [String]) {
    self.name = name
    self.kind = kind
    self.width = width
    self.values = values
  }
}

/// A key and value that Halite does not interpret, kept in the order of the file.
public struct InfoItem: Hashable, Sendable {
  public var key: String
  public var value: String

  public init(key: String, value: String) {
    self.key = key
    self.value = value
  }
}

/// A structure, its labels, and its identity.
public struct LabeledStructure: Hashable, Sendable {
  /// SHA-256 of the canonical content at first import (64 hexadecimal digits); carried by every format that can.
  public var id: String
  public var structure: Structure
  public var labels: Labels
  public var provenance: Provenance
  /// Group of the frame ("IsolatedAtom", "litmo2", …).
  public var configType: String?
  public var info: [InfoItem]
  public var columns: [AtomColumn]

  /// - Parameter id: the identity that the file carries; nil computes it from the content.
  public init(
    id: String? = nil, structure: Structure, labels: Labels, provenance: Provenance = Provenance(),
    configType: String? = nil, info: [InfoItem] = [], columns: [AtomColumn] = []
  ) {
    self.id = id ?? FrameIdentity.exact(structure, labels)
    self.structure = structure
    self.labels = labels
    self.provenance = provenance
    self.configType = configType
    self.info = info
    self.columns = columns
  }

  /// The value of a key: `config_type`, `id`, or one that Halite does not interpret.
  public func value(ofKey key: String) -> String? {
    switch key {
    case "config_type": configType
    case "id": id
    default: info.first { $0.key == key }?.value
    }
  }

  /// True for the frame of one free atom that gives a reference energy.
  public var isIsolatedAtom: Bool { structure.count == 1 && configType == "IsolatedAtom" }

  /// `FILE frame N`, for messages.
  public var name: String {
    let file = provenance.file ?? "frame " + id.prefix(12)
    return file + (provenance.index.map { " frame \($0)" } ?? "")
  }
}
