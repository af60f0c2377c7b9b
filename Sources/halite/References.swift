import Formats
import Potentials
import Reports
import Structures

/// What data hold, after reference energies where there are energies at all.
func census(of data: Dataset, files: [String], threads: Int) throws -> Census {
  var counter = CensusCounter()
  var lookalikes = LookalikeCount()
  try counter.add(data.frames, threads: threads)
  for frame in data { lookalikes.add(frame) }
  return try census(of: counter, files: files, lookalikes)
}

/// The census of what was counted.
func census(of counter: CensusCounter, files: [String], _ lookalikes: LookalikeCount) throws -> Census {
  let hasEnergies = counter.rows.contains { $0.energy != nil && !$0.isIsolatedAtom }
  return counter.census(
    files: files, references: hasEnergies ? try fitReferences(counter.rows) : nil,
    lookalikes: lookalikes.keys.map {
      Census.Lookalike(label: $0.label, key: $0.key, frames: $0.frames, remedy: $0.remedy)
    })
}

/// Reference energies for census and check: of isolated atoms where the data hold all of them, else by least squares.
func fitReferences(_ rows: [EnergyRow]) throws -> ReferenceSummary {
  var isolated: Set<ChemicalElement> = []
  var elements: Set<ChemicalElement> = []
  for row in rows {
    elements.formUnion(row.composition.keys)
    if row.isIsolatedAtom, row.energy != nil { isolated.formUnion(row.composition.keys) }
  }
  let references =
    try isolated.isSuperset(of: elements)
    ? ReferenceEnergies.isolatedAtoms(rows) : ReferenceEnergies.fit(rows)
  return ReferenceSummary(
    origin: references.source == .isolatedAtoms ? "isolated atoms" : "least squares",
    energies: Dictionary(uniqueKeysWithValues: references.energies.map { ($0.key.symbol, $0.value) }),
    rank: references.rank, freeDirections: references.freeDirections)
}
