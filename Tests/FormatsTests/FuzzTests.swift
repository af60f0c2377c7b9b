import Structures
import Testing

@testable import Formats

/// A format and files of it that damage is done to.
private struct Seeds: Sendable, CustomTestStringConvertible {
  var format: any StructureFormat.Type
  var texts: [String]
  var testDescription: String { format.metadata.name }
}

private let seeds = [
  Seeds(
    format: ExtendedXYZ.self,
    texts: [
      """
      2
      Lattice="4 0 0 0 4 0 0 0 4" pbc="T T T" Properties=species:S:1:pos:R:3:forces:R:3:magmoms:R:1:tag:S:2 \
      energy=-3.5 stress="1 4 5 4 2 6 5 6 3" virial=[[1,2,3],[1,2,3],[1,2,3]] flag a="b \\"c\\"" id=7
      Li 0 0.5 1 0.1 0.2 0.3 1.5 a b
      O 1 2 3e-5 -0.1 -0.2 -0.3 -0.5 c d
      1

      H 0 0 0

      """
    ]),
  Seeds(
    format: XSF.self,
    texts: [
      "# total energy = -1 eV\n# id = 0\n\nCRYSTAL\nPRIMVEC\n4 0 0\n0 4 0\n0 0 4\nPRIMCOORD\n2 1\nLi 0 0 0 1 2 3\n"
        + "O 1 1 1d0 0 0 0\n",
      "ANIMSTEPS 2\nSLAB\nPRIMVEC 1\n4 0 0\n0 4 0\n0 0 4\nPRIMCOORD 1\n1 1\n3 0 0 0\nPRIMCOORD 2\n1 1\n3 0 0 1\n",
      "ATOMS\nLi 0 0 0\nO 1 1 1\n\n# cohesive energy = -1\n",
    ]),
  Seeds(
    format: POSCAR.self,
    texts: [
      "Li O\n1.0\n4 0 0\n0 4 0\n0 0 4\nLi_sv O/12\n1 2\nSelective\nDirect\n0 0 0 T T F\n0 0 0.5 F F F\n.5 0 0 T T T O\n",
      "Li2 O1\n-64\n4 0 0\n0 4 0\n0 0 4\n2 1\nC\n0 0 0\n0 0 1d0\n1 0 0\n\n0 0 0\n0 0 0\n0 0 0\n",
    ]),
  Seeds(
    format: MLIPConfigurations.self,
    texts: [
      "BEGIN_CFG\n Size\n 2\n Supercell\n 4 0 0\n 0 4 0\n 0 0 4\n AtomData: id type cartes_x cartes_y cartes_z fx fy fz\n"
        + " 1 0 0 0 0 1 2 3\n 2 1 1 1 1 0 0 0\n Energy\n -1.5\n PlusStress: xx yy zz yz xz xy\n 1 2 3 4 5 6\n"
        + " Feature elements Li,O\n Feature EFS_by VASP\nEND_CFG\n"
    ]),
  Seeds(
    format: LAMMPSData.self,
    texts: [
      "x id=1\n\n2 atoms\n2 atom types\n0 4 xlo xhi\n0 4 ylo yhi\n0 4 zlo zhi\n1 0 0.5 xy xz yz\n\nMasses\n\n1 6.94 # Li\n"
        + "2 15.999\n\nAtoms # atomic\n\n1 1 0 0 0\n2 2 1 1 1\n\nVelocities\n\n1 0 0 0\n"
    ]),
  Seeds(
    format: LAMMPSDump.self,
    texts: [
      "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS xy xz yz pp pp pp\n0 5 1\n0 4 0\n0 4 0\n"
        + "ITEM: ATOMS id element x y z fx fy fz q\n2 O 1 1 1 0 0 0 a\n1 Li 0 0 0 1 2 3 1\n"
    ]),
  Seeds(
    format: CIF.self,
    texts: [
      "data_a\n_cell_length_a 4.0(1)\n_cell_length_b 4\n_cell_length_c 5\n_cell_angle_alpha 90\n_cell_angle_beta 90\n"
        + "_cell_angle_gamma 120\nloop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n'-x, -y, z+1/2'\nloop_\n_atom_site_label\n"
        + "_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n_atom_site_occupancy\nLi1 0 0 0 1\nO2 .3 .6 .5(2) 1.0\n"
    ]),
  Seeds(
    format: PymatgenJSON.self,
    texts: [
      #"[{"structure": {"lattice": {"matrix": [[4,0,0],[0,4,0],[0,0,4]]}, "sites": [{"species": [{"element": "Li", "occu": 1}],"#
        + #""xyz": [0,0,0.5], "properties": {"magmom": 1}}]}, "outputs": {"energy": -1, "forces": [[1,2,3]], "#
        + #""virial_stress": [1,2,3,4,5,6]}, "tag": "\u00fc\n"}]"#
    ]),
  Seeds(
    format: FitSNAPJSON.self,
    texts: [
      "# x\n{\"Dataset\": {\"Data\": [{\"Positions\": [[0,0,0]], \"AtomTypes\": [\"Ta\"], \"Lattice\": [[4,0,0],[0,4,0],[0,0,4]], "
        + "\"Stress\": [[1,0,0],[0,1,0],[0,0,1]], \"Energy\": 1}], \"StressStyle\": \"bar\"}}"
    ]),
  Seeds(
    format: AENETTrainingSet.self,
    texts: ["x\nF\n1\n0\n1\nTi\n-1\n1\n1\n0 0 0\nn\n1 1\n-1\n1\n0 0 0\n1 2 3\n2\n0.5 0.5\n"]),
]

/// Damaged files end in frames or in an `InputError`, and frames that were read can be written and read again.
@Test(arguments: seeds)
private func damagedFilesEndInFramesOrInAnInputError(_ seeds: Seeds) throws {
  var random = RandomSource(seed: 5)
  var readable = 0
  for round in 0..<2_000 {
    var bytes = Array(seeds.texts[round % seeds.texts.count].utf8)
    for _ in 0...random.below(4) { damage(&bytes, &random) }
    do {
      var options = ReadOptions(repair: round % 2 == 0)
      options.salvages = round % 4 > 1
      let file = try bytes.withUnsafeBytes { try seeds.format.read(bytes: $0, file: "x", options: options) }
      readable += 1
      for frame in file.frames where seeds.format.metadata.canWrite {
        let written = try seeds.format.write([frame])
        let again = try written.withUnsafeBytes { try seeds.format.read(bytes: $0, file: "x", options: options) }
        #expect(again.frames.count == 1 && again.frames[0].structure == frame.structure)
        #expect(again.frames[0].labels == frame.labels)
      }
    } catch let error as InputError {
      #expect(!error.description.contains("\n") && error.description.utf8.count < 400)
    }
  }
  #expect(readable > 50, "some damage is harmless")
}

private func damage(_ bytes: inout [UInt8], _ random: inout RandomSource) {
  guard !bytes.isEmpty else { return }
  let place = random.below(bytes.count)
  switch random.below(6) {
  case 0: bytes[place] ^= 1 << UInt8(random.below(8))
  case 1: bytes.removeSubrange(place...)
  case 2: bytes.remove(at: place)
  case 3:
    let pieces = [
      "\n", " ", "-", "9", "e9", "\"", "[", "=", "\0", "NaN", "\u{e9}", "#", "99999999", ".", "\r", "T",
    ]
    bytes.insert(contentsOf: Array(pieces[random.below(pieces.count)].utf8), at: place)
  case 4:
    let end = min(bytes.count, place + random.below(40))
    bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count))
  default: bytes[place] = UInt8(truncatingIfNeeded: random.next())
  }
}
