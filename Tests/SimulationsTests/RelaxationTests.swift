import Foundation
import Potentials
import Structures
import TestSupport
import Testing

@testable import Simulations

/// A pair potential ε((1 − e^{−a(r − r₀)})² − 1), with a smooth end at the cutoff.
struct MorsePotential: Potential {
  var elements: [ChemicalElement] = [ChemicalElement("Cu")!]
  var cutoff = 6.0
  var depth = 0.35
  var stiffness = 1.4
  var distance = 2.8

  func siteEnergies(_ list: NeighborList, gradient: inout PairGradient?) -> [Double] {
    list.centers.map { site in
      var energy = 0.0
      for pair in list.pairs(of: site) {
        let r = length(list.vectors[pair])
        guard r < cutoff else { continue }
        let e = exp(-stiffness * (r - distance))
        let (value, slope) = (depth * (e * e - 2 * e), 2 * depth * stiffness * (e - e * e))
        let x = 1 - r * r / (cutoff * cutoff)
        let (end, endSlope) = (x * x * x, -6 * r / (cutoff * cutoff) * x * x)
        energy += 0.5 * value * end
        gradient?.vectors[pair] += (0.5 * (slope * end + value * endSlope) / r) * list.vectors[pair]
      }
      return energy
    }
  }
}

/// A copper-like crystal of 32 atoms, rattled and strained.
func rattledCrystal(seed: UInt64, rattle: Double = 0.15, strain: Matrix3 = .zero) -> Structure {
  var random = RandomSource(seed: seed)
  let edge = 3.7
  var positions: [SIMD3<Double>] = []
  for i in 0..<2 {
    for j in 0..<2 {
      for k in 0..<2 {
        for site in [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]] as [SIMD3<Double>] {
          let shake = SIMD3(random.uniform() - 0.5, random.uniform() - 0.5, random.uniform() - 0.5)
          positions.append(edge * (site + [Double(i), Double(j), Double(k)]) + 2 * rattle * shake)
        }
      }
    }
  }
  let crystal = Structure(
    lattice: Lattice(a: [2 * edge, 0, 0], b: [0, 2 * edge, 0], c: [0, 0, 2 * edge]),
    elements: positions.map { _ in ChemicalElement("Cu")! }, positions: positions)
  return crystal.strained(by: strain)
}

private let strain = Matrix3([0.03, 0.02, 0], [0.01, -0.02, 0.015], [0, 0, 0.04])

private func settings(_ method: RelaxationSettings.Method, cell: Bool) -> RelaxationSettings {
  var settings = RelaxationSettings()
  settings.method = method
  settings.relaxesCell = cell
  settings.forceTolerance = 1e-3
  settings.stressTolerance = 1e-5
  settings.stepLimit = 2000
  return settings
}

@Suite struct RelaxationTests {
  @Test(arguments: RelaxationSettings.Method.allCases, [false, true])
  func itEndsInTheMinimum(method: RelaxationSettings.Method, cell: Bool) throws {
    let start = rattledCrystal(seed: 3, strain: cell ? strain : .zero)
    let relaxation = try Relaxation(Evaluator(MorsePotential()), settings: settings(method, cell: cell))
    let result = try relaxation.relax(start)
    #expect(result.isConverged, "\(result.end.text), \(result.steps) steps")
    #expect(result.energy < result.startEnergy && result.largestForce < 1e-3)
    // The perfect crystal, its edge where cell and atoms are free.
    var best = settings(.lbfgs, cell: cell)
    best.forceTolerance = 1e-6
    best.stressTolerance = 1e-8
    let perfect = try Relaxation(Evaluator(MorsePotential()), settings: best)
      .relax(rattledCrystal(seed: 1, rattle: 0))
    #expect(perfect.isConverged)
    #expect(abs(result.energy - perfect.energy) < 1e-4, "\(result.energy) \(perfect.energy)")
    if cell {
      #expect(try #require(result.largestStress) < 1e-5)
      #expect(abs(result.structure.volume! / perfect.structure.volume! - 1) < 1e-3)
    } else {
      #expect(result.structure.lattice == start.lattice && result.volumeChange == 0)
    }
  }

