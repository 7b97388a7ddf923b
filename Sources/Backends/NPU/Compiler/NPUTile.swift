/// Rows of a tensor in a buffer.
struct NPUPlacedRows {
  var buffer: Int
  /// The row that lies at the buffer's start.
  var firstRow: Int
  /// The rows that the tile reads or writes.
  var rows: Range<Int>
  /// Padding above these rows, if it differs from the layer's.
  var top: Int?
  /// Rows of the ring that the buffer is; 0 if it is none.
  var ring: Int = 0
}

/// The part of a layer that one instruction computes: a stripe of output rows and a slice of output
/// channels.
struct NPUTile {
  var layer: NPULayer
  var inputs: [NPUPlacedRows]
  var output: NPUPlacedRows
  var stripe: Range<Int>
  var chunk: NPUWeightChunk?
  var weights: Int?
  var table: Int?

  var queue: NPUQueue {
    switch layer.kind {
    case .convolution, .depthwise, .product: .mac
    default: .vector
    }
  }

  /// The instruction's operation, with the array shape that takes the fewest cycles.
  func operation(_ map: NPUBufferMap, _ configuration: NPUConfiguration) -> NPUOperation {
    let input = self.map(layer.inputs[0], inputs[0], map)
    let output = self.map(layer.output, self.output, map)
    switch layer.kind {
    case .convolution(let window, let stage, _):
      let conv = NPUConvolution(
        input: slice(input, isInput: true), output: slice(output, isInput: false),
        weights: address(map), records: address(map, chunk?.recordsAt ?? 0),
        window: placed(window), stage: stage)
      return fastest(configuration) { shape in
        var choice = conv
        choice.shape = shape
        return .convolution(choice)
      }
    case .depthwise(let window, let stage, _):
      let conv = NPUDepthwise(
        input: input, output: output, weights: address(map),
        records: address(map, chunk?.recordsAt ?? 0), window: placed(window), stage: stage)
      return fastest(configuration) { shape in
        var choice = conv
        choice.shape = shape
        return .depthwise(choice)
      }
    case .product(let stage, _):
      return fastest(configuration, variants: 2) { shape in
        .matrixProduct(
          NPUMatrixProduct(
            input: input, output: slice(output, isInput: false), weights: address(map),
            records: address(map, chunk?.recordsAt ?? 0), stage: stage, shape: shape / 2,
            splitsReduction: shape % 2 == 1))
      }
    default: return vectorOperation(input, output, map)
    }
  }

  private func vectorOperation(
    _ input: NPUFeatureMap, _ output: NPUFeatureMap, _ map: NPUBufferMap
  ) -> NPUOperation {
    switch layer.kind {
    case .maximumPool(let window):
      return .maximumPool(NPUPool(input: input, output: output, window: placed(window)))
    case .averagePool(let window):
      return .averagePool(NPUPool(input: input, output: output, window: placed(window)))
    case .reduction(let scale, let stage):
      return .reduction(
        NPUReduction(input: input, output: output, scale: scale, stage: stage, divides: false))
    case .elementwise(var binary):
      binary.first = input
      binary.second = self.map(layer.inputs[1], inputs[1], map)
      binary.output = output
      return .elementwise(binary)
    case .table:
      return .tableLookup(NPUTableLookup(input: input, output: output, table: table ?? 0))
    case .rescale(let scale, let stage):
      return .rescale(NPURescale(input: input, output: output, scale: scale, stage: stage))
    case .softmax(let scale, let smallest):
      return .softmax(
        NPUSoftmax(input: input, output: output, scale: scale, minimumDifference: smallest))
    case .convolution, .depthwise, .product, .copies: return .nop
    }
  }

  /// The variant with the fewest cycles; the first of equals.
  private func fastest(
    _ configuration: NPUConfiguration, variants: Int = 1, _ make: (Int) -> NPUOperation
  ) -> NPUOperation {
    let timing = NPUTiming(configuration: configuration)
    var best: NPUOperation = make(0)
    var cycles: Int = Int.max
    for index in 0..<(configuration.shapes.count * variants) {
      let candidate = make(index)
      let cost: Int = timing.costs(of: candidate).reduce(0) { $0 + $1.1 }
      if cost < cycles { (best, cycles) = (candidate, cost) }
    }
    return best
  }

  private func map(
    _ operand: NPUOperand, _ place: NPUPlacedRows, _ map: NPUBufferMap
  ) -> NPUFeatureMap {
    if place.ring > 0 {
      return NPUFeatureMap(
        .sram, map.offsets[place.buffer], height: place.rows.count, width: operand.width,
        channels: operand.channels, element: operand.element, zeroPoint: operand.zeroPoint,
        rowStride: operand.rowBytes, ringRows: place.ring, firstRow: place.rows.lowerBound)
    }
    let skipped: Int = (place.rows.lowerBound - place.firstRow) * operand.rowBytes
    let height: Int = operand.repeatsRows ? stripe.count : place.rows.count
    let pixel: Int = operand.channels * operand.element.bytes
    return NPUFeatureMap(
      .sram, map.offsets[place.buffer] + skipped, height: height, width: operand.width,
      channels: operand.channels, element: operand.element, zeroPoint: operand.zeroPoint,
      rowStride: operand.repeatsRows ? 0 : operand.rowBytes,
      pixelStride: operand.repeatsPixels ? 0 : pixel)
  }

  /// The channels of a map that the chunk reads or makes.
  private func slice(_ map: NPUFeatureMap, isInput: Bool) -> NPUFeatureMap {
    guard let chunk else { return map }
    var result = map
    let start: Int = isInput ? chunk.inputStart : chunk.outputStart
    result.address += start * map.element.bytes
    result.channels = isInput ? chunk.inputCount : chunk.outputCount
    return result
  }

  private func placed(_ window: NPUWindow) -> NPUWindow {
    var result = window
    if let top = inputs[0].top { result.top = top }
    return result
  }

  private func address(_ map: NPUBufferMap, _ offset: Int = 0) -> NPUAddress {
    weights.map { map.address($0, offset) } ?? NPUAddress()
  }
}
