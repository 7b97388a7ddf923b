import IR

// Integer operators of com.microsoft that quantisers write.
// Source: ONNX Runtime, `docs/ContribOperators.md`.

private let ms = ONNXOperator.microsoft

let contribQuantizedOperators: [ONNXOperator] = [
  ONNXOperator("DynamicQuantizeMatMul", inputs: 3...5, domain: ms, importDynamicMatMul),
  ONNXOperator("MatMulIntegerToFloat", inputs: 4...7, domain: ms, importMatMulToFloat),
  ONNXOperator("MatMulInteger16", inputs: 2, domain: ms) { node, graph in
    let operands = try node.allInputs().map {
      try graph.emit(Cast(to: .i32), [try graph.plain($0)])
    }
    return [try graph.emit(MatMul(), operands)]
  },
  ONNXOperator("MulInteger", inputs: 2...4, domain: ms, importMulInteger),
  ONNXOperator("ReduceSumInteger", inputs: 1, domain: ms, importReduceSumInteger),
  ONNXOperator("QLinearSoftmax", inputs: 5, domain: ms, importSoftmax),
  ONNXOperator("QLinearWhere", inputs: 9, domain: ms, importWhere),
  ONNXOperator("QLinearReduceMean", inputs: 4...5, domain: ms, importReduceMean),
  ONNXOperator("QLinearConv", inputs: 8...9, domain: ms, importConv),
  ONNXOperator("MatMulNBits", inputs: 3...6, domain: ms, importNarrowMatMul),
]

/// Integer sums times their scales, plus a bias.
private func scaled(
  _ graph: GraphBuilder, _ sums: Value, _ scales: [Value], _ bias: Value?
) throws -> Value {
  let e = Expression(graph, .f32)
  let factor = try scales.dropFirst().reduce(scales[0]) { try e.multiply($0, $1) }
  let real = try e.multiply(try graph.emit(Cast(to: .f32), [sums]), factor)
  guard let bias else { return real }
  return try e.add(real, try graph.plain(bias))
}

/// The left operand is quantised by its own range.
@Sendable private func importDynamicMatMul(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let a = try node.imported(
    as: "DynamicQuantizeLinear", [try node.input(0)], graph, outputs: 3)
  let sums = try node.imported(
    as: "MatMulInteger", [a[0], try node.input(1), a[2], node.optional(3)], graph)[0]
  let scales = [a[1], try graph.plain(try node.input(2))]
  return [try scaled(graph, sums, scales, node.optional(4))]
}

@Sendable private func importMatMulToFloat(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let sums = try node.imported(
    as: "MatMulInteger",
    [try node.input(0), try node.input(1), node.optional(4), node.optional(5)], graph)[0]
  let scales = try [2, 3].map { try graph.plain(try node.input($0)) }
  return [try scaled(graph, sums, scales, node.optional(6))]
}

/// `(a − zero) · (b − zero)` in 32 bits.
@Sendable private func importMulInteger(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let e = Expression(graph, .i32)
  let factors = try [0, 2].map { index -> Value in
    let wide = try graph.emit(Cast(to: .i32), [try graph.plain(try node.input(index))])
    guard let zero = node.optional(index + 1) else { return wide }
    return try e.subtract(wide, try graph.emit(Cast(to: .i32), [try graph.plain(zero)]))
  }
  return [try e.multiply(factors[0], factors[1])]
}

@Sendable private func importReduceSumInteger(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.emit(Cast(to: .i32), [try graph.plain(try node.input(0))])
  var sum = ReduceSum()
  sum.axes = try node.attributes.ints("axes") ?? []
  sum.keepDimensions = try node.attributes.flag("keepdims", default: true)
  return [try graph.emit(sum, [x])]
}

extension SourceNodeReader {
  /// The reals that the tensor at `index` stands for, under the scale and zero point behind it.
  fileprivate func reals(_ index: Int, _ graph: GraphBuilder) throws -> Value {
    let quantization = try graph.quantization(
      self, scale: try input(index + 1), zeroPoint: optional(index + 2))
    let stored = try graph.quantized(try input(index), quantization)
    return try graph.emit(Dequantize(), [stored])
  }

  /// `real` in the steps whose scale stands at `index`, its zero point behind it.
  fileprivate func stored(
    _ real: Value, _ index: Int, _ element: ElementType, _ graph: GraphBuilder
  ) throws -> Value {
    let quantization = try graph.quantization(
      self, scale: try input(index), zeroPoint: optional(index + 1))
    return try graph.emit(
      Quantize(to: element, ties: .even), [real], quantization: quantization)
  }
}

@Sendable private func importSoftmax(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let real = try node.reals(0, graph)
  let opset = try node.attributes.int("opset", default: 13)
  let result = try node.imported(as: "Softmax", opset: opset, [real], graph)[0]
  return [try node.stored(result, 3, graph.type(try node.input(0)).element, graph)]
}

