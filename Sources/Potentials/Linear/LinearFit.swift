import Optimization
import Structures

/// Streams the rows of frames into a triangular factor: the design matrix is never held whole.
///
/// Frames with the same elements touch the same columns. Where the columns are many, each such set is factored in its own
/// columns first and then taken into the whole.
struct LinearFit<Model: LinearEnergy>: Sendable {
  let model: Model
  let frames: [LabeledStructure]
  let weights: [RowWeights]
  let threads: Int
  /// Rows of one chunk, at least.
  let chunkRows: Int

  /// Up to this many columns, chunks are factored side by side; beyond, one after the other with all threads.
  var largestLeaf = standardLeaf

  static var standardLeaf: Int { 768 }

  /// Rows at once when the factor of a set of elements is taken into the whole: what bounds the memory of that step.
  var joinedRows = 1024

  /// Rows that are there before those of the frames, such as a prior's; nil for none.
  var prior: TriangularFactor?

  /// Consecutive frames of one set of elements.
  struct Chunk: Sendable {
    var frames: [Int]
    var types: Set<Int>
    var rows: Int
  }

  private var total: Int { model.columnCount }

  /// Rows with weight of one frame.
  private func rowCount(_ k: Int) -> Int {
    let (frame, weight) = (frames[k], weights[k])
    return (usesEnergy(k) ? 1 : 0)
      + (frame.labels.forces != nil && weight.forces > 0 ? 3 * frame.structure.count : 0)
      + (usesVirial(k) ? 6 : 0)
  }

  private func usesEnergy(_ k: Int) -> Bool { frames[k].labels.energy != nil && weights[k].energy > 0 }
  private func usesVirial(_ k: Int) -> Bool { frames[k].labels.virial != nil && weights[k].virial > 0 }
  private func usesForces(_ k: Int) -> Bool { frames[k].labels.forces != nil && weights[k].forces > 0 }

  /// Chunks of the frames, those of one set of elements together, in the order of their first frame. Sets with few rows
  /// share chunks in all columns: each chunk that is taken into a large factor costs a pass over it, however few its rows.
  func chunks(_ indices: [Int]) -> [[Chunk]] {
    let slots = Dictionary(uniqueKeysWithValues: model.elements.enumerated().map { ($1, $0) })
    let all = Set(model.elements.indices)
    var rows: [Set<Int>: Int] = [:]
    let sets = indices.map { k in
      // Few columns: what is saved is less than what the sets cost.
      let types = total <= largestLeaf ? all : Set(frames[k].structure.elements.compactMap { slots[$0] })
      rows[types, default: 0] += rowCount(k)
      return types
    }
    var order: [Set<Int>] = []
    var members: [Set<Int>: [Int]] = [:]
    let worthy = Set(rows.filter { isWorthItsOwn($0.key, rows: $0.value) }.keys)
    for (k, own) in zip(indices, sets) where rowCount(k) > 0 {
      let types = worthy.contains(own) ? own : all
      if members[types] == nil { order.append(types) }
      members[types, default: []].append(k)
    }
    return order.map { types in
      var result: [Chunk] = []
      var chunk = Chunk(frames: [], types: types, rows: 0)
      for k in members[types] ?? [] {
        chunk.frames.append(k)
        chunk.rows += rowCount(k)
        if chunk.rows >= chunkRows {
          result.append(chunk)
          chunk = Chunk(frames: [], types: types, rows: 0)
        }
      }
      if !chunk.frames.isEmpty { result.append(chunk) }
      return result
    }
  }

  /// The weighted rows of a chunk and their right-hand sides, by columns.
  /// - Parameter block: room to use again, made larger where it is too small; what lies behind the rows stays.
  func fill(_ block: inout [Double], with chunk: Chunk, columns: [Int], threads: Int) throws {
    var starts = [0]
    for k in chunk.frames { starts.append(starts[starts.count - 1] + rowCount(k)) }
    let needed = chunk.rows * (columns.count + 1)
    if block.count < needed {
      // The old room goes first: both at once are in no plan.
      block = []
      block = [Double](repeating: 0, count: needed)
    }
    try block.withUnsafeMutableBufferPointer { buffer in
      let out = DisjointWrites(buffer.baseAddress)
      let starts = starts
      try parallelLoop(chunks: chunk.frames.count, threads: threads, scratch: { () }) { n, _ in
        let k = chunk.frames[n]
        let rows = try designRows(of: k, columns: columns)
        guard let base = out.pointer else { return }
        write(rows, of: k, to: base + starts[n], stride: chunk.rows, columns: columns.count)
      }
    }
  }

  /// The rows of one frame, unweighted.
  func designRows(of k: Int, columns: [Int]) throws -> DesignRows {
    let frame = frames[k]
    var rows = DesignRows(
      atoms: frame.structure.count, columns: columns, of: total, hasDerivatives: usesForces(k) || usesVirial(k))
    do {
      let search = try model.neighborSearch(of: [frame.structure])
      for first in stride(from: 0, to: search.sites.count, by: 256) {
        model.addDesignRows(try search.list(of: first..<min(first + 256, search.sites.count)), to: &rows)
      }
    } catch let error as InputError {
      throw error.located(in: frame.name)
    }
    return rows
  }

