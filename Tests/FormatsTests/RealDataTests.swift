import Structures
import TestSupport
import Testing

@testable import Formats

/// A file of the shared data and the counts that its description states.
private struct Source: Sendable, CustomTestStringConvertible {
  var path: String
  var frames: Int
  var atoms: Int?
  var withForces: Int
  var withStress: Int
  var withMoments = 0
  var testDescription: String { path }
}

private let sources = [
  Source(path: "lmnto-cooper2020/lmnto.extxyz", frames: 660, atoms: 660 * 56, withForces: 660, withStress: 0),
  Source(path: "linio2-popoff/linio2.extxyz", frames: 95, atoms: 95 * 24, withForces: 95, withStress: 95),
  Source(
    path: "tm-oxides-magmom-r2scan/tm_oxides.extxyz", frames: 304, atoms: 4608, withForces: 304, withStress: 304,
    withMoments: 304),
  Source(path: "smol-drx-energies/lmo_drx_entries.extxyz", frames: 638, withForces: 0, withStress: 0),
  Source(path: "smol-drx-energies/lmof_entries.extxyz", frames: 26, withForces: 0, withStress: 0),
  Source(path: "smol-drx-energies/lno_entries.extxyz", frames: 31, withForces: 0, withStress: 0),
  Source(path: "xtb-drx-64/drx-1.extxyz", frames: 284, withForces: 284, withStress: 284),
  Source(path: "xtb-drx-64/drx-pairs.extxyz", frames: 120, withForces: 120, withStress: 120),
  Source(path: "mlearn-zuo2020/Cu_test.extxyz", frames: 31, atoms: 3178, withForces: 31, withStress: 31),
  Source(
    path: "mlearn-zuo2020/Cu_train_reconstructed.extxyz", frames: 263, atoms: 27524, withForces: 263,
    withStress: 263),
  Source(path: "mlearn-zuo2020/Mo_train.extxyz", frames: 194, atoms: 10087, withForces: 194, withStress: 194),
  Source(path: "mlearn-zuo2020/Mo_test.extxyz", frames: 23, atoms: 1189, withForces: 23, withStress: 23),
  Source(
    path: "mlearn-zuo2020/Ni_train_partial_noAIMD.extxyz", frames: 162, atoms: 16004, withForces: 162,
    withStress: 162),
  Source(path: "mlearn-zuo2020/Ni_test.extxyz", frames: 31, atoms: 3158, withForces: 31, withStress: 31),
  Source(path: "mlearn-zuo2020/Li_train.extxyz", frames: 241, atoms: 11576, withForces: 241, withStress: 241),
  Source(path: "mlearn-zuo2020/Li_test.extxyz", frames: 29, atoms: 1320, withForces: 29, withStress: 29),
  Source(path: "nmc622-deepmd/nmc622.extxyz", frames: 500, atoms: 28000, withForces: 500, withStress: 500),
  Source(path: "ta-fitsnap/ta.extxyz", frames: 363, atoms: 4224, withForces: 363, withStress: 363),
  Source(
    path: "nio-deepspin/nio_deepmdkit_151.extxyz", frames: 151, atoms: 151 * 32, withForces: 151, withStress: 0,
    withMoments: 151),
  Source(
    path: "nio-deepspin/nio_deepspin_raw_100.extxyz", frames: 100, atoms: 3200, withForces: 100, withStress: 0,
    withMoments: 100),
  Source(path: "li-mn-o-deepmd/li-mn-o.extxyz.gz", frames: 1707, withForces: 1707, withStress: 1707),
  Source(path: "tio2-artrith2016/tio2.extxyz.gz", frames: 7034, withForces: 7034, withStress: 0),
]

private let isHere = SharedData.holds("data/lmnto-cooper2020")

