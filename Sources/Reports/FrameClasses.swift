import Structures

/// The frames of a data set by class, as the pie charts of the paper's Figure 3 show them.
public struct FrameClasses: Codable, Sendable, Equatable {
  /// Frames of each lithiation class: LiTMO2, TMO2, Li-excess, partly lithiated, other.
  public var lithiation: [Amount]
  /// Frames of each number of transition metals.
  public var transitionMetals: [Amount]
  /// Frames in which each transition metal occurs, by atomic number.
  public var presence: [Amount]
  /// Frames by the order of their cations.
  public var order: [Amount]

  private enum CodingKeys: String, CodingKey {
    case lithiation, presence, order
    case transitionMetals = "transition_metals"
  }

  /// - Throws: `InputError` for a cell without volume or a position that is no number.
  public init(_ dataset: Dataset, threads: Int = 1) throws {
    let orders = try parallelMap(chunks: dataset.count, threads: threads) {
      try dataset[$0].structure.cationOrder()
    }
    var count = ClassCount()
    for (frame, order) in zip(dataset, orders) { count.add(frame.structure, order) }
    self = count.summary
  }

  fileprivate init(lithiation: [Amount], transitionMetals: [Amount], presence: [Amount], order: [Amount]) {
    self.lithiation = lithiation
    self.transitionMetals = transitionMetals
    self.presence = presence
    self.order = order
  }

  /// Three pie charts: class, number of transition metals, presence of each.
  public var svg: String { drawing.markup.text }

  var drawing: SVGDocument {
    let charts = [
      ("Lithiation", lithiation), ("Transition metals a frame", transitionMetals),
      ("Frames with each metal", presence),
    ]
    var drawing = SVGDocument(width: 1170, height: 330, title: "Frames by class")
    for (column, chart) in charts.enumerated() {
      PieChart(title: chart.0, parts: chart.1).draw(
        center: [195 + 390 * Double(column), 170], radius: 80, into: &drawing)
    }
    return drawing
  }
}

/// Counts frames by class, one by one.
struct ClassCount: Sendable {
  private var classes: [LithiationClass: Int] = [:]
  private var numbers: [Int: Int] = [:]
  private var metals: [ChemicalElement: Int] = [:]
  private var orders: [CationOrder: Int] = [:]

  mutating func add(_ structure: Structure, _ order: CationOrder) {
    let present = structure.transitionMetals
    classes[structure.lithiationClass, default: 0] += 1
    numbers[present.count, default: 0] += 1
    for metal in present { metals[metal, default: 0] += 1 }
    orders[order, default: 0] += 1
  }

  var summary: FrameClasses {
    FrameClasses(
      lithiation: LithiationClass.allCases.compactMap { kind in classes[kind].map { Amount(kind.title, $0) } },
      transitionMetals: numbers.sorted { $0.key < $1.key }.map { Amount("\($0.key) TM", $0.value) },
      presence: metals.sorted { $0.key < $1.key }.map { Amount($0.key.symbol, $0.value) },
      order: CationOrder.allCases.compactMap { kind in orders[kind].map { Amount(kind.rawValue, $0) } })
  }
}
