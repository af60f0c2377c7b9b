import Structures

/// Marks frames that are ok and occur a second time, by the rule of `DuplicateFinder`.
func markDuplicates(_ records: [FrameRecord], _ verdicts: inout [(verdict: FrameVerdict, reason: String)]) {
  let places = records.indices.filter { verdicts[$0].verdict == .ok && records[$0].key != nil }
  let finder = DuplicateFinder(places.compactMap { records[$0].key })
  for (place, mark) in zip(places, finder.marks) {
    guard let mark else { continue }
    let other = places[mark.original]
    let name = "frame \(records[other].id.text.prefix(12))"
    let reason = mark.isExact ? "the same frame as \(name)" : "energy and geometry of \(name)"
    verdicts[place] = (.duplicate, mark.isEarlierStep ? reason + ", a later step of the run" : reason)
  }
}
