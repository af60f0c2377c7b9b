/// Numbers that begin where a cache line does, so that no vector lies in two of them; used again and again.
final class AlignedNumbers {
  private var pointer: UnsafeMutablePointer<Double>
  private var capacity = 8

  init() { pointer = Self.allocate(8) }

  deinit { pointer.deallocate() }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer.allocate(byteCount: 8 * count, alignment: 64)
      .initializeMemory(as: Double.self, repeating: 0, count: count)
  }

  /// Room for so many numbers; what was there before may be gone.
  func room(_ count: Int) -> UnsafeMutablePointer<Double> {
    if count > capacity {
      pointer.deallocate()
      capacity = count + count / 2
      pointer = Self.allocate(capacity)
    }
    return pointer
  }
}
