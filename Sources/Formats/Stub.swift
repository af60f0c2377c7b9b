import Structures
public struct ReadOptions: Sendable { public var format: String?; public var repair: Bool
  public init(format: String? = nil, repair: Bool = false) throws { self.format = format; self.repair = repair } 
  public init() { format = nil; repair = false } }
public struct FrameFile { public var frames: [LabeledStructure]; public var notes: [String] }
public func readFrames(_ path: String, options: ReadOptions) throws -> FrameFile { throw InputError("stub", file: path) }
public func writeFrames(_ f: [LabeledStructure], to: String, format: String? = nil) throws -> [String] { [] }
