import IR

extension NPULowering {
  mutating func lowerPool(_ op: MaxPool2D, _ node: Node) throws {
    let window = NPUWindow(
      height: op.kernel[0], width: op.kernel[1], strideY: op.stride[0], strideX: op.stride[1],
      dilationY: op.dilation[0], dilationX: op.dilation[1], top: op.pad[0], left: op.pad[2])
    let input = try operand(node.operands[0])
    add(.maximumPool(window), [input], try result(node), node)
  }

  mutating func lowerPool(_ op: AveragePool2D, _ node: Node) throws {
    let window = NPUWindow(
      height: op.kernel[0], width: op.kernel[1], strideY: op.stride[0], strideX: op.stride[1],
      top: op.pad[0], left: op.pad[2])
    let input = try operand(node.operands[0])
    add(.averagePool(window), [input], try result(node), node)
  }

  mutating func lowerMean(_ op: ReduceMean, _ node: Node) throws {
    let form = op.requantization(
      input: graph[node.operands[0]], output: graph[node.results[0]])
    let scaling = NPUScaling(form)
    let input = try operand(node.operands[0])
    var output = try result(node)
    (output.height, output.width, output.channels) = (1, 1, input.channels)
    add(.reduction(scaling.scale(0), scaling.stage), [input], output, node)
  }
}
