import Formats
import Potentials
import Reports
import Structures

/// What data hold, after reference energies where there are energies at all.
func census(of data: Dataset, files: [String], threads: Int) throws -> Census {
  let hasEnergies = data.contains { $0.labels.energy != nil && !$0.isIsolatedAtom }
  let lookalikes = lookalikeKeys(in: data).map {
    Census.Lookalike(label: $0.label, key: $0.key, frames: $0.frames, remedy: $0.remedy)
  }
  return try Census(
    data, files: files, references: hasEnergies ? fitReferences(data) : nil, lookalikes: lookalikes,
    threads: threads)
}

/// Reference energies for census and check: of isolated atoms where the data hold all of them, else by least squares.
func fitReferences(_ dataset: Dataset) throws -> ReferenceSummary {
  let isolated = Set(
    dataset.lazy.filter { $0.isIsolatedAtom && $0.labels.energy != nil }.map { $0.structure.elements[0] })
  let hasAll = isolated.isSuperset(of: dataset.elements)
  let references = try hasAll ? ReferenceEnergies.isolatedAtoms(dataset) : ReferenceEnergies.fit(dataset)
  return ReferenceSummary(
    origin: references.source == .isolatedAtoms ? "isolated atoms" : "least squares",
    energies: Dictionary(uniqueKeysWithValues: references.energies.map { ($0.key.symbol, $0.value) }),
    rank: references.rank, freeDirections: references.freeDirections)
}
