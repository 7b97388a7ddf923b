import IR

/// Gives a stem that strides over few channels more channels and no stride: blocks of the image go
/// into the channels. Machines that multiply many channels at once are idle on three.
public struct SpaceToDepthStem: Pass {
  public static let name = "space-to-depth-stem"
  public static let summary = "moves blocks of the image into the channels of a strided stem"

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    try PatternDriver([
      AnyPattern(MoveStrideIntoChannels()), AnyPattern(DropIdentitySlice()),
      AnyPattern(DropIdentityPad()),
    ]).run(on: &rewriter)
    RemoveDeadCode.sweep(&rewriter)
  }
}

/// ```
///                                             %0 = pad(%x)                           1x226x226x3
/// %0 = conv2d(%x, @w) {stride = [2, 2],       %1 = reshape(%0)                   1x113x2x113x2x3
///           pad = [1, 1, 1, 1]}           →   %2 = transpose(%1)                 1x113x113x2x2x3
///      x 1x224x224x3, w 16x3x3x3              %3 = reshape(%2)                      1x113x113x12
///                                             %4 = conv2d(%3, @w')                 w' 16x2x2x12
/// ```
struct MoveStrideIntoChannels: Pattern {
  static let name = "move-stride-into-channels"
  private static let channelLimit = 4

  func rewrite(_ root: Conv2D, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let (x, result) = (graph[node.operands[0]], graph[node.results[0]])
    guard root.stride[0] == root.stride[1], root.stride[0] > 1, root.groups == 1,
      root.dilation == [1, 1], root.inputLayout == .nhwc, root.resultLayout == .nhwc,
      x.shape.isStatic, x.quantization?.axis == nil,
      let weights = graph.constant(node.operands[1]), weights.shape[1] > 1 || weights.shape[2] > 1
    else { return false }
    guard x.shape[3] <= Self.channelLimit else {
      rewriter.declined(id, by: Self.name, because: "the image has many channels")
      return false
    }
    let block = root.stride[0]
    // The window in blocks, and the padded image that all windows together cover.
    let window = [1, 2].map { (weights.shape[$0] + block - 1) / block }
    let covered = (0..<2).map { (result.shape[$0 + 1] - 1 + window[$0]) * block }
    let behind = (0..<2).map { covered[$0] - x.shape[$0 + 1] - root.pad[2 * $0] }
    // Rows and columns behind the last window are cut off.
    let kept = [x.shape[0], x.shape[1] + min(behind[0], 0), x.shape[2] + min(behind[1], 0)]
    let cut = Slice(start: [0, 0, 0, 0], size: kept + [x.shape[3]], stride: [1, 1, 1, 1])
    let padding = Pad(
      before: [0, root.pad[0], root.pad[2], 0], after: [0, max(behind[0], 0), max(behind[1], 0), 0])
    let shape = [x.shape[0], covered[0] / block, covered[1] / block, x.shape[3]]
    let steps: [any Operation] = [
      cut, padding,
      Reshape(to: [shape[0], shape[1], block, shape[2], block, shape[3]]),
      Transpose([0, 1, 3, 2, 4, 5]),
      Reshape(to: [shape[0], shape[1], shape[2], block * block * shape[3]]),
    ]
    var value = node.operands[0]
    for step in steps {
      value = try rewriter.insertOne(step, [value], before: id, at: node.location)
    }
    let constant = rewriter.constant(
      try arranged(weights, block, window), name: graph.name(of: node.operands[1]))
    var convolution = root
    (convolution.stride, convolution.pad) = ([1, 1], [0, 0, 0, 0])
    value = try rewriter.insertOne(
      convolution, [value, constant] + node.operands.dropFirst(2),
      quantization: result.quantization, before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }

  /// Weights with zeros behind them up to whole blocks, and the blocks in the channels.
  private func arranged(_ weights: Tensor, _ block: Int, _ window: [Int]) throws -> Tensor {
    let (outputs, depth) = (weights.shape[0], weights.shape[3])
    let missing = [1, 2].map { window[$0 - 1] * block - weights.shape[$0] }
    let steps: [any Operation] = [
      Pad(before: [0, 0, 0, 0], after: [0, missing[0], missing[1], 0]),
      Reshape(to: [outputs, window[0], block, window[1], block, depth]),
      Transpose([0, 1, 3, 2, 4, 5]),
      Reshape(to: [outputs, window[0], window[1], block * block * depth]),
    ]
    let quantization = weights.type.quantization
    var tensor = weights.reinterpreted(as: weights.type.with(quantization: nil))
    for step in steps {
      let type = try step.infer(OperandTypes([tensor.type]))[0]
      tensor = try step.evaluate([tensor], EvaluationContext(resultTypes: [type]))[0]
    }
    return tensor.reinterpreted(as: tensor.type.with(quantization: quantization))
  }
}
