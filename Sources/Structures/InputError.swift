/// Something that the user can mend, said in one line: where, what was found, what was expected, what to do.
///
/// Every error that leaves a Halite library is one of these; the command prints `description` and exits with 1
/// (or 2 where `isUsage`), never with a crash dump.
public struct InputError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file as the user named it.
  public var file: String?
  /// Line of that file, counted from 1.
  public var line: Int?
  /// What was found and what was expected; lower case, no full stop.
  public var message: String
  /// What to do about it.
  public var remedy: String?
  /// True for a wrong call of the program (exit status 2) rather than bad data (1).
  public var isUsage: Bool

  public init(
    _ message: String, file: String? = nil, line: Int? = nil, remedy: String? = nil, isUsage: Bool = false
  ) {
    self.message = message
    self.file = file
    self.line = line
    self.remedy = remedy
    self.isUsage = isUsage
  }

  /// `FILE:LINE: MESSAGE; REMEDY`, with the parts that are known.
  public var description: String {
    var text = ""
    if let file { text += file + (line.map { ":\($0)" } ?? "") + ": " }
    text += message
    if let remedy { text += "; " + remedy }
    return text
  }

  /// The same error said of a file, where it does not name one yet.
  public func located(in file: String) -> InputError {
    var error = self
    if error.file == nil { error.file = file }
    return error
  }
}