  /// The gradient at a deformed point by central differences of the energy.
  @Test func theGradientOfCellAndPositions() throws {
    let start = rattledCrystal(seed: 9)
    let coordinates = try CellCoordinates(start, relaxesCell: true)
    let predictor = Predictor(MorsePotential())
    var point = coordinates.point
    var random = RandomSource(seed: 2)
    for k in point.indices {
      point[k] += 0.1 * SIMD3(random.uniform() - 0.5, random.uniform() - 0.5, random.uniform() - 0.5)
    }
    func energy(_ point: [SIMD3<Double>]) throws -> Double {
      try predictor.predict([#require(coordinates.structure(at: point))])[0].energy
    }
    let here = try predictor.predict([#require(coordinates.structure(at: point))])[0]
    let gradient = coordinates.gradient(at: point, forces: here.forces, virial: here.virial)
    for k in [0, 17, 31, 32, 33, 34] {
      for axis in 0..<3 {
        var (up, down) = (point, point)
        up[k][axis] += 1e-4
        down[k][axis] -= 1e-4
        let slope = (try energy(up) - energy(down)) / 2e-4
        #expect(abs(slope - gradient[k][axis]) < 1e-5 * max(1, abs(slope)), "\(k) \(axis)")
      }
    }
  }

  @Test func theSameBitsAtAnyNumberOfThreads() throws {
    let starts = (1...5).map { rattledCrystal(seed: $0) }
    let relaxation = try Relaxation(Evaluator(MorsePotential()), settings: settings(.lbfgs, cell: true))
    let one = try relaxation.relax(starts, threads: 1)
    let two = try relaxation.relax(starts, threads: 2)
    #expect(
      zip(one, two).allSatisfy { $0.structure == $1.structure && $0.energy == $1.energy && $0.steps == $1.steps })
  }

  @Test func whatDoesNotConvergeIsSaidAndKept() throws {
    var few = settings(.fire, cell: false)
    few.stepLimit = 3
    let result = try Relaxation(Evaluator(MorsePotential()), settings: few).relax(rattledCrystal(seed: 3))
    #expect(result.end == .stepLimit && result.steps == 3 && result.energy <= result.startEnergy)
  }

  @Test func atomsTooCloseEndIt() throws {
    var start = rattledCrystal(seed: 3)
    start.positions[1] = start.positions[0] + [1.2, 0, 0]
    let result = try Relaxation(Evaluator(MorsePotential())).relax(start)
    #expect(result.steps == 0 && result.structure == start)
    #expect(
      result.end.text.hasPrefix("stopped: Cu 1 and Cu 2 are 1.2 Å apart, closer than 1.584 Å"), "\(result.end)")
  }

  @Test func theGuardsOnGradeAndVolume() throws {
    let graded = Evaluator(MorsePotential()) { structure, _ in abs(structure.positions[0].x) * 100 }
    var limited = settings(.lbfgs, cell: false)
    limited.gradeLimit = 1e-9
    let result = try Relaxation(graded, settings: limited).relax(rattledCrystal(seed: 3))
    guard case .extrapolation(let grade) = result.end else {
      Issue.record("\(result.end)")
      return
    }
    #expect(grade > 1e-9 && result.steps == 0)
    var swollen = settings(.lbfgs, cell: true)
    swollen.volumeLimit = 0.01
    let wide = rattledCrystal(seed: 3, strain: Matrix3([0.1, 0, 0], [0, 0.1, 0], [0, 0, 0.1]))
    guard case .volume(let change) = try Relaxation(Evaluator(MorsePotential()), settings: swollen).relax(wide).end
    else {
      Issue.record("no guard on the volume")
      return
    }
    #expect(change < -0.01)
  }

  @Test func senselessSettingsAreRefused() {
    var wrong = RelaxationSettings()
    wrong.forceTolerance = 0
    #expect(throws: InputError.self) { try Relaxation(Evaluator(MorsePotential()), settings: wrong) }
    var cluster = rattledCrystal(seed: 1)
    cluster.lattice = nil
    cluster.periodic = .none
    #expect(throws: InputError.self) {
      try Relaxation(Evaluator(MorsePotential()), settings: settings(.fire, cell: true)).relax(cluster)
    }
  }
}

/// The same surface and starts in ASE, whose optimisers are the field's measure.
@Suite(.enabled(if: Peers.arePresent, "\(Peers.absence)"))
struct RelaxationPeerTests {
  private static let script = """
    import json, sys, numpy as np
    from ase import Atoms
    from ase.calculators.calculator import Calculator, all_changes
    from ase.neighborlist import neighbor_list
    from ase.optimize import FIRE, LBFGS
    from ase.filters import UnitCellFilter
    D, A, R0, RC = 0.35, 1.4, 2.8, 6.0
    class Morse(Calculator):
        implemented_properties = ['energy', 'forces', 'stress']
        def calculate(self, atoms=None, properties=None, system_changes=all_changes):
            super().calculate(atoms, properties, system_changes)
            i, d, v = neighbor_list('idD', self.atoms, RC)
            e = np.exp(-A*(d-R0)); val = D*(e*e-2*e); slope = 2*D*A*(e-e*e)
            x = 1-d*d/RC**2; end = x**3; es = -6*d/RC**2*x*x
            g = (0.5*(slope*end+val*es)/d)[:, None]*v
            f = np.zeros((len(self.atoms), 3)); np.add.at(f, i, 2*g)
            s = np.einsum('pa,pb->ab', v, g)/self.atoms.get_volume()
            self.results = dict(energy=0.5*np.sum(val*end), forces=f,
                stress=np.array([s[0,0], s[1,1], s[2,2], s[1,2], s[0,2], s[0,1]]))
    given = json.loads(sys.argv[1])
    out = []
    for cell, positions in given:
        for opt in (FIRE, LBFGS):
            for free in (False, True):
                a = Atoms('Cu%d' % len(positions), positions=positions, cell=cell, pbc=True); a.calc = Morse()
                target = UnitCellFilter(a) if free else a
                opt(target, logfile=None).run(fmax=1e-3 if not free else 2e-4, steps=3000)
                out.append([a.get_potential_energy(), a.get_volume()])
    print(json.dumps(out))
    """

