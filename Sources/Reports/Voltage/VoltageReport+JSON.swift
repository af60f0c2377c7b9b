import Settings
import Simulations

extension VoltageReport {
  /// What `halite voltage --json` prints, and `voltage.json`. Energies per atom in meV, voltages in V (eV for each Li where only
  /// differences mean anything), capacities in mAh/g, energy densities in Wh/kg.
  public struct File: Encodable, Sendable {
    struct Lithium: Encodable, Sendable {
      var energy: Double
      var source: String
    }

    struct Row: Encodable, Sendable {
      var host: String
      var lithiated_content: Double
      var delithiated_content: Double
      var lithiated_id: String
      var delithiated_id: String
      var volts: Double?
      var deviation: Double?
      var label: Double?
      var error: Double?
      var error_percent: Double?
      var lithiated_error: Double?
      var delithiated_error: Double?
      var capacity: Double
      var energy_density: Double?
      var volume_change: Double?
      var lithiated_relaxation: String?
      var delithiated_relaxation: String?
    }

    struct Point: Encodable, Sendable {
      var id: String
      var content: Double
      var formation_energy: Double
      var above_hull: Double
    }

    struct Plateau: Encodable, Sendable {
      var from: Double
      var to: Double
      var volts: Double
    }

    struct Profile: Encodable, Sendable {
      var host: String
      var by: String
      var average: Double
      var plateaus: [Plateau]
      var points: [Point]
    }

    struct Partners: Encodable, Sendable {
      var lithiated_rmse: Double
      var delithiated_rmse: Double
      var correlation: Double
      var independent_voltage_rmse: Double
      var voltage_rmse: Double
    }

    var potential: String?
    var potential_file: String?
    var geometry: String
    var lithium: Lithium?
    var differences_only: Bool
    var data_hash: String
    var systems: [Row]
    var steps: [Row]
    var profiles: [Profile]
    var statistics: [String: AgreementStatistics]
    var partner_errors: Partners?
    var without_partner: Int
    var notes: [String]
  }

  public var file: File {
    let lithium: LithiumReference? =
      switch reference {
      case .lithium(let lithium): lithium
      case .differencesOnly(let lithium): lithium
      }
    return File(
      potential: run.potential, potential_file: run.potentialFile, geometry: run.geometry,
      lithium: lithium.map { .init(energy: $0.energy, source: $0.source) },
      differences_only: !reference.isAbsolute, data_hash: run.dataHash, systems: whole.map(row),
      steps: steps.map(row), profiles: series.flatMap(profiles),
      statistics: Dictionary(uniqueKeysWithValues: statistics.map { ($0.name, $0.value) }),
      partner_errors: partnerErrors.map {
        .init(
          lithiated_rmse: 1000 * $0.lithiated, delithiated_rmse: 1000 * $0.delithiated, correlation: $0.correlation,
          independent_voltage_rmse: $0.independent, voltage_rmse: $0.observed)
      }, without_partner: alone, notes: notes)
  }

  public var json: String { get throws { try jsonText(file) } }

  private func row(_ row: VoltageRow) -> File.Row {
    let errors = row.partnerErrors
    return File.Row(
      host: row.lithiated.hostText, lithiated_content: row.lithiated.content,
      delithiated_content: row.delithiated.content, lithiated_id: row.lithiated.id,
      delithiated_id: row.delithiated.id, volts: row.volts, deviation: row.deviation, label: row.label,
      error: row.error, error_percent: reference.isAbsolute ? row.percentage : nil,
      lithiated_error: errors.map { 1000 * $0.lithiated }, delithiated_error: errors.map { 1000 * $0.delithiated },
      capacity: row.capacity, energy_density: reference.isAbsolute ? row.energyDensity : nil,
      volume_change: row.volumeChange, lithiated_relaxation: row.lithiated.relaxation,
      delithiated_relaxation: row.delithiated.relaxation)
  }

  private func profiles(_ series: VoltageSeries) -> [File.Profile] {
    [("model", series.profile), ("label", series.labelProfile)].compactMap { source, profile in
      profile.map { profile in
        File.Profile(
          host: series.name, by: source, average: profile.average,
          plateaus: profile.plateaus.map { .init(from: $0.from, to: $0.to, volts: $0.volts) },
          points: profile.points.map {
            .init(
              id: series.structures[$0.index].id, content: $0.content, formation_energy: $0.formationEnergy,
              above_hull: $0.aboveHull)
          })
      }
    }
  }
}
