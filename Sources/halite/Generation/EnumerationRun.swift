import Rocksalts
import Structures

/// An enumeration into a file: parts in parallel, written in their order, so that the file does not depend on threads.
struct EnumerationRun {
  let enumeration: Enumeration
  let parent: ChosenParent
  let sizes: [Int]
  let most: Int?
  let recipe: String
  let threads: Int

  /// Orderings that are in memory at a time, about.
  private static let block = 4096

  /// - Returns: structures of each size.
  /// - Throws: `InputError`: more than `most` structures; a part that contradicts Burnside's lemma; interrupted.
  func write(to stream: FrameStream, console: Console) throws -> [String: Int] {
    Interruption.install()
    var counts = Dictionary(uniqueKeysWithValues: sizes.map { (String($0), 0) })
    let start = stream.resumed
    if let start {
      counts = start.counts
      console.note("goes on after \(counted(counts.values.reduce(0, +), "structure"))")
    }
    var number = 0
    for size in sizes {
      let parts = try enumeration.parts(index: size, threads: threads)
      try requireFew(parts, counts)
      var next = 0
      while next < parts.count {
        let wave = wave(parts, from: next)
        defer { next = wave.upperBound }
        let first = number
        number += wave.count
        if let start, number <= start.parts { continue }
        let skipped = start.map { $0.parts == first ? $0.frames : 0 } ?? 0
        let before = counts[String(size)] ?? 0
        console.progress("size \(size)", next, of: parts.count)
        if wave.count == 1 {
          try writeAlone(parts[next], skipping: skipped, to: stream) { done in
            counts[String(size)] = before - skipped + done
            try stop(stream, parts: first, frames: done, counts)
          }
        } else {
          counts[String(size)] = before + (try writeTogether(parts[wave], to: stream))
        }
        try stop(stream, parts: number, frames: 0, counts)
      }
    }
    console.endProgress()
    try stream.finish()
    return counts
  }

  /// Finds, before any work, a composition that has no lattice parameter.
  /// - Throws: `InputError` that names it.
  func requireScales() throws {
    for size in sizes {
      for composition in try enumeration.limits.compositions(of: enumeration.parent, index: size)
      where enumeration.limits.allowsIncomplete || composition.isComplete(enumeration.parent) {
        _ = try parent.scale(composition.totals(enumeration.parent), cells: size)
      }
    }
  }

  /// Parts behind each other that fit into one block together; a large one is alone.
  private func wave(_ parts: [Enumeration.Part], from first: Int) -> Range<Int> {
    var end = first + 1
    var sum = parts[first].burnside
    while end < parts.count, sum + parts[end].burnside <= UInt128(Self.block) {
      sum += parts[end].burnside
      end += 1
    }
    return first..<end
  }

  /// Returns the number of structures.
  private func writeTogether(_ parts: ArraySlice<Enumeration.Part>, to stream: FrameStream) throws -> Int {
    let encoder = stream.encoder
    let made = try parallelMap(chunks: parts.count, threads: threads) { k in
      let part = parts[parts.startIndex + k]
      var walk = enumeration.walk(part)
      var frames: [LabeledStructure] = []
      let layout = SupercellLayout(part.supercell, of: parent.lattice)
      while case let orderings = try walk.next(), !orderings.isEmpty {
        frames += try self.frames(orderings, part, layout)
      }
      return (frames.count, try encoder.block(frames))
    }
    for (_, block) in made { try stream.append(block) }
    return made.reduce(0) { $0 + $1.0 }
  }

  private func writeAlone(
    _ part: Enumeration.Part, skipping skipped: Int, to stream: FrameStream, _ checkpoint: (Int) throws -> Void
  ) throws {
    let encoder = stream.encoder
    var walk = enumeration.walk(part)
    let layout = SupercellLayout(part.supercell, of: parent.lattice)
    var done = 0
    while case let orderings = try walk.next(Self.block), !orderings.isEmpty {
      done += orderings.count
      // What an earlier call has written ends with a block of the same size.
      if done <= skipped { continue }
      let pieces = (orderings.count + 255) / 256
      let blocks = try parallelMap(chunks: pieces, threads: threads) { k in
        let piece = orderings[k * 256..<min(orderings.count, k * 256 + 256)]
        return try encoder.block(frames(Array(piece), part, layout))
      }
      for block in blocks { try stream.append(block) }
      try checkpoint(done)
    }
  }

  private func frames(
    _ orderings: [Ordering], _ part: Enumeration.Part, _ layout: SupercellLayout
  ) throws -> [LabeledStructure] {
    let scale = try parent.scale(part.composition.totals(parent.lattice), cells: part.supercell.index)
    return orderings.map { ordering in
      GeneratedFrame.frame(
        layout.structure(ordering.species, scale: scale), group: "enumerated", recipe: recipe,
        facts: GeneratedFrame.facts(part.supercell, ordering))
    }
  }

  private func requireFew(_ parts: [Enumeration.Part], _ counts: [String: Int]) throws {
    guard let most else { return }
    let total = parts.reduce(UInt128(counts.values.reduce(0, +))) { $0 + $1.listed }
    guard total > UInt128(most) else { return }
    throw InputError(
      "there are at least \(total) structures, more than --max \(most)", remedy: "halite generate sample")
  }

  private func stop(_ stream: FrameStream, parts: Int, frames: Int, _ counts: [String: Int]) throws {
    let isStopped = Interruption.requested
    try stream.checkpoint(parts: parts, frames: frames, counts: counts, isFinal: isStopped)
    if isStopped { throw InputError("interrupted", remedy: "the same call goes on") }
  }
}