  @Test func theMinimaOfASE() throws {
    let starts = (1...3).map { rattledCrystal(seed: $0, strain: strain) }
    let given = starts.map { start in
      [
        [start.lattice!.a, start.lattice!.b, start.lattice!.c].map { [$0.x, $0.y, $0.z] },
        start.positions.map { [$0.x, $0.y, $0.z] },
      ]
    }
    let text = String(decoding: try JSONSerialization.data(withJSONObject: given), as: UTF8.self)
    let answer = try JSONSerialization.jsonObject(with: Data(Peers.ask(Self.script, arguments: [text]).utf8))
    let rows = doubleRows(answer)
    var row = 0
    for start in starts {
      for method in [RelaxationSettings.Method.fire, .lbfgs] {
        for cell in [false, true] {
          let result = try Relaxation(Evaluator(MorsePotential()), settings: settings(method, cell: cell)).relax(
            start)
          #expect(result.isConverged)
          #expect(
            abs(result.energy - rows[row][0]) < 2e-4, "\(method) \(cell): \(result.energy), ASE \(rows[row][0])")
          #expect(abs(result.structure.volume! / rows[row][1] - 1) < 1e-3)
          row += 1
        }
      }
    }
  }
}

@Suite struct ContactGuardTests {
  private func pair(_ distance: Double) -> Structure {
    Structure(
      lattice: nil, elements: ["Mn", "O"].compactMap { ChemicalElement($0) }, positions: [.zero, [distance, 0, 0]])
  }

  /// Without a part of the radii the floor of the neighbour search is left: below it no potential answers.
  @Test func theFloorIsAlwaysGuarded() throws {
    let bare = ContactGuard(fraction: 0)
    #expect(try bare.contact(in: pair(0.6)) == nil)
    #expect(try bare.contact(in: pair(0.45)) == "Mn 1 and O 2 are 0.45 Å apart, closer than 0.5 Å")
    #expect(try ContactGuard(fraction: 0.6).contact(in: pair(0.6)) != nil)
    #expect(try bare.contact(in: Structure(lattice: nil, elements: [], positions: [])) == nil)
  }

  /// Without the guard a copper crystal under a potential that pulls atoms together ends with a word, not an error.
  @Test func aCollapseEndsTheRelaxation() throws {
    var settings = RelaxationSettings()
    (settings.contactFraction, settings.longestStep) = (0, 0.3)
    let relaxation = try Relaxation(Evaluator(MorsePotential(depth: 3, distance: 0.1)), settings: settings)
    let end = try relaxation.relax(rattledCrystal(seed: 2)).end
    guard case .contact(let pair) = end else {
      Issue.record("ended with \(end)")
      return
    }
    #expect(pair.hasSuffix("closer than 0.5 Å"))
  }
}
