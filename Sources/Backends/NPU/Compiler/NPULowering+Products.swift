import IR

extension NPULowering {
  mutating func lowerConvolution(_ op: Conv2D, _ node: Node) throws {
    let weights = try constantTensor(node, 1)
    let shape = weights.shape
    let window = NPUWindow(
      height: shape[1], width: shape[2], strideY: op.stride[0], strideX: op.stride[1],
      dilationY: op.dilation[0], dilationX: op.dilation[1], top: op.pad[0], left: op.pad[2])
    let scaling = scaling(node, (op.minimum, op.maximum), op.rounding)
    let rows = weightRows(weights, count: shape[0])
    let perGroup: Int = shape[0] / op.groups
    var chunks: [NPUWeightChunk] = []
    for group in 0..<op.groups {
      chunks += try makeChunks(
        node, rows, scaling, outputs: (group * perGroup)..<((group + 1) * perGroup),
        inputs: (group * shape[3])..<((group + 1) * shape[3]))
    }
    let input = try operand(node.operands[0])
    add(.convolution(window, scaling.stage, chunks), [input], try result(node), node)
  }

  mutating func lowerProduct(_ op: FullyConnected, _ node: Node) throws {
    let weights = try constantTensor(node, 1)
    let scaling = scaling(node, (op.minimum, op.maximum), op.rounding)
    let rows = weightRows(weights, count: weights.shape[0])
    let chunks = try makeChunks(
      node, rows, scaling, outputs: 0..<weights.shape[0], inputs: 0..<weights.shape[1])
    let input = try operand(node.operands[0])
    add(.product(scaling.stage, chunks), [input], try result(node), node)
  }

  /// Depthwise weights are few: one run, by tap and then channel, records behind them.
  mutating func lowerDepthwise(_ op: DepthwiseConv2D, _ node: Node) throws {
    let weights = try constantTensor(node, 1)
    let shape = weights.shape
    let window = NPUWindow(
      height: shape[1], width: shape[2], strideY: op.stride[0], strideX: op.stride[1],
      dilationY: op.dilation[0], dilationX: op.dilation[1], top: op.pad[0], left: op.pad[2])
    let scaling = scaling(node, (op.minimum, op.maximum), op.rounding)
    var run: [UInt8] = Array(weights.storage.bytes)
    let records: Int = run.count
    run += try recordBytes(node, scaling, 0..<shape[3])
    let input = try operand(node.operands[0])
    let chunk = NPUWeightChunk(
      offset: constant(run), bytes: run.count, recordsAt: records, outputStart: 0,
      outputCount: shape[3], inputStart: 0, inputCount: input.channels)
    add(.depthwise(window, scaling.stage, [chunk]), [input], try result(node), node)
  }

  private func constantTensor(_ node: Node, _ index: Int) throws -> Tensor {
    guard let tensor = graph.constant(node.operands[index]) else {
      throw NPUFailure(reason: "weights are not constant")
    }
    return tensor
  }

  private func scaling(
    _ node: Node, _ clamp: (low: Float, high: Float), _ rounding: Rounding
  ) -> NPUScaling {
    NPUScaling(
      Requantization(
        input: graph[node.operands[0]], weights: graph[node.operands[1]],
        output: graph[node.results[0]], clamp: clamp, rounding: rounding))
  }

  /// The weights of each output channel, one contiguous run each.
  private func weightRows(_ weights: Tensor, count: Int) -> [ArraySlice<UInt8>] {
    let bytes: [UInt8] = Array(weights.storage.bytes)
    let length: Int = bytes.count / max(count, 1)
    return (0..<count).map { bytes[($0 * length)..<(($0 + 1) * length)] }
  }

  /// Cuts output channels into runs that fit half of the memory twice over.
  private mutating func makeChunks(
    _ node: Node, _ rows: [ArraySlice<UInt8>], _ scaling: NPUScaling, outputs: Range<Int>,
    inputs: Range<Int>
  ) throws -> [NPUWeightChunk] {
    let length: Int = (rows.first?.count ?? 0) + NPUScaleRecord.byteCount
    let limit: Int = max(2048, configuration.sramBytes / 16)
    let lanes: Int = 32
    let whole: Int = max(lanes, limit / max(length, 1) / lanes * lanes)
    var chunks: [NPUWeightChunk] = []
    var start: Int = outputs.lowerBound
    while start < outputs.upperBound {
      let end: Int = min(start + whole, outputs.upperBound)
      var run: [UInt8] = rows[start..<end].flatMap { $0 }
      let records: Int = run.count
      run += try recordBytes(node, scaling, start..<end)
      chunks.append(
        NPUWeightChunk(
          offset: constant(run), bytes: run.count, recordsAt: records, outputStart: start,
          outputCount: end - start, inputStart: inputs.lowerBound, inputCount: inputs.count))
      start = end
    }
    return chunks
  }

  private func recordBytes(
    _ node: Node, _ scaling: NPUScaling, _ channels: Range<Int>
  ) throws -> [UInt8] {
    var biases: [Int] = []
    if node.operands.count > 2 { biases = try constantTensor(node, 2).integers() }
    return channels.flatMap { channel in
      let bias = Int32(clamping: biases.isEmpty ? 0 : biases[channel])
      return NPUScaleRecord(bias: bias, scale: scaling.scale(channel)).bytes
    }
  }
}
