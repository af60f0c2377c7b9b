import Foundation
import Structures
import TestSupport
import Testing

@testable import Formats

/// A data set of the shared data.
private struct Source: Sendable, CustomTestStringConvertible {
  var path: String
  var testDescription: String { path }

  static let all = [
    "lmnto-cooper2020/lmnto.extxyz", "lmnto-cooper2020/xsf", "linio2-popoff/linio2.extxyz",
    "tm-oxides-magmom-r2scan/tm_oxides.extxyz", "smol-drx-energies/lmo_drx_entries.extxyz",
    "smol-drx-energies/lmof_entries.extxyz", "smol-drx-energies/lno_entries.extxyz", "xtb-drx-64/drx-1.extxyz",
    "xtb-drx-64/drx-pairs.extxyz", "mlearn-zuo2020/Cu_train_reconstructed.extxyz", "mlearn-zuo2020/Mo_train.extxyz",
    "mlearn-zuo2020/Ni_train_partial_noAIMD.extxyz", "mlearn-zuo2020/Li_train.extxyz", "mlearn-zuo2020/maml-json",
    "nmc622-deepmd/nmc622.extxyz", "nmc622-deepmd/deepmd-npy", "ta-fitsnap/ta.extxyz", "ta-fitsnap/json-sample",
    "nio-deepspin/nio_deepmdkit_151.extxyz", "nio-deepspin/nio_deepspin_raw_100.extxyz", "nio-deepspin/deepmd-npy",
    "li-mn-o-deepmd/li-mn-o.extxyz.gz", "li-mn-o-deepmd/deepmd-npy", "tio2-artrith2016/tio2.extxyz.gz",
  ].map { Source(path: $0) }
}

/// `make prove` sets HALITE_WHOLE_SETS: then all frames are converted, else eight of each set.
private let isWhole = ProcessInfo.processInfo.environment["HALITE_WHOLE_SETS"] != nil

private func frames(_ source: Source) throws -> [LabeledStructure] {
  let frames = try readFrames(SharedData.path("data/" + source.path)).frames
  guard !isWhole, frames.count > 8 else { return frames }
  return (0..<8).map { frames[$0 * (frames.count - 1) / 7] }
}

/// Every data set, to every format that is written, and back.
@Test(
  .enabled(if: SharedData.holds("data/lmnto-cooper2020"), "needs the shared data"), arguments: Source.all)
private func everyDataSetGoesToEveryFormatAndBack(_ source: Source) throws {
  let all = try frames(source)
  try withTemporaryFolder { folder in
    for format in Formats.all where format.metadata.canWrite && format.metadata.canRead {
      let metadata = format.metadata
      var frames = all
      if metadata.name.hasPrefix("lammps") {
        // LAMMPS takes no left-handed cells; that is said, see LAMMPSDataTests.
        frames.removeAll { ($0.structure.lattice?.signedVolume ?? 1) < 0 }
      }
      let place = "\(folder)/a\(metadata.suffixes[0])" + (metadata.holdsManyFrames ? "" : ".d")
      let said = try writeFrames(frames, to: place, format: metadata.name)
      let lost = losses(writing: frames, as: format)
      #expect(said.count >= lost.count && lost.allSatisfy { loss in said.contains { $0.hasSuffix(loss) } })
      let back = try readFrames(place, options: ReadOptions(format: metadata.name)).frames
      #expect(back.count == frames.count, "\(metadata.name)")
      compare(back, frames, metadata)
      try FileManager.default.removeItem(atPath: place)
    }
  }
}

private func compare(_ back: [LabeledStructure], _ frames: [LabeledStructure], _ metadata: FormatMetadata) {
  var pairs = Array(zip(back, frames))
  if metadata.name.hasPrefix("deepmd") {
    // Systems gather frames of equal atoms: the order within each id stays.
    var places = Dictionary(grouping: back.indices.reversed()) { back[$0].id }
    pairs = frames.compactMap { frame in places[frame.id]?.popLast().map { (back[$0], frame) } }
    #expect(pairs.count == frames.count)
  }
  for (found, frame) in pairs {
    #expect(found.structure.elements == frame.structure.elements)
    #expect(found.structure.lattice.map(flat).map { near($0, frame.structure.lattice.map(flat) ?? []) } == true)
    #expect(near(flat(found.structure.positions), flat(frame.structure.positions)), "positions in \(metadata.name)")
    if metadata.carries.contains(.id) { #expect(found.id == frame.id) }
    #expect(found.labels.energy == (metadata.carries.contains(.energy) ? frame.labels.energy : nil))
    #expect(found.labels.forces == (metadata.carries.contains(.forces) ? frame.labels.forces : nil))
    let virial = metadata.carries.contains(.stress) ? frame.labels.virial : nil
    #expect((found.labels.virial == nil) == (virial == nil))
    if let a = found.labels.virial, let b = virial { #expect(near(a.voigt, b.voigt), "virial in \(metadata.name)") }
    #expect(
      (found.structure.moments == nil) == (frame.structure.moments == nil || !metadata.carries.contains(.moments)))
    if metadata.carries.contains(.moments) { #expect(vectors(found) == vectors(frame)) }
    if metadata.carries.contains(.magneticForces) {
      #expect(found.labels.magneticForces == frame.labels.magneticForces)
    }
    if metadata.carries.contains(.configType) { #expect(found.configType == frame.configType) }
    if metadata.carries.contains(.columns) { #expect(found.columns.map(\.values) == frame.columns.map(\.values)) }
    if metadata.carries.contains(.uninterpreted) {
      let keys = Set(found.info.map(\.key))
      #expect(frame.info.allSatisfy { keys.contains($0.key) })
    }
  }
}

private func flat(_ lattice: Lattice) -> [Double] { flat([lattice.a, lattice.b, lattice.c]) }
private func flat(_ vectors: [SIMD3<Double>]) -> [Double] { vectors.flatMap { [$0.x, $0.y, $0.z] } }

private func near(_ a: [Double], _ b: [Double]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-13 * max(1, abs($1)) }
}

/// Collinear moments lie along z.
private func vectors(_ frame: LabeledStructure) -> [SIMD3<Double>]? {
  switch frame.structure.moments {
  case .collinear(let values): values.map { [0, 0, $0] }
  case .vectors(let values): values
  case nil: nil
  }
}
