import Structures

/// Removes a mobile ion from ordered structures.
public struct Delithiation: Sendable {
  public enum Method: String, CaseIterable, Sendable {
    /// All symmetry-distinct vacancy orderings.
    case distinct
    /// Those of the lowest electrostatic energy.
    case ewald
    /// Distinct ones at random.
    case random
  }

  public var mobile: ChemicalElement
  /// What stays, as a fraction of what the host holds.
  public var content: Double
  public var method: Method
  /// Structures for each host at most (`ewald`, `random`); more distinct ones than this are an error.
  public var count: Int
  public var seed: UInt64
  /// A content that does not come out whole is rounded to the nearest number of ions; else it is an error.
  public var takesNearest = false

  /// - Throws: `InputError` (usage) for a content outside of 0 … 1 or a count below 1.
  public init(
    mobile: ChemicalElement = ChemicalElement("Li")!, content: Double = 0, method: Method = .distinct,
    count: Int = 1000, seed: UInt64 = 1
  ) throws {
    guard (0...1).contains(content) else {
      throw InputError("the content left must lie in 0 … 1, found \(content)", isUsage: true)
    }
    guard count >= 1 else { throw InputError("the number of structures must be 1 or more", isUsage: true) }
    self.mobile = mobile
    self.content = content
    self.method = method
    self.count = count
    self.seed = seed
  }

  /// One delithiated structure: atoms of the host that are gone, and for `ewald` the energy, eV.
  public struct Result: Sendable {
    public var structure: Structure
    public var removed: [Int]
    public var energy: Double?
  }

  /// - Parameter number: of the host, so that hosts have independent random choices.
  /// - Throws: `InputError` where the host holds no mobile ion, the content does not come out whole, or there are too
  ///   many distinct orderings.
  public func results(_ host: Structure, number: Int = 0, threads: Int = 1) throws -> [Result] {
    let sites = host.elements.indices.filter { host.elements[$0] == mobile }
    guard !sites.isEmpty else {
      throw InputError(
        "\(host.formula) holds no \(mobile) to remove",
        remedy: "leave it out: halite data select --having \(mobile)")
    }
    let left = content * Double(sites.count)
    // Contents such as 0.667 are rounded.
    guard takesNearest || abs(left - left.rounded()) < 0.02 else {
      throw InputError(
        "a content of \(content) leaves \(shortNumber(left)) \(mobile) of \(sites.count) in \(host.formula)",
        remedy: "take a multiple of 1/\(sites.count), repeat the cell, or take the nearest with --nearest")
    }
    let removed = sites.count - Int(left.rounded())
    if removed == 0 { return [Result(structure: host, removed: [])] }
    if removed == sites.count { return [result(host, removing: sites)] }
    let choices = try HostOrderings(host, atoms: [sites], counts: [removed])
    switch method {
    case .distinct: return try choices.all(limit: count).map { result(host, removing: $0.atoms[0]) }
    case .random: return try randomChoices(choices, number: number).map { result(host, removing: $0) }
    case .ewald: return try lowest(host, choices, threads: threads)
    }
  }

  private func result(_ host: Structure, removing atoms: [Int], energy: Double? = nil) -> Result {
    let gone = Set(atoms)
    let kept = host.elements.indices.filter { !gone.contains($0) }
    return Result(structure: host.keeping(atoms: kept), removed: atoms.sorted(), energy: energy)
  }

  private func randomChoices(_ choices: HostOrderings, number: Int) throws -> [[Int]] {
    let possible = try choices.count()
    var random = RandomSource(seed: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
    // Few orderings are listed and shuffled; of many, repeated draws seldom meet.
    if possible <= UInt128(4 * count) {
      let all = try choices.all(limit: 4 * count)
      return random.permutation(of: all.count).prefix(count).map { all[$0].atoms[0] }
    }
    var seen: Set<[Int]> = []
    var result: [[Int]] = []
    while result.count < count {
      let drawn = choices.random(&random)[0]
      if seen.insert(drawn).inserted { result.append(drawn) }
    }
    return result
  }

  /// Orderings looked at for the lowest energies at most.
  private static let most = 200_000

  private func lowest(_ host: Structure, _ choices: HostOrderings, threads: Int) throws -> [Result] {
    guard try choices.count() <= UInt128(Self.most) else {
      throw InputError(
        "there are \(try choices.count()) distinct orderings, too many to compare their Ewald energies (\(Self.most))",
        remedy: "take --method random, or a smaller cell")
    }
    let all = try choices.all(limit: Self.most)
    let interaction = try ChargeInteraction(EwaldEnergy(host), threads: threads)
    let charges = try charges(of: host, removing: all[0].atoms[0].count)
    let blocks = (all.count + 63) / 64
    let energies = try parallelMap(chunks: blocks, threads: threads) { block in
      (block * 64..<min(all.count, block * 64 + 64)).map { k in
        var own = charges
        for atom in all[k].atoms[0] { own[atom] = 0 }
        return interaction.energy(charges: own)
      }
    }.flatMap { $0 }
    let order = all.indices.sorted { (energies[$0], $0) < (energies[$1], $1) }
    return order.prefix(count).map { result(host, removing: all[$0].atoms[0], energy: energies[$0]) }
  }

  /// Anions and the mobile ion carry their usual charge; all other cations share the rest evenly.
  private func charges(of host: Structure, removing removed: Int) throws -> [Double] {
    var charges = [Double](repeating: 0, count: host.count)
    var total = 0.0
    for (atom, element) in host.elements.enumerated() where element == mobile || element.isAnion {
      guard let charge = element.oxidationStates.first else {
        throw InputError("no usual charge of \(element) is known here for an Ewald energy")
      }
      charges[atom] = Double(charge)
      total += charges[atom]
    }
    let others = host.elements.indices.filter { host.elements[$0] != mobile && !host.elements[$0].isAnion }
    let rest = Double(removed) * Double(mobile.oxidationStates.first ?? 1) - total
    guard !others.isEmpty, rest > 0 else {
      throw InputError("\(host.formula) has no other cations to balance the charges for an Ewald energy")
    }
    for atom in others { charges[atom] = rest / Double(others.count) }
    return charges
  }
}
