import Dispatch
import Synchronization

/// Runs `body` once for each chunk 0 ..< chunks on `threads` threads; a free thread takes the next chunk.
///
/// Chunks are fixed by the caller, so results that belong to chunks and are added in chunk order do not depend on
/// the number of threads.
///
/// - Parameters:
///   - scratch: makes the working space of one thread.
///   - body: (chunk, working space).
/// - Throws: the error of the lowest chunk that failed.
public func parallelLoop<Scratch>(
  chunks: Int, threads: Int, scratch: @Sendable () -> Scratch,
  _ body: @Sendable (Int, inout Scratch) throws -> Void
) throws {
  if threads <= 1 || chunks <= 1 {
    var space = scratch()
    for chunk in 0..<chunks { try body(chunk, &space) }
    return
  }
  let next = Atomic<Int>(0)
  let failure = Mutex<(chunk: Int, error: any Error)?>(nil)
  DispatchQueue.concurrentPerform(iterations: min(threads, chunks)) { _ in
    var space = scratch()
    while true {
      let chunk = next.add(1, ordering: .relaxed).oldValue
      if chunk >= chunks { break }
      do {
        try body(chunk, &space)
      } catch {
        failure.withLock { if $0 == nil || chunk < $0!.chunk { $0 = (chunk, error) } }
        break
      }
    }
  }
  if let failure = failure.withLock({ $0 }) { throw failure.error }
}

/// `parallelLoop` whose body gives a value for each chunk; the values come back in chunk order.
public func parallelMap<Value: Sendable>(
  chunks: Int, threads: Int, _ body: @Sendable (Int) throws -> Value
) throws -> [Value] {
  var values = [Value?](repeating: nil, count: chunks)
  try values.withUnsafeMutableBufferPointer { buffer in
    let slots = DisjointWrites(buffer.baseAddress)
    try parallelLoop(chunks: chunks, threads: threads, scratch: { () }) { chunk, _ in
      let value = try body(chunk)
      slots.pointer![chunk] = value
    }
  }
  return values.map { $0! }
}

/// A pointer that several threads write through, each to places of its own.
public struct DisjointWrites<Value>: @unchecked Sendable {
  public let pointer: UnsafeMutablePointer<Value>?

  public init(_ pointer: UnsafeMutablePointer<Value>?) { self.pointer = pointer }
}
