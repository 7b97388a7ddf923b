import IR

/// An operation that treats channels apart: what its result's may be, found by evaluating it on the
/// ends of its operands' ranges, or on all values that an 8-bit channel may have.
struct ChannelFunction {
  private let node: Node
  private let types: [TensorType]
  private let result: TensorType
  private let channels: Int

  init?(_ node: Node, _ graph: Graph, _ axes: ChannelAxes) {
    self.node = node
    guard let axis = axes[node.results[0]] else { return nil }
    channels = graph[node.results[0]].shape[axis]
    types = node.operands.map { graph[$0] }
    result = graph[node.results[0]]
    let isFollowed = { (type: TensorType) in
      type.element.isFloat || type.isQuantized && type.element.integerRange != nil
    }
    guard isFollowed(result), types.allSatisfy(isFollowed) else { return nil }
  }

  func results(_ ranges: (Value) -> [ChannelRange]?) -> [ChannelRange]? {
    guard !(node.operation is Prelu) else { return nil }
    let count = channels
    let operands = node.operands.compactMap { ranges($0) }
    guard operands.count == node.operands.count else { return nil }
    switch node.operation {
    case is MaxPool2D, is Transpose, is Slice, is BroadcastTo, is ReduceMax, is ReduceMin,
      is ResizeBilinear, is Concat:
      return join(operands, count)
    case let pool as AveragePool2D:
      let zero = Double(types[0].quantization?.zeroPoint ?? 0)
      guard pool.countPadding else { return operands[0] }
      return operands[0].map { $0.joined(with: ChannelRange(zero, zero)) }
    case let pad as Pad: return padded(operands[0], pad)
    case is Add, is Maximum, is Minimum: return ends(operands, count) { [$0, $1] }
    case is Multiply: return product(operands, count)
    case is ReduceMean where result.isQuantized: return mean(operands[0], count)
    case is Clamp, is Quantize, is Dequantize, is Rescale:
      return ends(operands, count) { [$0, $1] }
    case is any PointwiseFunction where isByte: return table(operands[0])
    default: return constants(operands, count)
    }
  }

  private var isByte: Bool {
    types.count == 1 && types[0].isQuantized && [.i8, .u8].contains(types[0].element)
  }

  private func join(_ operands: [[ChannelRange]], _ count: Int) -> [ChannelRange]? {
    guard operands.allSatisfy({ $0.count == count }) else { return nil }
    return (0..<count).map { channel in
      operands.dropFirst().reduce(operands[0][channel]) { $0.joined(with: $1[channel]) }
    }
  }

  private func padded(_ x: [ChannelRange], _ pad: Pad) -> [ChannelRange]? {
    guard pad.mode == .constant else { return x }
    let filler = types[0].quantization.map {
      Double($0.store(pad.value, as: types[0].element, .away))
    } ?? Double(pad.value)
    return x.map { $0.joined(with: ChannelRange(filler, filler)) }
  }

  /// For functions that grow with each operand: their values at both ends.
  private func ends(
    _ operands: [[ChannelRange]], _ count: Int, _ order: (Double, Double) -> [Double]
  ) -> [ChannelRange]? {
    let lows = evaluate(operands.map { ranges in spread(ranges, count) { order($0.low, $0.high)[0] } })
    let highs = evaluate(operands.map { ranges in spread(ranges, count) { order($0.low, $0.high)[1] } })
    guard let lows, let highs else { return nil }
    return ordered(zip(lows, highs).map { ($0, $1) })
  }

  /// The extremes of a product are at its corners.
  private func product(_ operands: [[ChannelRange]], _ count: Int) -> [ChannelRange]? {
    guard operands.count == 2 else { return nil }
    var found: [ChannelRange]?
    for left in [\ChannelRange.low, \ChannelRange.high] {
      for right in [\ChannelRange.low, \ChannelRange.high] {
        guard let corner = evaluate([
          spread(operands[0], count) { $0[keyPath: left] },
          spread(operands[1], count) { $0[keyPath: right] },
        ]) else { return nil }
        let points = corner.map { ChannelRange($0, $0) }
        found = found.map { zip($0, points).map { $0.joined(with: $1) } } ?? points
      }
    }
    return found.flatMap { ordered($0.map { ($0.low, $0.high) }) }
  }

  /// The mean of stored integers, on whole tensors of either end.
  private func mean(_ x: [ChannelRange], _ count: Int) -> [ChannelRange]? {
    let shape = types[0].shape
    guard shape.isStatic, shape.count <= 1 << 18, x.count == count,
      shape.dimensions.last == count, result.shape.dimensions.last == count
    else { return nil }
    let ends = [\ChannelRange.low, \ChannelRange.high].map { end -> [Double]? in
      let values = (0..<shape.count).map { x[$0 % count][keyPath: end] }
      let whole = Tensor.from(doubles: values, types[0].element, shape).reinterpreted(as: types[0])
      let means = try? node.operation.evaluate([whole], EvaluationContext(resultTypes: [result]))
      return means?.first.map { Array($0.doubles().prefix(count)) }
    }
    guard let lows = ends[0], let highs = ends[1] else { return nil }
    return ordered(zip(lows, highs).map { ($0, $1) })
  }

  /// A function of one byte, by all its values.
  private func table(_ x: [ChannelRange]) -> [ChannelRange]? {
    guard let range = types[0].element.integerRange else { return nil }
    guard let all = evaluate([range.map { Double($0) }]) else { return nil }
    return x.map { channel in
      let (first, last) = (Int(channel.low) - range.lowerBound, Int(channel.high) - range.lowerBound)
      return all[first...last].reduce(ChannelRange(all[first], all[first])) {
        $0.joined(with: ChannelRange($1, $1))
      }
    }
  }

  /// For any other function: constants give constants.
  private func constants(_ operands: [[ChannelRange]], _ count: Int) -> [ChannelRange]? {
    let isMean = node.operation is ReduceMean
    guard isMean && !result.isQuantized || node.operation is any PointwiseFunction else { return nil }
    if isMean {
      guard operands[0].count == count else { return nil }
      return operands[0]
    }
    guard let values = evaluate([spread(operands[0], count) { $0.constant ?? 0 }]) else { return nil }
    return operands[0].enumerated().map { channel, range in
      range.constant == nil || !values[channel].isFinite
        ? ChannelRange(all: result) : ChannelRange(values[channel], values[channel])
    }
  }

  private func spread(
    _ ranges: [ChannelRange], _ count: Int, _ end: (ChannelRange) -> Double
  ) -> [Double] {
    (0..<count).map { end(ranges[ranges.count == 1 ? 0 : $0]) }
  }

  private func ordered(_ ends: [(Double, Double)]) -> [ChannelRange]? {
    ends.map { low, high in
      low.isNaN || high.isNaN || low > high ? ChannelRange(all: result) : ChannelRange(low, high)
    }
  }

  /// The operation on vectors of channels.
  private func evaluate(_ operands: [[Double]]) -> [Double]? {
    let tensors = zip(operands, types).map { values, type -> Tensor in
      let vector = type.with(shape: [values.count])
      return Tensor.from(doubles: values, type.element, [values.count]).reinterpreted(as: vector)
    }
    let context = EvaluationContext(
      resultTypes: [result.with(shape: [operands[0].count])])
    let values = try? node.operation.evaluate(tensors, context)
    guard let values = values?.first, values.count == operands[0].count else { return nil }
    return values.doubles()
  }
}
