import Structures

/// The environments of one element in a data set, numbered in the order of frames and atoms, whose descriptors are made
/// again whenever they are needed: all at once they would not fit in memory.
struct GAPEnvironments: Sendable {
  let soap: SOAP
  let elements: [ChemicalElement]
  let data: Dataset
  let type: Int
  let threads: Int
  /// Number of the first environment of each frame, and behind the last the count of all.
  let starts: [Int]

  /// Environments of one batch, at least.
  static let batch = 1024

  init(_ soap: SOAP, elements: [ChemicalElement], data: Dataset, type: Int, threads: Int) {
    self.soap = soap
    self.elements = elements
    self.data = data
    self.type = type
    self.threads = threads
    var starts = [0]
    for frame in data {
      starts.append(starts[starts.count - 1] + frame.structure.elements.count { $0 == elements[type] })
    }
    self.starts = starts
  }

  var count: Int { starts[starts.count - 1] }

  /// Calls a body with the descriptors of all, batch by batch: the number of the first, and rows.
  func forEachBatch(_ body: (Int, [Double]) throws -> Void) throws {
    var first = 0
    while first < data.count {
      var last = first + 1
      while last < data.count, starts[last] - starts[first] < Self.batch { last += 1 }
      if starts[last] > starts[first] { try body(starts[first], try descriptors(frames: first..<last)) }
      first = last
    }
  }

  /// Descriptors of some environments, in their order.
  func descriptors(of numbers: [Int]) throws -> [[Double]] {
    var wanted: [Int: [(number: Int, place: Int)]] = [:]
    for (place, number) in numbers.enumerated() { wanted[frame(of: number), default: []].append((number, place)) }
    let (places, frames) = (wanted, wanted.keys.sorted())
    let width = soap.shape.dimension
    let found = try parallelMap(chunks: frames.count, threads: threads) { k -> [(Int, [Double])] in
      let rows = try descriptors(frame: frames[k])
      return (places[frames[k]] ?? []).map { number, place in
        let row = (number - starts[frames[k]]) * width
        return (place, Array(rows[row..<row + width]))
      }
    }
    var result = [[Double]](repeating: [], count: numbers.count)
    for (place, row) in found.joined() { result[place] = row }
    return result
  }

  private func frame(of number: Int) -> Int {
    var (low, high) = (0, data.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= number { low = middle } else { high = middle }
    }
    return low
  }

  private func descriptors(frames: Range<Int>) throws -> [Double] {
    let parts = try parallelMap(chunks: frames.count, threads: threads) { k in
      try descriptors(frame: frames.lowerBound + k)
    }
    return Array(parts.joined())
  }

  /// By rows.
  private func descriptors(frame k: Int) throws -> [Double] {
    guard starts[k + 1] > starts[k] else { return [] }
    let frame = data[k]
    do {
      let search = try NeighborSearch(
        frames: [frame.structure], elements: elements, cutoff: soap.shape.cutoff)
      var rows: [Double] = []
      for first in stride(from: 0, to: search.sites.count, by: 256) {
        let list = try search.list(of: first..<min(first + 256, search.sites.count))
        let centers = (0..<list.centers.count).filter { list.types[list.centers.lowerBound + $0] == type }
        rows += soap.environments(list, centers: centers, present: Array(elements.indices)).descriptors
      }
      return rows
    } catch let error as InputError {
      throw error.located(in: frame.name)
    }
  }
}
