/// Subgroups of the translations Z_s1 × Z_s2 × Z_s3 of a supercell, as lists of numbers of elements.
enum TranslationSubgroups {
  static func number(_ v: SIMD3<Int>, _ s: SIMD3<Int>) -> Int {
    (v.x.wrapped(s.x) * s.y + v.y.wrapped(s.y)) * s.z + v.z.wrapped(s.z)
  }

  static func sum(_ a: SIMD3<Int>, _ b: SIMD3<Int>, _ s: SIMD3<Int>) -> Int { number(a &+ b, s) }

  /// All subgroups whose Möbius function is not zero: products of elementary abelian ones.
  static func withMobius(_ s: SIMD3<Int>) -> [(members: [Int], mobius: Int)] {
    let n = s.x * s.y * s.z
    var result: [(members: [Int], mobius: Int)] = [([0], 1)]
    for p in 2...max(2, n) where n % p == 0 && (2..<p).allSatisfy({ p % $0 != 0 }) {
      let part = elementary(p, s)
      result = result.flatMap { head in
        part.map { tail in (closure(of: head.members + tail.members, s), head.mobius * tail.mobius) }
      }
    }
    return result
  }

  /// Subgroups of the elements of order p (and the trivial one), with their Möbius function.
  private static func elementary(_ p: Int, _ s: SIMD3<Int>) -> [(members: [Int], mobius: Int)] {
    let elements = groupElements(s)
    let torsion = elements.indices.filter { number(elements[$0] &* p, s) == 0 }
    var known: Set<[Int]> = [[0]]
    var layer: [[Int]] = [[0]]
    while !layer.isEmpty {
      var larger: [[Int]] = []
      for group in layer {
        for element in torsion where !group.contains(element) {
          let joined = closure(of: group + [element], s)
          if known.insert(joined).inserted { larger.append(joined) }
        }
      }
      layer = larger
    }
    return known.sorted { ($0.count, $0.description) < ($1.count, $1.description) }.map { members in
      var (rank, size) = (0, members.count)
      while size > 1 {
        size /= p
        rank += 1
      }
      return (members, (rank % 2 == 0 ? 1 : -1) * power(p, rank * (rank - 1) / 2))
    }
  }

  private static func power(_ base: Int, _ exponent: Int) -> Int {
    (0..<exponent).reduce(1) { value, _ in value * base }
  }

  /// The smallest subgroup with these elements, sorted.
  static func closure(of members: [Int], _ s: SIMD3<Int>) -> [Int] {
    let elements = groupElements(s)
    var group: Set<Int> = [0]
    for member in members where !group.contains(member) {
      var multiple = elements[member]
      var multiples = [0]
      while number(multiple, s) != 0 {
        multiples.append(number(multiple, s))
        multiple &+= elements[member]
      }
      group = Set(group.flatMap { a in multiples.map { sum(elements[a], elements[$0], s) } })
    }
    return group.sorted()
  }

  /// The smallest subgroup with these elements that `moved` maps on itself.
  static func closure(of members: [Int], under moved: [Int], _ s: SIMD3<Int>) -> [Int] {
    var group = closure(of: members, s)
    while true {
      let larger = closure(of: group + group.map { moved[$0] }, s)
      if larger.count == group.count { return group }
      group = larger
    }
  }
}