@Test(.enabled(if: isHere, "needs the shared data"), arguments: sources)
private func sharedDataHoldWhatTheirDescriptionSays(_ source: Source) throws {
  let file = try readFrames(SharedData.path("data/" + source.path))
  let frames = file.frames
  #expect(frames.count == source.frames)
  if let atoms = source.atoms { #expect(frames.reduce(0) { $0 + $1.structure.count } == atoms) }
  #expect(frames.count { $0.labels.energy != nil } == source.frames)
  #expect(frames.count { $0.labels.forces != nil } == source.withForces)
  #expect(frames.count { $0.labels.virial != nil } == source.withStress)
  #expect(frames.count { $0.structure.moments != nil } == source.withMoments)
  #expect(frames.allSatisfy { $0.structure.periodic == .all })
  #expect(file.notes.first == "energy read from key energy (\(source.frames) frames)")
  let back = try read(text(try ExtendedXYZ.write(Array(frames.prefix(40))))).frames
  #expect(back.map(\.labels) == frames.prefix(40).map(\.labels))
  #expect(back.map(\.structure) == frames.prefix(40).map(\.structure))
  #expect(back.map(\.columns) == frames.prefix(40).map(\.columns))
  #expect(back.map(\.id) == frames.prefix(40).map(\.id))
}

/// The original XSF files and the extxyz made from them agree within the digits that both hold.
@Test(.enabled(if: isHere, "needs the shared data"))
func theFolderOfXSFAndTheExtxyzOfLMNTOAgree() throws {
  let folder = SharedData.path("data/lmnto-cooper2020/xsf")
  let originals = try readFrames(folder)
  #expect(originals.notes.count == 2)
  let byName = Dictionary(
    uniqueKeysWithValues: originals.frames.map { (lastComponent($0.provenance.file ?? ""), $0) })
  let converted = try readFrames(SharedData.path("data/lmnto-cooper2020/lmnto.extxyz")).frames
  var matched = 0
  for frame in converted {
    guard let source = frame.value(ofKey: "src"), let original = byName[source] else { continue }
    matched += 1
    #expect(original.structure.elements == frame.structure.elements)
    #expect(original.labels.energy == frame.labels.energy)
    #expect(farthest(original.structure.positions, frame.structure.positions) < 1e-8)
    #expect(farthest(original.labels.forces ?? [], frame.labels.forces ?? []) < 1e-8)
    #expect(original.structure.lattice == frame.structure.lattice)
  }
  #expect(matched == originals.frames.count)
}

private func farthest(_ a: [SIMD3<Double>], _ b: [SIMD3<Double>]) -> Double {
  a.count == b.count ? zip(a, b).reduce(0) { max($0, length($1.0 - $1.1)) } : .infinity
}

@Test(.enabled(if: isHere, "needs the shared data"))
func theXSFFixturesAreRead() throws {
  let isolated = try readFrames(SharedData.path("data/fixtures/xsf/isolated.xsf")).frames
  #expect(isolated.count == 1 && isolated[0].structure.formula == "Li12Mo6O18")
  #expect(isolated[0].structure.lattice == nil && isolated[0].labels == Labels())
  let periodic = try readFrames(SharedData.path("data/fixtures/xsf/periodic.xsf")).frames[0]
  #expect(periodic.labels.energy == -244.67763362)
  #expect(periodic.structure.count == 36 && periodic.labels.forces?.count == 36)
  let trajectory = try readFrames(SharedData.path("data/fixtures/xsf/trajectory.xsf")).frames
  #expect(trajectory.count == 501)
  #expect(trajectory[500].structure.positions[0] == [5.9436728680, 3.7322361790, 4.7391007140])
  #expect(trajectory[500].structure.lattice == trajectory[0].structure.lattice)
  #expect(trajectory[500].labels.forces?[0] == [-0.0081266800, -0.0202927800, -0.0062731200])
  let water = try readFrames(SharedData.path("data/fixtures/aenet/featurize-reference/water.xyz")).frames[0]
  #expect(water.structure.formula == "H2O" && water.value(ofKey: "comment") == "Water molecule")
}

@Test func theShippedSampleIsRead() throws {
  let bytes = try Gzip.decompress(SampleData.disorderedRocksalts(), file: "sample")
  let file = try bytes.withUnsafeBytes { try ExtendedXYZ.read(bytes: $0, file: "sample") }
  #expect(file.frames.count == 120)
  #expect(file.frames.allSatisfy { $0.labels.energy != nil && $0.labels.forces != nil && $0.labels.virial != nil })
}