  /// Rows and right-hand sides times the roots of their weights.
  private func write(
    _ rows: DesignRows, of k: Int, to out: UnsafeMutablePointer<Double>, stride: Int, columns: Int
  ) {
    let (frame, weight) = (frames[k], weights[k])
    var sources: [(row: Int, factor: Double, target: Double)] = []
    if usesEnergy(k), let energy = frame.labels.energy {
      sources.append((0, weight.energy.squareRoot() / Double(frame.structure.count), energy))
    }
    if usesForces(k), let forces = frame.labels.forces {
      let factor = weight.forces.squareRoot()
      for (atom, force) in forces.enumerated() {
        for d in 0..<3 { sources.append((1 + 3 * atom + d, factor, force[d])) }
      }
    }
    if usesVirial(k), let virial = frame.labels.virial?.voigt {
      for c in 0..<6 {
        let factor = (c < 3 ? weight.virial : weight.shear).squareRoot()
        sources.append((1 + 3 * rows.atoms + c, factor, virial[c]))
      }
    }
    rows.values.withUnsafeBufferPointer { values in
      for column in 0..<columns {
        let from = column * rows.count
        for (n, source) in sources.enumerated() {
          out[column * stride + n] = source.factor * values[from + source.row]
        }
      }
    }
    for (n, source) in sources.enumerated() { out[columns * stride + n] = source.factor * source.target }
  }
}

extension LinearFit {
  /// What a fit can go on from: chunks that are done and the factors so far.
  struct State: Sendable {
    var chunks = 0
    var whole: TriangularFactor
    /// Of the set of elements that is under way, in its own columns.
    var part: TriangularFactor?
  }

  /// The factor of all rows of some frames.
  /// - Parameters:
  ///   - start: where to go on.
  ///   - after: called after each step with the state; true ends the loop.
  func factor(
    of indices: [Int], from start: State?, after: (State, _ isLast: Bool) throws -> Bool
  ) throws -> State {
    var state = start ?? State(whole: prior ?? TriangularFactor(size: total + 1))
    var index = 0
    var room: [Double] = []
    let sets = chunks(indices)
    let last = sets.reduce(0) { $0 + $1.count }
    for set in sets {
      let isOwn = total > largestLeaf && (set.first?.types.count ?? 0) < model.elements.count
      var position = 0
      while position < set.count {
        if index < state.chunks {
          // Done before the fit was interrupted.
          let done = min(state.chunks - index, set.count - position)
          (position, index) = (position + done, index + done)
          continue
        }
        // Results of chunks do not depend on each other: as many at once as there are threads.
        let count = total <= largestLeaf ? min(max(1, threads), set.count - position) : 1
        try take(Array(set[position..<position + count]), isOwn: isOwn, into: &state, room: &room)
        (position, index) = (position + count, index + count)
        state.chunks = index
        if isOwn, position == set.count {
          room = []
          join(set[0].types, &state)
        }
        if try after(state, index == last) { return state }
      }
    }
    return state
  }

  private func isWorthItsOwn(_ types: Set<Int>, rows: Int) -> Bool {
    types.count < model.elements.count && rows > 2 * model.columns(of: types).count
  }

  private func take(_ chunks: [Chunk], isOwn: Bool, into state: inout State, room: inout [Double]) throws {
    guard let types = chunks.first?.types else { return }
    if total <= largestLeaf {
      let columns = Array(0..<total)
      let leaves = try parallelMap(chunks: chunks.count, threads: threads) { k in
        var block: [Double] = []
        try fill(&block, with: chunks[k], columns: columns, threads: 1)
        var leaf = TriangularFactor(size: total + 1)
        leaf.absorb(&block, rows: chunks[k].rows, stride: chunks[k].rows, threads: 1)
        return leaf
      }
      for leaf in leaves { state.whole.absorb(leaf, threads: 1) }
      return
    }
    for chunk in chunks {
      let columns = isOwn ? model.columns(of: types) : Array(0..<total)
      try fill(&room, with: chunk, columns: columns, threads: threads)
      if isOwn {
        if state.part == nil { state.part = TriangularFactor(size: columns.count + 1) }
        state.part?.absorb(&room, rows: chunk.rows, stride: chunk.rows, threads: threads)
      } else {
        state.whole.absorb(&room, rows: chunk.rows, stride: chunk.rows, threads: threads)
      }
    }
  }

  /// Takes the factor of a set of elements into the whole, in strips of rows.
  private func join(_ types: Set<Int>, _ state: inout State) {
    guard let part = state.part else { return }
    state.part = nil
    let columns = model.columns(of: types) + [total]
    for first in stride(from: 0, to: part.size, by: joinedRows) {
      let count = min(joinedRows, part.size - first)
      var block = [Double](repeating: 0, count: count * (total + 1))
      // Columns before the first row of the strip are zero in it.
      for (k, column) in columns.enumerated().dropFirst(first) {
        for row in first..<min(first + count, k + 1) {
          block[column * count + row - first] = part.values[k * part.size + row]
        }
      }
      state.whole.absorb(&block, rows: count, stride: count, threads: threads, counted: first == 0 ? part.rows : 0)
    }
  }
}
