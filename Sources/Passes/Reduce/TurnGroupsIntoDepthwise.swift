import IR

/// A convolution with a group for each input channel → `depthwise_conv2d`
///
/// ```
/// %0 = conv2d(%x, @w) {groups = 8}    w 16x3x3x1   →   %0 = depthwise_conv2d(%x, @w')
///                                                           w' 1x3x3x16
/// ```
struct TurnGroupsIntoDepthwise: Pattern {
  static let name = "turn-groups-into-depthwise"

  func rewrite(_ root: Conv2D, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard root.groups > 1, root.inputLayout == .nhwc, root.resultLayout == .nhwc,
      let weights = graph.constant(node.operands[1]), weights.shape[3] == 1,
      graph[node.operands[0]].shape[3] == root.groups
    else { return false }
    let turning = Transpose([3, 1, 2, 0])
    let type = try turning.infer(OperandTypes([weights.type]))[0]
    let turned = try turning.evaluate([weights], EvaluationContext(resultTypes: [type]))[0]
    var depthwise = DepthwiseConv2D()
    (depthwise.stride, depthwise.pad, depthwise.dilation) = (root.stride, root.pad, root.dilation)
    (depthwise.minimum, depthwise.maximum) = (root.minimum, root.maximum)
    (depthwise.activation, depthwise.alpha) = (root.activation, root.alpha)
    depthwise.rounding = root.rounding
    let constant = rewriter.constant(turned, name: graph.name(of: node.operands[1]))
    let value = try rewriter.insertOne(
      depthwise, [node.operands[0], constant] + node.operands.dropFirst(2),
      quantization: graph[node.results[0]].quantization, before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }
}
