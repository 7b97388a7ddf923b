import IR

/// ```
///                                                        %0 = conv2d(%x, @w, @b)
/// %0 = conv2d(%x, @w, @b, %skip) {activation = …}   →    %1 = add(%0, %skip)
///                                                        %2 = hard_swish(%1)
/// ```
extension LayerWithEpilogue {
  /// The layer over `operands` without residual and activation, then these, then its clamp; the
  /// clamp stays in the layer or the addition where it can.
  func expandEpilogue(
    _ operands: [Value], _ expansion: borrowing Expansion, _ rewriter: inout Rewriter
  ) throws -> Value {
    let residual = operands.count > 3 ? operands[3] : nil
    var layer = bare
    if residual == nil && activation == .none {
      (layer.minimum, layer.maximum) = (minimum, maximum)
    }
    var value = try expansion.add(layer, Array(operands.prefix(3)), &rewriter)
    if let residual {
      var sum = Add()
      if activation == .none { (sum.minimum, sum.maximum) = (minimum, maximum) }
      value = try expansion.add(sum, [value, residual], &rewriter)
    }
    guard let function = activation.operation(alpha: alpha) else { return value }
    value = try expansion.add(function, [value], &rewriter)
    guard hasClamp else { return value }
    var clamp = Clamp()
    (clamp.minimum, clamp.maximum) = (minimum, maximum)
    return try expansion.add(clamp, [value], &rewriter)
  }
}

extension FullyConnected: Composite {
  func isComposite(_ operandCount: Int) -> Bool { activation != .none || operandCount > 3 }
  func expand(_ id: OperationID, _ rewriter: inout Rewriter) throws -> Value {
    let expansion = Expansion(id, rewriter.graph)
    return try expandEpilogue(rewriter.graph[id].operands, expansion, &rewriter)
  }
}

extension DepthwiseConv2D: Composite {
  func isComposite(_ operandCount: Int) -> Bool { activation != .none || operandCount > 3 }
  func expand(_ id: OperationID, _ rewriter: inout Rewriter) throws -> Value {
    let expansion = Expansion(id, rewriter.graph)
    return try expandEpilogue(rewriter.graph[id].operands, expansion, &rewriter)
  }
}

/// A convolution of planar images gets its transposes back too.
extension Conv2D: Composite {
  func isComposite(_ operandCount: Int) -> Bool {
    activation != .none || operandCount > 3 || inputLayout != .nhwc || resultLayout != .nhwc
  }

  func expand(_ id: OperationID, _ rewriter: inout Rewriter) throws -> Value {
    let expansion = Expansion(id, rewriter.graph)
    var operands = rewriter.graph[id].operands
    if let turning = inputLayout.toNHWC {
      operands[0] = try expansion.add(turning, [operands[0]], &rewriter)
    }
    if operands.count > 3, let turning = resultLayout.toNHWC {
      operands[3] = try expansion.add(turning, [operands[3]], &rewriter)
    }
    var layer = self
    (layer.inputLayout, layer.resultLayout) = (.nhwc, .nhwc)
    let value = try layer.expandEpilogue(operands, expansion, &rewriter)
    guard let turning = resultLayout.fromNHWC else { return value }
    return try expansion.add(turning, [value], &rewriter)
  }
}
