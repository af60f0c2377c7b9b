import Structures

/// Sites that are worked on at once: few enough that the last blocks of some thousand atoms keep all threads busy.
let sitesOfBlock = 128

/// Frames of more atoms are worked on one after the other, each on all threads.
private let largestSmallFrame = 1024

/// `body` for each frame, in their order: small frames side by side where they are enough for all threads, others with all
/// threads for one.
/// - Parameters:
///   - names: for errors, one a frame.
///   - body: (frame, threads); its result must not depend on the threads.
func mapFrames<Result: Sendable>(
  _ frames: [Structure], names: [String], threads: Int, _ body: @Sendable (Structure, Int) throws -> Result
) throws -> [Result] {
  let most = frames.count >= threads ? largestSmallFrame : sitesOfBlock
  let small = frames.indices.filter { frames[$0].count <= most }
  @Sendable func located(_ index: Int, _ threads: Int) throws -> Result {
    do { return try body(frames[index], threads) } catch let error as InputError {
      throw names.indices.contains(index) ? error.located(in: names[index]) : error
    }
  }
  var results = [Result?](repeating: nil, count: frames.count)
  let values = try parallelMap(chunks: small.count, threads: threads) { try located(small[$0], 1) }
  for (index, value) in zip(small, values) { results[index] = value }
  for index in frames.indices where results[index] == nil { results[index] = try located(index, threads) }
  return results.compactMap { $0 }
}
