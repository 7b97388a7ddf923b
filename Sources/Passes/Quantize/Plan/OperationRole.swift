import IR

/// What an operation does for quantisation.
enum OperationRole {
  /// A product with constant weights, which have their scales along the axis. Its operand and its
  /// result are stored each in its own width.
  case product(axis: Int)
  /// The result has its operands' parameters.
  case keeping
  /// Operands and result have parameters of their own and one width.
  case free

  /// nil where the operation has no integer form, so that it stays in float.
  init?(_ node: Node, _ graph: Graph) {
    guard node.results.count == 1, graph[node.results[0]].element == .f32 else { return nil }
    let hasWeights = node.operands.count > 1 && graph.constant(node.operands[1]) != nil
    let hasConstant = node.operands.contains { graph.constant($0) != nil }
    switch node.operation {
    case is Conv2D, is FullyConnected:
      guard hasWeights else { return nil }
      self = .product(axis: 0)
    case is DepthwiseConv2D:
      guard hasWeights else { return nil }
      self = .product(axis: 3)
    case is Reshape, is Transpose, is Slice, is MaxPool2D, is AveragePool2D, is Concat,
      is ReduceMax, is ReduceMin:
      if hasConstant { return nil }
      self = .keeping
    case let pad as Pad where pad.mode != .constant || pad.value == 0: self = .keeping
    case let softmax as Softmax:
      let rank = graph[node.results[0]].rank
      guard softmax.axis == -1 || softmax.axis == rank - 1 else { return nil }
      self = .free
    case is MatMul, is Add, is Subtract, is Multiply:
      if hasConstant { return nil }
      self = .free
    case is ReduceMean, is any PointwiseFunction: self = .free
    default: return nil
    }
  }

  /// The parameters that the operation's integer form must give its results; nil where it takes any.
  static func given(_ operation: any Operation, _ element: ElementType) -> Quantization? {
    switch operation {
    case is Softmax: return Softmax.outputQuantization(element)
    case is Sigmoid, is Tanh: return element == .i16 ? Quantization(scale: 1.0 / 32768) : nil
    default: return nil
    }
  }

  /// Whether operands and result must have one width.
  var hasOneWidth: Bool {
    if case .product = self { return false }
    return true
  }
}
