import IR

/// What is stored in 8 bits, and under which parameters.
struct QuantizationPlan {
  /// Values that get a `quantize`/`dequantize` pair, in program order.
  private(set) var stored: [Value] = []
  /// Products with constant weights, and the weights' channel axis.
  private(set) var products: [(id: OperationID, axis: Int)] = []
  private var parameters: [Value: Quantization] = [:]

  func quantization(of value: Value) -> Quantization? { parameters[value] }
  /// The type that `value` is stored in.
  func element(of value: Value) -> ElementType { wide.contains(value) ? .i16 : .i8 }

  /// Values stored in 16 bits.
  private var wide: Set<Value> = []

  /// - Parameter ranges: what each value's steps are to span.
  /// - Parameter wideResults: whether what the function returns is stored in 16 bits.
  init(_ graph: Graph, _ ranges: ChosenRanges, wideResults: Bool = false) {
    var groups = ValueGroups()
    var chosen: Set<Value> = []
    func choose(_ value: Value) {
      guard graph.constant(value) == nil, ranges.knows(value), chosen.insert(value).inserted else {
        return
      }
      stored.append(value)
    }
    for id in graph.allOperations() {
      let node = graph[id]
      guard let role = Role(node, graph) else { continue }
      if case .product(let axis) = role { products.append((id, axis)) }
      let activations = node.operands.filter { graph.constant($0) == nil }
      activations.forEach(choose)
      node.results.forEach(choose)
      if case .keeping = role {
        for operand in activations { groups.join(operand, node.results[0]) }
      }
      if case .softmax = role {
        parameters[node.results[0]] = Softmax.outputQuantization(.i8)
      }
    }
    if wideResults { wide = Set(graph.results.filter { chosen.contains($0) }) }
    assignParameters(graph, ranges, &groups)
  }

  /// One quantisation per group: the union of its members' ranges.
  private mutating func assignParameters(
    _ graph: Graph, _ ranges: ChosenRanges, _ groups: inout ValueGroups
  ) {
    var union: [Value: ClosedRange<Float>] = [:]
    var exactSteps: [Value: Float] = [:]
    for value in stored {
      guard let range = ranges[value] else { continue }
      let root = groups.root(value)
      let known = union[root] ?? range
      union[root] =
        min(known.lowerBound, range.lowerBound)...max(known.upperBound, range.upperBound)
      if let step = ranges.exactStep(of: value) { exactSteps[root] = step }
    }
    for value in stored where parameters[value] == nil {
      let root = groups.root(value)
      guard let range = union[root] else { continue }
      if wide.contains(value) {
        parameters[value] = QuantizationPlan.symmetric16(range)
      } else {
        parameters[value] =
          exactSteps[root].flatMap { QuantizationPlan.asymmetric(range, step: $0) }
          ?? QuantizationPlan.asymmetric(range)
      }
    }
  }

  /// 16 bits, symmetric as TFLite has them.
  private static func symmetric16(_ range: ClosedRange<Float>) -> Quantization {
    let limit = max(range.lowerBound.magnitude, range.upperBound.magnitude)
    return Quantization(scale: limit > 0 ? limit / 32767 : 1, zeroPoint: 0)
  }

  /// Parameters with the given step; nil where `range` does not fit into 256 of them.
  private static func asymmetric(_ range: ClosedRange<Float>, step: Float) -> Quantization? {
    let low = (min(range.lowerBound, 0) / step).rounded()
    let high = (max(range.upperBound, 0) / step).rounded()
    guard high - low <= 255 else { return nil }
    return Quantization(scale: step, zeroPoint: Int32(-128 - low))
  }

  /// The parameters whose 256 steps span `range` and zero, with zero exact.
  ///
  /// Source: B. Jacob et al. 2018, section 2.1.
  static func asymmetric(_ range: ClosedRange<Float>) -> Quantization {
    let low = min(range.lowerBound, 0)
    let high = max(range.upperBound, 0)
    let scale = max((high - low) / 255, Float.leastNormalMagnitude)
    guard high > low else { return Quantization(scale: 1, zeroPoint: 0) }
    let zeroPoint = (-128 - low / scale).rounded(.toNearestOrEven)
    return Quantization(scale: scale, zeroPoint: Int32(min(max(zeroPoint, -128), 127)))
  }

  /// What an operation does for quantisation; nil where it stays in float.
  private enum Role {
    case product(Int)
    /// The result has its operands' parameters.
    case keeping
    case softmax
    case free

    init?(_ node: Node, _ graph: Graph) {
      guard node.results.count == 1, graph[node.results[0]].element == .f32 else { return nil }
      let hasWeights = node.operands.count > 1 && graph.constant(node.operands[1]) != nil
      let hasConstant = node.operands.contains { graph.constant($0) != nil }
      switch node.operation {
      case is Conv2D, is FullyConnected:
        guard hasWeights else { return nil }
        self = .product(0)
      case is DepthwiseConv2D:
        guard hasWeights else { return nil }
        self = .product(3)
      case is Reshape, is Transpose, is Slice, is MaxPool2D, is AveragePool2D, is Concat,
        is ReduceMax, is ReduceMin:
        if hasConstant { return nil }
        self = .keeping
      case let pad as Pad where pad.mode != .constant || pad.value == 0: self = .keeping
      case let softmax as Softmax:
        let rank = graph[node.results[0]].rank
        guard softmax.axis == -1 || softmax.axis == rank - 1 else { return nil }
        self = .softmax
      case is MatMul, is Add, is Subtract, is Multiply:
        if hasConstant { return nil }
        self = .free
      case is ReduceMean, is any PointwiseFunction: self = .free
      default: return nil
      }
    }
  }
}

/// Values that must share one quantisation, as disjoint sets.
///
/// Source: R. E. Tarjan, "Efficiency of a Good But Not Linear Set Union Algorithm", 1975.
struct ValueGroups {
  private var parent: [Value: Value] = [:]

  mutating func root(_ value: Value) -> Value {
    var current = value
    while let next = parent[current] { current = next }
    var walker = value
    while let next = parent[walker], next != current {
      parent[walker] = current
      walker = next
    }
    return current
  }

  mutating func join(_ a: Value, _ b: Value) {
    let (x, y) = (root(a), root(b))
    if x != y { parent[x] = y }
  }
}