@Sendable private func importWhere(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let element = graph.type(try node.input(1)).element
  let operands = try [1, 4].map { try node.stored(try node.reals($0, graph), 7, element, graph) }
  return [try graph.emit(Select(), [try graph.plain(try node.input(0))] + operands)]
}

@Sendable private func importReduceMean(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let real = try node.reals(0, graph)
  let mean = try node.imported(as: "ReduceMean", opset: 13, [real], graph)[0]
  return [try node.stored(mean, 3, graph.type(try node.input(0)).element, graph)]
}

/// ONNX's `QLinearConv`, perhaps over NHWC images.
@Sendable private func importConv(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  var inputs = (0..<9).map { node.optional($0) }
  guard try node.attributes.flag("channels_last"), let x = inputs[0] else {
    return try node.imported(as: "QLinearConv", inputs, graph)
  }
  inputs[0] = try graph.channelsFirst(x)
  let result = try node.imported(as: "QLinearConv", inputs, graph)[0]
  return [try graph.channelsLast(result)]
}

// MARK: Weights of a few bits

/// Weights of 2, 4 or 8 bits in blocks along K, each block with its scale and zero point.
private struct NarrowWeights {
  let rows: Int
  let columns: Int
  let bits: Int
  let block: Int

  private var blocks: Int { (columns + block - 1) / block }
  private var perByte: Int { 8 / bits }

  init(_ node: SourceNodeReader) throws {
    let attributes = node.attributes
    func size(_ name: String) throws -> Int {
      guard let value = try attributes.int(name), (1...(1 << 24)).contains(value) else {
        throw node.invalid("needs \(name)")
      }
      return value
    }
    rows = try size("N")
    columns = try size("K")
    block = try size("block_size")
    bits = try attributes.int("bits", default: 4)
    guard [2, 4, 8].contains(bits), block % (8 / bits) == 0 else {
      throw node.unsupported("weights of \(bits) bits in blocks of \(block)")
    }
    _ = try attributes.int("accuracy_level")
    guard try attributes.int("weight_prepacked", default: 0) == 0 else {
      throw node.unsupported("weights packed for one kind of processor")
    }
  }

  /// The reals `[N, K]`: the first element of each byte in its low bits.
  func unpack(
    _ node: SourceNodeReader, _ packed: Tensor, _ scales: Tensor, _ zeroPoints: Tensor?
  ) throws -> Tensor {
    let bytes = packed.integers()
    let blockBytes = block / perByte
    let zeroBytes = (blocks + perByte - 1) / perByte
    let factors = scales.floats()
    // Of numbers below 2²⁴; the second product only where the first fits the file's data.
    guard packed.element == .u8, factors.count == rows * blocks,
      bytes.count == rows * blocks * blockBytes
    else { throw node.invalid("weights \(packed.type) and scales \(scales.type) do not fit") }
    let mask = (1 << bits) - 1
    func field(_ list: [Int], _ first: Int, _ index: Int) -> Int {
      list[first + index / perByte] >> (index % perByte * bits) & mask
    }
    var zeros = [Float](repeating: Float(1 << (bits - 1)), count: rows * blocks)
    if let zeroPoints {
      if zeroPoints.element == .u8 {
        let list = zeroPoints.integers()
        guard list.count == rows * zeroBytes else {
          throw node.invalid("zero points \(zeroPoints.type) do not fit")
        }
        for index in zeros.indices {
          zeros[index] = Float(field(list, index / blocks * zeroBytes, index % blocks))
        }
      } else {
        zeros = zeroPoints.floats()
        guard zeros.count == rows * blocks else {
          throw node.invalid("zero points \(zeroPoints.type) do not fit")
        }
      }
    }
    return Tensor.make([rows, columns], of: Float.self) { out in
      for row in 0..<rows {
        for column in 0..<columns {
          let place = row * blocks + column / block
          let stored = field(bytes, place * blockBytes, column % block)
          out[row * columns + column] = (Float(stored) - zeros[place]) * factors[place]
        }
      }
    }
  }
}

@Sendable private func importNarrowMatMul(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let weights = try NarrowWeights(node)
  let x = try graph.plain(try node.input(0))
  guard let packed = graph.constant(try node.input(1)),
    let scales = graph.constant(try node.input(2)),
    node.optional(3).map({ graph.constant($0) != nil }) ?? true
  else { throw node.unsupported("weights or scales that are no constants") }
  guard node.optional(4) == nil else { throw node.unsupported("a g_idx input is not supported") }
  let real = try weights.unpack(
    node, packed, scales, node.optional(3).flatMap { graph.constant($0) })
  let element = graph.type(x).element
  let matrix = try graph.transpose(graph.constant(real.converted(to: element)), [1, 0])
  let result = try node.imported(as: "MatMul", [x, matrix], graph)[0]
  guard let bias = node.optional(5) else { return [result] }
  return [try graph.emit(Add(), [result, try graph.plain(bias)])]
}
