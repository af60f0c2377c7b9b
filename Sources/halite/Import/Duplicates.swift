import Structures

/// Marks frames that are ok and occur a second time: the same id, or energies that differ by at most 1e−6 eV with a geometry
/// within the tolerances of `FrameSignature`.
func markDuplicates(_ records: [FrameRecord], _ verdicts: inout [(verdict: FrameVerdict, reason: String)]) {
  let places = records.indices.filter { verdicts[$0].verdict == .ok && records[$0].signature != nil }
  let signatures = places.compactMap { records[$0].signature }
  let index = SignatureIndex(signatures)
  var first: [FrameID: Int] = [:]
  for (order, place) in places.enumerated() {
    let record = records[place]
    if first[record.id] != nil {
      verdicts[place] = (.duplicate, "the same frame as \(record.id.text.prefix(12))")
      continue
    }
    first[record.id] = place
    guard let energy = record.signature?.energy else { continue }
    let twin = index.matches(of: signatures[order], atoms: record.atoms).first { other in
      other < order && verdicts[places[other]].verdict == .ok
        && abs((signatures[other].energy ?? .infinity) - energy) <= 1e-6
    }
    if let twin {
      verdicts[place] = (.duplicate, "energy and geometry of frame \(records[places[twin]].id.text.prefix(12))")
    }
  }
}
