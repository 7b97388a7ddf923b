import IR

let elementOperators: [OperatorEntry] = [
  OperatorEntry("BUCKETIZE", version: 1, 1) { call, graph in
    // As many boundaries as are not above the element.
    let x = try graph.operand(0, call)
    let boundaries = call.options.floats("boundaries")
    let type = graph.type(of: x)
    guard !type.isQuantized, type.shape.isStatic, boundaries.count <= 1 << 16 else {
      throw UnsupportedFeature("BUCKETIZE of \(type)")
    }
    let wide: ElementType = type.element == .f64 || type.element == .i64 ? .f64 : .f32
    let column = try graph.reshape(x, to: type.shape.dimensions + [1], call)
    let reals = try graph.plain(Cast(to: wide), [column], call)
    let steps = graph.rewriter.constant(
      Tensor.from(doubles: boundaries.map { Double($0) }, wide, [boundaries.count]))
    let isPassed = try graph.plain(LessOrEqual(), [steps, reals], call)
    var sum = ReduceSum()
    (sum.axes, sum.keepDimensions) = ([-1], false)
    return [try graph.plain(sum, [try graph.plain(Cast(to: .i32), [isPassed], call)], call)]
  },
  OperatorEntry("DILATE", version: 1, 3) { call, graph in
    var x = try graph.operand(0, call)
    let steps = try graph.integers(1, call)
    let filler = try graph.constant(2, call)
    let shape = graph.type(of: x).shape.dimensions
    guard steps.count == shape.count, steps.allSatisfy({ (1...(1 << 20)).contains($0) }),
      filler.count == 1, !graph.type(of: x).isQuantized
    else { throw Diagnostic.error("DILATE cannot spread \(shape) by \(steps)") }
    let value = graph.rewriter.constant(
      filler.reinterpreted(as: TensorType(filler.element, .scalar)))
    for (axis, step) in steps.enumerated() where step > 1 && shape[axis] > 0 {
      x = try graph.dilated(x, axis, step, value, call)
    }
    return [x]
  },
]

extension GraphImporter {
  /// `x` with `step − 1` times `filler` between its places along `axis`.
  fileprivate mutating func dilated(
    _ x: Value, _ axis: Int, _ step: Int, _ filler: Value, _ call: OperatorCall
  ) throws -> Value {
    let shape = type(of: x).shape.dimensions
    var (cells, gaps, result) = (shape, shape, shape)
    cells.insert(1, at: axis + 1)
    gaps.insert(step - 1, at: axis + 1)
    result[axis] = shape[axis] * step
    let between = try broadcast(filler, to: gaps, call)
    let joined = try plain(
      Concat(axis: axis + 1), [try reshape(x, to: cells, call), between], call)
    let whole = try reshape(joined, to: result, call)
    result[axis] = (shape[axis] - 1) * step + 1
    let start = [Int](repeating: 0, count: shape.count)
    return try plain(Slice(start: start, size: result), [whole], call)
  }
}
