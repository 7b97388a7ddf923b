import IR

/// One side of a product or quotient that divides by `√(mean(y²) + ε)` over the last axes.
struct InverseRoot {
  /// What is divided.
  let numerator: Value
  /// What is squared.
  let squared: Value
  let epsilon: Float
  /// The axes of the mean, counted from 0.
  let axes: [Int]

  /// The quotient `numerator / √(…)` that `id` computes, as `div` by a root or as `mul` by its
  /// reciprocal.
  init?(_ id: OperationID, _ graph: Graph) {
    let operands = graph[id].operands
    if graph[id].operation is Divide {
      guard let (root, _) = graph.defining(operands[1], as: SquareRoot.self) else { return nil }
      self.init(operands[0], graph[root].operands[0], operands[1], graph)
      return
    }
    for (side, other) in [(0, 1), (1, 0)] {
      guard let variance = InverseRoot.behindReciprocal(operands[side], graph) else { continue }
      self.init(operands[other], variance, operands[side], graph)
      return
    }
    return nil
  }

  /// The operand of `1 / √(…)` in its three spellings.
  private static func behindReciprocal(_ value: Value, _ graph: Graph) -> Value? {
    guard let id = graph.producer(of: value) else { return nil }
    let operands = graph[id].operands
    switch graph[id].operation {
    case is ReciprocalSquareRoot: return operands[0]
    case is Reciprocal: return behindRoot(operands[0], graph)
    case is Divide where graph.scalar(operands[0]) == 1: return behindRoot(operands[1], graph)
    default: return nil
    }
  }

  private static func behindRoot(_ value: Value, _ graph: Graph) -> Value? {
    guard let (id, _) = graph.defining(value, as: SquareRoot.self) else { return nil }
    return graph[id].operands[0]
  }

  private init?(_ numerator: Value, _ variance: Value, _ root: Value, _ graph: Graph) {
    guard graph.hasOneUse(root), let sum = ShiftedValue(variance, graph), sum.isUnbounded,
      let (mean, reduction) = graph.defining(sum.value, as: ReduceMean.self),
      reduction.keepDimensions, graph.hasOneUse(variance), graph.hasOneUse(sum.value)
    else { return nil }
    let rank = graph[numerator].rank
    let axes = reduction.axes.map { $0 < 0 ? $0 + rank : $0 }.sorted()
    guard let first = axes.first, axes == Array(first..<rank),
      let squared = InverseRoot.squareBase(graph[mean].operands[0], graph)
    else { return nil }
    self.numerator = numerator
    self.squared = squared
    self.axes = axes
    epsilon = Float(sum.constant)
  }

  /// y where `value` is `y²`.
  private static func squareBase(_ value: Value, _ graph: Graph) -> Value? {
    let product = FactorList(value, graph, isRoot: false)
    guard product.factors.count == 2, product.constant == 1,
      product.factors[0] == product.factors[1]
    else { return nil }
    return product.factors[0]
  }
}
