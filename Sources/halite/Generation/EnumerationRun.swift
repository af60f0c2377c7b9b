import Formats
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

  private static let group = "enumerated"
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
      try requireRoom(parts, counts, stream)
      let layouts = try layouts(parts)
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
          try writeAlone(parts[next], layouts, skipping: skipped, to: stream) { done in
            counts[String(size)] = before - skipped + done
            try stop(stream, parts: first, frames: done, counts)
          }
        } else {
          counts[String(size)] = before + (try writeTogether(parts[wave], layouts, to: stream))
        }
        try stop(stream, parts: number, frames: 0, counts)
      }
    }
    console.endProgress()
    try stream.finish(console: console)
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

  /// Of each supercell, by its number.
  private func layouts(_ parts: [Enumeration.Part]) throws -> [Int: SupercellLayout] {
    let supercells = Dictionary(parts.map { ($0.supercell.number, $0.supercell) }) { first, _ in first }
    let numbers = supercells.keys.sorted()
    let made = try parallelMap(chunks: numbers.count, threads: threads) { k in
      supercells[numbers[k]].map { SupercellLayout($0, of: parent.lattice) }
    }
    return Dictionary(uniqueKeysWithValues: zip(numbers, made.compactMap { $0 }))
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
  private func writeTogether(
    _ parts: ArraySlice<Enumeration.Part>, _ layouts: [Int: SupercellLayout], to stream: FrameStream
  ) throws -> Int {
    let streams = stream.streams
    let made = try parallelMap(chunks: parts.count, threads: threads) { k in
      let part = parts[parts.startIndex + k]
      var walk = enumeration.walk(part)
      var all: [Ordering] = []
      while case let orderings = try walk.next(), !orderings.isEmpty { all += orderings }
      return (all.count, try block(all, part, layouts, streams: streams))
    }
    for (_, block) in made { try stream.append(block) }
    return made.reduce(0) { $0 + $1.0 }
  }

  private func writeAlone(
    _ part: Enumeration.Part, _ layouts: [Int: SupercellLayout], skipping skipped: Int, to stream: FrameStream,
    _ checkpoint: (Int) throws -> Void
  ) throws {
    let streams = stream.streams
    var walk = enumeration.walk(part)
    var done = 0
    while case let orderings = try walk.next(Self.block), !orderings.isEmpty {
      done += orderings.count
      // What an earlier call has written ends with a block of the same size.
      if done <= skipped { continue }
      let pieces = (orderings.count + 255) / 256
      let blocks = try parallelMap(chunks: pieces, threads: threads) { k in
        let piece = orderings[k * 256..<min(orderings.count, k * 256 + 256)]
        return try block(Array(piece), part, layouts, streams: streams)
      }
      for block in blocks { try stream.append(block) }
      try checkpoint(done)
    }
  }

  private func block(
    _ orderings: [Ordering], _ part: Enumeration.Part, _ layouts: [Int: SupercellLayout], streams: Bool
  ) throws -> FrameStream.Block {
    let layout = layouts[part.supercell.number] ?? SupercellLayout(part.supercell, of: parent.lattice)
    let scale = try parent.scale(part.composition.totals(parent.lattice), cells: part.supercell.index)
    let supercell = GeneratedFrame.text(part.supercell)
    guard streams else {
      return .frames(
        orderings.map { ordering in
          GeneratedFrame.frame(
            layout.structure(ordering.species, scale: scale), group: Self.group, recipe: recipe,
            facts: GeneratedFrame.facts(supercell, ordering))
        })
    }
    let writer = SharedSitesWriter(
      layout.sites(scale: scale), configType: Self.group,
      info: [("supercell", supercell), ("stabiliser", nil), ("recipe", recipe)])
    var bytes: [UInt8] = []
    for ordering in orderings {
      let atoms = layout.atoms(ordering.species)
      writer.append(atoms.elements, at: atoms.places, values: [String(ordering.stabiliser)], to: &bytes)
    }
    return .bytes(bytes)
  }

  private func requireRoom(_ parts: [Enumeration.Part], _ counts: [String: Int], _ stream: FrameStream) throws {
    let total = parts.reduce(UInt128(counts.values.reduce(0, +))) { $0 + $1.listed }
    guard total <= 1 || stream.holdsManyFrames else {
      throw InputError("the file holds one structure, there are \(total)", remedy: "write extxyz or a folder")
    }
    guard let most else { return }
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
