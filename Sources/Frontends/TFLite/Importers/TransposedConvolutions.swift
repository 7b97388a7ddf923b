import IR

let transposedConvolutionOperators: [OperatorEntry] = [
  OperatorEntry("TRANSPOSE_CONV", version: 5, 3...4) { call, graph in
    let size = try graph.integers(0, call)
    var filter = try graph.operand(1, call)
    let x = try graph.operand(2, call)
    let (input, kernel) = (graph.type(of: x).shape, graph.type(of: filter).shape)
    guard input.rank == 4, kernel.rank == 4, size.count == 4, size.allSatisfy({ $0 > 0 }),
      size[0] == input[0], size[3] == kernel[0], input[3] == kernel[3]
    else {
      throw Diagnostic.error(
        "TRANSPOSE_CONV cannot make \(size) of [\(input)] with filters [\(kernel)]")
    }
    if graph.type(of: x).element.isFloat, graph.type(of: filter).isQuantized {
      filter = try graph.plain(Dequantize(), [filter], call)
    }
    let window = try call.window(Shape(size), kernel: [kernel[1], kernel[2]])
    let spread = try graph.spread(x, window.stride, call)
    let turned = try graph.turned(filter, call)
    let (cropped, pad) = try graph.margins(spread, window, size, call)
    var operation = Conv2D()
    operation.pad = pad
    (operation.minimum, operation.maximum) = try call.options.activation()
    operation.rounding = .double
    let bias = try graph.optionalOperand(3, call).map { [$0] } ?? []
    return [try graph.add(operation, [cropped, turned] + bias, call)]
  },
]

// A transposed convolution is a convolution of the input, zeros between its pixels, with the filter
// turned by half a turn. In integers the zeros contribute nothing, so the sums are the same.
extension GraphImporter {
  /// `x` with `stride − 1` zeros behind every row and column.
  fileprivate mutating func spread(
    _ x: Value, _ stride: [Int], _ call: OperatorCall
  ) throws -> Value {
    guard stride != [1, 1] else { return x }
    let shape = type(of: x).shape
    let rows = shape.count * stride[0]
    guard rows <= elementLimit, rows * stride[1] <= elementLimit else {
      throw Diagnostic.error("TRANSPOSE_CONV gives too many elements")
    }
    let quantization = type(of: x).quantization
    let cells = try reshape(x, to: [shape[0], shape[1], 1, shape[2], 1, shape[3]], call)
    let pad = Pad(
      before: [0, 0, 0, 0, 0, 0], after: [0, 0, stride[0] - 1, 0, stride[1] - 1, 0])
    let padded = try add(pad, [cells], quantization: quantization, call)
    return try reshape(
      padded, to: [shape[0], shape[1] * stride[0], shape[2] * stride[1], shape[3]], call)
  }

  /// The filter with rows and columns in the opposite order.
  fileprivate mutating func turned(_ filter: Value, _ call: OperatorCall) throws -> Value {
    let type = type(of: filter)
    let shape = type.shape
    let slice = Slice(
      start: [0, shape[1] - 1, shape[2] - 1, 0], size: shape.dimensions, stride: [1, -1, -1, 1])
    if let constant = rewriter.graph.constant(filter),
      let result = try slice.evaluate([constant], EvaluationContext(resultTypes: [type])).first
    {
      return rewriter.constant(result)
    }
    return try add(slice, [filter], quantization: type.quantization, call)
  }

  /// What the convolution pads so that its result has the asked size; where that is less than
  /// nothing, `x` is cut.
  fileprivate mutating func margins(
    _ x: Value, _ window: Window, _ size: [Int], _ call: OperatorCall
  ) throws -> (x: Value, pad: [Int]) {
    let shape = type(of: x).shape
    let amounts = (0..<2).flatMap { axis -> [Int] in
      let before = window.kernel[axis] - 1 - window.pad[2 * axis]
      let total = size[axis + 1] + window.kernel[axis] - 1 - shape[axis + 1]
      return [before, total - before]
    }
    let pad = amounts.map { max($0, 0) }
    let cut = amounts.map { min($0, 0) }
    guard cut.contains(where: { $0 < 0 }) else { return (x, pad) }
    let crop = Pad(before: [0, cut[0], cut[2], 0], after: [0, cut[1], cut[3], 0])
    return (try add(crop, [x], quantization: type(of: x).quantization, call), pad)
  }
}
