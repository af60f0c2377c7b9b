import Structures
import Testing

@Suite struct SignatureIndexTests {
  @Test func findsWhatComparingAllFinds() throws {
    var random = RandomSource(seed: 2)
    let signatures = (0..<300).map { _ -> FrameSignature in
      let energy = Double(random.below(40)) * 1e-5 + Double(random.below(3))
      return FrameSignature(
        formula: ["LiO", "MnO"][random.below(2)], volume: 10, energy: random.below(10) == 0 ? nil : energy,
        distances: [1.8 + Double(random.below(4)) * 3e-4])
    }
    let index = SignatureIndex(signatures)
    for signature in signatures {
      let expected = signatures.indices.filter { signature.matches(signatures[$0], atoms: 4) }
      #expect(index.matches(of: signature, atoms: 4) == expected)
    }
  }
}
