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

/// Reads the parameters of a `QuantizeLinear` or `DequantizeLinear` for an operand of `shape`.
private func readParameters(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ shape: Shape
) throws -> Quantization {
  let axis = try node.attributes.int("axis", default: 1)
  if try node.attributes.int("block_size", default: 0) != 0 {
    throw node.unsupported("quantisation in blocks is not supported")
  }
  let isPerAxis = graph.shape(try node.input(1)).checkedCount != 1
  let along = isPerAxis ? try normalized([axis], rank: shape.rank, node)[0] : nil
  let quantization = try graph.quantization(
    node, scale: try node.input(1), zeroPoint: node.optional(2), axis: along)
  if let along, shape[along] != quantization.scales.count {
    throw node.invalid("\(quantization.scales.count) scales for axis \(along) of \(shape)")
  }
  return quantization
}

@Sendable private func importQuantizeLinear(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let quantization = try readParameters(node, graph, graph.shape(x))
  _ = try node.attributes.flag("saturate", default: true)
  _ = try node.attributes.int("precision")
  let stated = try node.attributes.int("output_dtype", default: 0)
  let declared =
    stated == 0 ? nil : try ElementType.reading(onnx: Int32(truncatingIfNeeded: stated))
  let element = node.optional(2).map { graph.type($0).element } ?? declared ?? .u8
  guard element.isInteger else {
    throw node.unsupported("quantisation to \(element) is not supported, only to integers")
  }
  guard graph.type(x).element.isFloat else {
    throw node.unsupported("quantisation of \(graph.type(x)) is not supported, only of floats")
  }
  return [
    try graph.emit(Quantize(to: element, ties: .even), [x], quantization: quantization)
  ]
}

@Sendable private func importDequantizeLinear(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let quantization = try readParameters(node, graph, graph.shape(x))
  let stated = try node.attributes.int("output_dtype", default: 0)
  let element =
    stated == 0
    ? graph.type(try node.input(1)).element
    : try ElementType.reading(onnx: Int32(truncatingIfNeeded: stated))
  guard graph.type(x).element.isInteger else {
    throw node.unsupported("\(graph.type(x)) cannot be dequantised, only integers")
  }
  // Weights stay integers, so that a pass can fuse the pair into the operation that reads them.
  let stored = try graph.quantized(x, quantization)
  let real = try graph.emit(Dequantize(), [stored], folds: false)
  return [element == .f32 ? real : try graph.emit(Cast(to: element), [real])]
}
