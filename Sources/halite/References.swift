import Potentials
import Reports
import Structures

/// Reference energies for census and check.
func fitReferences(_ dataset: Dataset) throws -> ReferenceSummary {
  let fitted = try ReferenceEnergies.fit(dataset)
  return ReferenceSummary(
    origin: "least squares",
    energies: Dictionary(uniqueKeysWithValues: fitted.energies.map { ($0.key.symbol, $0.value) }),
    rank: fitted.rank, freeDirections: fitted.freeDirections)
}
