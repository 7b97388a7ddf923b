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

  /// - Parameter precision: int8 or int16.
  /// - Returns: nil where the operation has no integer form, so that it stays in float.
  init?(_ node: Node, _ graph: Graph, _ precision: Precision) {
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
    case is MatMul:
      if hasConstant { return nil }
      self = .free
    case is Add, is Subtract, is Multiply:
      // One number is stored exactly; many would lose what float keeps.
      let constants = node.operands.compactMap { graph.constant($0) }
      guard constants.count <= 1, constants.allSatisfy({ $0.count == 1 }) else { return nil }
      self = .free
    case is ReduceMean: self = .free
    case let function as any PointwiseFunction:
      guard precision == .int8 || OperationRole.isExactIn16Bits(function) else { return nil }
      self = .free
    default: return nil
    }
  }

  /// Whether a function of one value is computed in integers alone on 16 bits, too many for a table.
  static func isExactIn16Bits(_ operation: any Operation) -> Bool {
    operation is Clamp || WideFunction.exists(for: operation)
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
