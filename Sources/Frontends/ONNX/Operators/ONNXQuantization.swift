import IR

let onnxQuantizationOperators: [ONNXOperator] = [
  ONNXOperator("QuantizeLinear", since: 10, inputs: 2...3, importQuantizeLinear),
  ONNXOperator("DequantizeLinear", since: 10, inputs: 2...3, importDequantizeLinear),
  ONNXOperator(
    "QuantizeLinear", inputs: 2...3, domain: ONNXOperator.microsoft, importQuantizeLinear),
  ONNXOperator(
    "DequantizeLinear", inputs: 2...3, domain: ONNXOperator.microsoft, importDequantizeLinear),
]

extension GraphBuilder {
  /// The quantisation that constant scales and zero points describe.
  ///
  /// - Parameter axis: the axis that several scales run along.
  func quantization(
    _ node: SourceNodeReader, scale: Value, zeroPoint: Value?, axis: Int? = nil
  ) throws -> Quantization {
    let scales = try floats(scale, "the scale")
    guard shape(scale).rank <= 1 else {
      throw node.unsupported("a scale of shape \(shape(scale)) is not supported, only per tensor and per axis")
    }
    guard scales.allSatisfy({ $0.isFinite && $0 > 0 }), !scales.isEmpty else {
      throw node.invalid("a scale is not a positive number")
    }
    var zeroPoints = try zeroPoint.map { try integers($0, "the zero point") }
      ?? [Int](repeating: 0, count: scales.count)
    if zeroPoints.count == 1 && scales.count > 1 {
      zeroPoints = [Int](repeating: zeroPoints[0], count: scales.count)
    }
    guard zeroPoints.count == scales.count, zeroPoints.allSatisfy({ Int32(exactly: $0) != nil }) else {
      throw node.invalid("\(zeroPoints.count) zero points for \(scales.count) scales")
    }
    return Quantization(
      scales: scales, zeroPoints: zeroPoints.map { Int32($0) },
      axis: scales.count == 1 ? nil : axis)
  }
}

/// The parameters of a `QuantizeLinear` or `DequantizeLinear` that a type can carry; nil where they
/// are no constants, come in blocks, or are no valid steps of integers.
private func readParameters(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ shape: Shape
) throws -> Quantization? {
  let axis = try node.attributes.int("axis", default: 1)
  let block = try node.attributes.int("block_size", default: 0)
  let scale = try node.input(1)
  let isConstant = graph.constant(scale) != nil
    && (node.optional(2).map { graph.constant($0) != nil } ?? true)
  let isInteger = node.optional(2).map { graph.type($0).element.isInteger } ?? true
  guard block == 0, isConstant, isInteger, graph.shape(scale).rank <= 1 else { return nil }
  let isPerAxis = graph.shape(scale).checkedCount != 1
  let along = isPerAxis ? try normalized([axis], rank: shape.rank, node)[0] : nil
  let quantization = try graph.quantization(
    node, scale: scale, zeroPoint: node.optional(2), axis: along)
  if let along, shape[along] != quantization.scales.count {
    throw node.invalid("\(quantization.scales.count) scales for axis \(along) of \(shape)")
  }
  return quantization
}

/// A scale or zero point spread over an operand of `shape`: along its axis, or in blocks.
private func spread(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ parameter: Value, _ shape: Shape
) throws -> Value {
  let own = graph.shape(parameter)
  if own.checkedCount == 1 { return try graph.reshape(parameter, []) }
  let axis = try normalized(
    [try node.attributes.int("axis", default: 1)], rank: shape.rank, node)[0]
  let block = try node.attributes.int("block_size", default: 0)
  if own.rank == 1 {
    var extents = [Int](repeating: 1, count: shape.rank)
    extents[axis] = own[0]
    return try graph.reshape(parameter, extents)
  }
  guard block >= 1, own.rank == shape.rank, own.isStatic, shape.isStatic, block <= 1 << 24 else {
    throw node.invalid("scales of shape \(own) do not fit \(shape)")
  }
  // Each element of the axis stands for a block; the last block may be cut off.
  var apart = own.dimensions
  apart.insert(1, at: axis + 1)
  var wide = own.dimensions
  wide.insert(block, at: axis + 1)
  var joined = own.dimensions
  joined[axis] *= block
  let repeated = try graph.broadcast(try graph.reshape(parameter, apart), to: Shape(wide))
  var whole = Slice(start: [Int](repeating: 0, count: shape.rank), size: joined)
  whole.size[axis] = min(joined[axis], shape[axis])
  return try graph.slice(try graph.reshape(repeated, joined), whole, node)
}

@Sendable private func importQuantizeLinear(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let quantization = try readParameters(node, graph, graph.shape(x))
  let saturates = try node.attributes.flag("saturate", default: true)
  _ = try node.attributes.int("precision")
  let stated = try node.attributes.int("output_dtype", default: 0)
  let declared =
    stated == 0 ? nil : try ElementType.reading(onnx: Int32(truncatingIfNeeded: stated))
  let element = node.optional(2).map { graph.type($0).element } ?? declared ?? .u8
  if let quantization, element.isInteger, graph.type(x).element == .f32 {
    return [
      try graph.emit(Quantize(to: element, ties: .even), [x], quantization: quantization)
    ]
  }
  return [try quantizeByFormula(node, graph, x, element, saturates)]
}

/// `round(x / scale) + zero point`, cut to the type; 8-bit floats are rounded by the cast.
private func quantizeByFormula(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ x: Value, _ element: ElementType,
  _ saturates: Bool
) throws -> Value {
  let e = Expression(graph, .f32)
  let shape = graph.shape(x)
  let real = try graph.emit(Cast(to: .f32), [x])
  let scale = try graph.emit(Cast(to: .f32), [try spread(node, graph, try node.input(1), shape)])
  var steps = try e.divide(real, scale)
  guard element.isInteger, let range = element.integerRange else {
    var cast = Cast(to: element)
    cast.saturate = saturates
    return try graph.emit(cast, [steps])
  }
  steps = try e.unary(Round(), steps)
  if let zeroPoint = node.optional(2) {
    let zero = try spread(node, graph, try graph.plain(zeroPoint), shape)
    steps = try e.add(steps, try graph.emit(Cast(to: .f32), [zero]))
  }
  var bounds = Clamp()
  bounds.minimum = Float(range.lowerBound)
  bounds.maximum = Float(range.upperBound)
  return try graph.emit(Cast(to: element), [try e.unary(bounds, steps)])
}

@Sendable private func importDequantizeLinear(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let shape = graph.shape(x)
  let quantization = try readParameters(node, graph, shape)
  let stated = try node.attributes.int("output_dtype", default: 0)
  let element =
    stated == 0
    ? graph.type(try node.input(1)).element
    : try ElementType.reading(onnx: Int32(truncatingIfNeeded: stated))
  if let quantization, graph.type(x).element.isInteger, element == .f32 {
    // Weights stay integers, so that a pass can fuse the pair into the operation that reads them.
    let stored = try graph.quantized(x, quantization)
    return [try graph.emit(Dequantize(), [stored], folds: false)]
  }
  let e = Expression(graph, .f32)
  var real = try graph.emit(Cast(to: .f32), [try graph.plain(x)])
  if let zeroPoint = node.optional(2) {
    let zero = try spread(node, graph, try graph.plain(zeroPoint), shape)
    real = try e.subtract(real, try graph.emit(Cast(to: .f32), [zero]))
  }
  let scale = try graph.emit(Cast(to: .f32), [try spread(node, graph, try node.input(1), shape)])
  return [try graph.emit(Cast(to: element), [try e.multiply(real, scale)])]
}
