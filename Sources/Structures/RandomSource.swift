/// SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195): every random choice of Halite comes from one.
public struct RandomSource: RandomNumberGenerator, Hashable, Sendable, Codable {
  /// All there is to save for a bit-exact restart.
  public var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in [0, 1), 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// The numbers 0 ..< count in random order (Fisher–Yates), the same on every platform.
  public mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, below(i + 1)) }
    return order
  }

  /// Uniform in 0 ..< bound, without bias (Lemire 2019, doi:10.1145/3230636).
  public mutating func below(_ bound: Int) -> Int {
    let n = UInt64(bound)
    var product = next().multipliedFullWidth(by: n)
    if product.low < n {
      let threshold = (0 &- n) % n
      while product.low < threshold { product = next().multipliedFullWidth(by: n) }
    }
    return Int(product.high)
  }
}
