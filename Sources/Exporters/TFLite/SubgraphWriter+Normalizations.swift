import IR

// Normalisations: TFLite's own, and those that it has no operator for as what they are defined by.

extension SubgraphWriter {
  /// Writes a normalisation; false where `node` is none.
  mutating func emitNormalization(_ node: Node) throws -> Bool {
    guard let x = node.operands.first, let result = node.results.first else { return false }
    let type = graph[result]
    switch node.operation {
    case let op as Softmax: define(result, softmax(op, tensor(x), type))
    case is LogSoftmax:
      let steps = Quantization(scale: 16 / 256, zeroPoint: 127)
      define(
        result,
        stored(as: type, [.i8: steps, .u8: Quantization(scale: 16 / 256, zeroPoint: 255)]) {
          $0.add("LOG_SOFTMAX", [$0.tensor(x)], $1)
        })
    case let op as L2Normalize: define(result, try unitLength(op, tensor(x), type))
    case let op as LayerNorm: define(result, layerNorm(op, node))
    case let op as RMSNorm: define(result, rmsNorm(op, node))
    case let op as BatchNorm: define(result, batchNorm(op, node))
    default: return false
    }
    return true
  }

  /// Along the last axis, as the kernel does it.
  private mutating func softmax(_ op: Softmax, _ x: FlatTensor, _ type: TensorType) -> FlatTensor {
    let rank = x.type.rank
    let axis = op.axis < 0 ? op.axis + rank : op.axis
    var order = Array(0..<rank)
    if rank > 0 { order.swapAt(axis, rank - 1) }
    var options = FlatTable("SoftmaxOptions")
    options.set("beta", real: op.beta)
    let turned = transposed(x, order)
    let result = type.with(shape: turned.type.shape)
    let fixed: [ElementType: Quantization] = [
      .i8: Quantization(scale: 1 / 256, zeroPoint: -128), .u8: Quantization(scale: 1 / 256),
      .i16: Quantization(scale: 1 / 32768),
    ]
    let made = stored(as: result, fixed) { writer, type in
      writer.add("SOFTMAX", [turned], type, options: options)
    }
    return transposed(made, order)
  }

  /// What `make` gives in the steps that its kernel has for the result's element type, requantised
  /// where the result has others.
  private mutating func stored(
    as type: TensorType, _ fixed: [ElementType: Quantization],
    _ make: (inout SubgraphWriter, TensorType) -> FlatTensor
  ) -> FlatTensor {
    guard type.isQuantized, let steps = fixed[type.element], steps != type.quantization else {
      return make(&self, type)
    }
    return add("QUANTIZE", [make(&self, type.with(quantization: steps))], type)
  }

  private mutating func unitLength(
    _ op: L2Normalize, _ x: FlatTensor, _ type: TensorType
  ) throws -> FlatTensor {
    let options = options("L2NormOptions", activation: "NONE")
    let fixed: [ElementType: Quantization] = [
      .i8: Quantization(scale: 1 / 128), .u8: Quantization(scale: 1 / 128, zeroPoint: 128),
    ]
    if type.isQuantized || op.epsilon == 1e-6 {
      return stored(as: type, fixed) { writer, type in
        writer.add("L2_NORMALIZATION", [x], type, options: options)
      }
    }
    var shape = type.shape
    shape[type.rank - 1] = 1
    let column = type.with(shape: shape)
    let squares = add("MUL", [x, x], type, options: mul)
    let sums = reduced("SUM", squares, [type.rank - 1], true, column)
    let lengths = bounded(add("SQRT", [sums], column), op.epsilon, .infinity)
    return add("DIV", [x, lengths], type, options: self.options("DivOptions", activation: "NONE"))
  }

  // MARK: By their formulas

  private var plainSum: FlatTable { options("AddOptions", activation: "NONE") }

  /// The axes from `axis` on, and the type of a mean over them that keeps them.
  private func inner(_ x: TensorType, from axis: Int) -> (axes: [Int], type: TensorType) {
    let first = axis < 0 ? axis + x.rank : axis
    let extents = x.shape.dimensions.enumerated().map { $0 < first ? $1 : 1 }
    return (Array(first..<x.rank), x.with(shape: Shape(extents)))
  }

  /// `(x − mean) / √(variance + ε) · scale + bias`. Source: arXiv 1607.06450.
  private mutating func layerNorm(_ op: LayerNorm, _ node: Node) -> FlatTensor {
    let x = tensor(node.operands[0])
    let (axes, row) = inner(x.type, from: op.axis)
    let mean = reduced("MEAN", x, axes, true, row)
    let centred = add(
      "SUB", [x, mean], x.type, options: options("SubOptions", activation: "NONE"))
    let squares = add("MUL", [centred, centred], x.type, options: mul)
    let variance = reduced("MEAN", squares, axes, true, row)
    return scaled(centred, by: variance, op.epsilon, node)
  }

  /// `x / √(mean x² + ε) · scale`. Source: arXiv 1910.07467.
  private mutating func rmsNorm(_ op: RMSNorm, _ node: Node) -> FlatTensor {
    let x = tensor(node.operands[0])
    let (axes, row) = inner(x.type, from: op.axis)
    let squares = add("MUL", [x, x], x.type, options: mul)
    return scaled(x, by: reduced("MEAN", squares, axes, true, row), op.epsilon, node)
  }

  private mutating func scaled(
    _ x: FlatTensor, by variance: FlatTensor, _ epsilon: Float, _ node: Node
  ) -> FlatTensor {
    let shifted = add("ADD", [variance, scalar(epsilon)], variance.type, options: plainSum)
    let deviation = add("SQRT", [shifted], variance.type)
    let quotient = add(
      "DIV", [x, deviation], x.type, options: options("DivOptions", activation: "NONE"))
    let type = graph[node.results[0]]
    let product = add("MUL", [quotient, tensor(node.operands[1])], type, options: mul)
    guard node.operands.count > 2 else { return product }
    return add("ADD", [product, tensor(node.operands[2])], type, options: plainSum)
  }

  /// `(x − mean) / √(variance + ε) · scale + bias`, operands in ONNX's order: x, scale, bias, mean,
  /// variance.
  private mutating func batchNorm(_ op: BatchNorm, _ node: Node) -> FlatTensor {
    let operands = node.operands.map { tensor($0) }
    let (type, channels) = (graph[node.results[0]], operands[4].type)
    let centred = add(
      "SUB", [operands[0], operands[3]], type, options: options("SubOptions", activation: "NONE"))
    let shifted = add("ADD", [operands[4], scalar(op.epsilon)], channels, options: plainSum)
    let deviation = add("SQRT", [shifted], channels)
    let factor = add(
      "DIV", [operands[1], deviation], channels, options: options("DivOptions", activation: "NONE"))
    let product = add("MUL", [centred, factor], type, options: mul)
    return add("ADD", [product, operands[2]], type, options: plainSum)
  }
}
