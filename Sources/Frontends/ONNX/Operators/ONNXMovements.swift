import IR

let onnxMovementOperators: [ONNXOperator] = [
  ONNXOperator("Transpose", inputs: 1, importTranspose),
  ONNXOperator("Concat", since: 4, inputs: 1...Int.max, importConcat),
  ONNXOperator("Slice", inputs: 1...5, importSlice),
  ONNXOperator("Split", since: 2, inputs: 1...2, importSplit),
  ONNXOperator("Gather", inputs: 2, importGather),
  ONNXOperator("Pad", since: 2, inputs: 1...4, importPad),
  ONNXOperator("Dropout", inputs: 1...3, importDropout),
]

@Sendable private func importTranspose(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let reversed = Array((0..<graph.shape(x).rank).reversed())
  let permutation = try node.attributes.ints("perm") ?? reversed
  guard permutation.sorted() == Array(0..<graph.shape(x).rank) else {
    throw node.invalid("perm \(permutation) does not order \(graph.shape(x).rank) dimensions")
  }
  return [try graph.transposeParameter(x, permutation)]
}

@Sendable private func importConcat(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  guard let axis = try node.attributes.int("axis") else { throw node.invalid("needs an axis") }
  var operands = try node.allInputs()
  if Set(operands.map { graph.type($0).quantization }).count > 1 {
    operands = try operands.map { try graph.plain($0) }
  }
  return [try graph.emit(Concat(axis: axis), operands)]
}

/// Bounds are attributes before opset 10 and inputs from then on.
@Sendable private func importSlice(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let shape = graph.shape(x)
  let isOld = node.opset < 10
  let starts = isOld
    ? try node.attributes.ints("starts") : try graph.integers(try node.input(1), "starts")
  let ends = isOld
    ? try node.attributes.ints("ends") : try graph.integers(try node.input(2), "ends")
  let axes = isOld
    ? try node.attributes.ints("axes") : try graph.optionalIntegers(node.optional(3), "axes")
  let steps = isOld ? nil : try graph.optionalIntegers(node.optional(4), "steps")
  guard let starts, let ends, starts.count == ends.count,
    axes.map({ $0.count == starts.count }) ?? (starts.count <= shape.rank),
    steps.map({ $0.count == starts.count }) ?? true
  else { throw node.invalid("starts, ends, axes and steps differ in length") }
  let along = try normalized(axes ?? Array(0..<starts.count), rank: shape.rank, node)

  var slice = Slice(
    start: [Int](repeating: 0, count: shape.rank), size: shape.dimensions,
    stride: [Int](repeating: 1, count: shape.rank))
  for (index, axis) in along.enumerated() {
    let bounds = try SliceBounds(
      start: starts[index], end: ends[index], step: steps?[index] ?? 1, extent: shape[axis], node)
    slice.start[axis] = bounds.start
    slice.size[axis] = bounds.count
    slice.stride[axis] = bounds.step
  }
  return [try graph.slice(x, slice, node)]
}

/// One axis of a slice, clipped as ONNX `Slice` says.
private struct SliceBounds {
  let start: Int
  let count: Int
  let step: Int

  init(start: Int, end: Int, step: Int, extent: Int, _ node: SourceNodeReader) throws {
    guard step != 0 else { throw node.invalid("a step is 0") }
    if extent == Shape.unknown {
      guard start == 0, step == 1, end >= Int(Int32.max) else {
        throw node.unsupported(
          "an axis of unknown extent is cut", help: ["bind it with --dim NAME=N"])
      }
      (self.start, count, self.step) = (0, Shape.unknown, 1)
      return
    }
    // Only its sign matters where the step leaves the axis at once.
    let step = min(max(step, -(extent + 1)), extent + 1)
    func fromFront(_ index: Int) -> Int { index < 0 ? max(index, -extent - 1) + extent : index }
    let first: Int
    let last: Int
    if step > 0 {
      first = min(max(fromFront(start), 0), extent)
      last = min(max(fromFront(end), 0), extent)
      count = max((last - first + step - 1) / step, 0)
    } else {
      first = min(max(fromFront(start), 0), extent - 1)
      last = min(max(fromFront(end), -1), extent - 1)
      count = extent == 0 ? 0 : max((first - last - step - 1) / -step, 0)
    }
    self.start = count == 0 ? 0 : first
    self.step = count <= 1 ? 1 : step
  }
}

extension GraphBuilder {
  /// A slice; nothing where it takes all.
  func slice(_ value: Value, _ slice: Slice, _ node: SourceNodeReader) throws -> Value {
    let isWhole = slice.size == shape(value).dimensions && slice.stride.allSatisfy { $0 == 1 }
    if isWhole { return value }
    guard shape(value).isStatic else {
      throw node.unsupported(
        "cutting a tensor of shape \(shape(value)) with unknown dimensions",
        help: ["bind them with --dim NAME=N or --shape INPUT=…"])
    }
    return try emit(slice, [value])
  }
}

extension GraphBuilder {
  /// Consecutive slices of `sizes` along `axis`, which together are all of `value`.
  ///
  /// - Requires: `value` has a static shape.
  func split(
    _ value: Value, axis: Int, _ sizes: [Int], _ node: SourceNodeReader
  ) throws -> [Value] {
    let shape = self.shape(value)
    guard sizes.allSatisfy({ (0...shape[axis]).contains($0) }), sizes.count <= 1 << 16,
      sizes.reduce(0, +) == shape[axis]
    else { throw node.invalid("sizes \(sizes) do not split axis \(axis) of \(shape)") }
    var start = 0
    return try sizes.map { size in
      var slice = Slice(start: [Int](repeating: 0, count: shape.rank), size: shape.dimensions)
      slice.start[axis] = size == 0 ? 0 : start
      slice.size[axis] = size
      start += size
      return try self.slice(value, slice, node)
    }
  }
}

@Sendable private func importSplit(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let shape = try graph.staticShape(x, "the operand")
  let axis = try normalized(
    [try node.attributes.int("axis", default: 0)], rank: shape.rank, node)[0]
  let declared = try node.attributes.int("num_outputs")
  let given =
    node.opset >= 13
    ? try graph.optionalIntegers(node.optional(1), "split") : try node.attributes.ints("split")
  let parts = declared ?? node.outputs.count
  guard parts >= 1, parts <= 1 << 16 else { throw node.invalid("splits into \(parts) parts") }
  let chunk = (shape[axis] + parts - 1) / parts
  let sizes = given ?? (0..<parts).map { min(chunk, max(shape[axis] - $0 * chunk, 0)) }
  return try graph.split(x, axis: axis, sizes, node)
}

@Sendable private func importGather(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let (x, indices) = (try node.input(0), try graph.plain(try node.input(1)))
  let axis = try normalized(
    [try node.attributes.int("axis", default: 0)], rank: graph.shape(x).rank, node)[0]
  let extent = graph.shape(x)[axis]
  if extent != Shape.unknown, let known = graph.constant(indices)?.integers(),
    let bad = known.first(where: { !(-extent..<extent).contains($0) })
  {
    throw node.invalid("has no index \(bad) in an axis of \(extent)")
  }
  let operand = graph.type(x).quantization?.axis == nil ? x : try graph.plain(x)
  return [try graph.emit(Gather(axis: axis), [operand, indices])]
}

/// Pads are attributes before opset 11 and inputs from then on.
@Sendable private func importPad(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let rank = graph.shape(x).rank
  let isOld = node.opset < 11
  let pads =
    isOld ? try node.attributes.ints("pads") : try graph.integers(try node.input(1), "pads")
  let axes = try normalized(
    try graph.optionalIntegers(node.optional(3), "axes") ?? Array(0..<rank), rank: rank, node)
  let limit = 1 << 31
  guard let pads, pads.count == 2 * axes.count, pads.allSatisfy({ (-limit...limit).contains($0) })
  else { throw node.invalid("pads do not fit \(axes.count) axes") }
  let name = try node.attributes.string("mode") ?? "constant"
  guard let mode = Pad.Mode(rawValue: name), mode != .symmetric else {
    throw node.invalid("mode '\(name)' is not known")
  }
  var pad = Pad(
    before: [Int](repeating: 0, count: rank), after: [Int](repeating: 0, count: rank))
  pad.mode = mode
  pad.value = isOld
    ? try node.attributes.float("value", default: 0)
    : try node.optional(2).map { try graph.float($0, "the constant") } ?? 0
  for (index, axis) in axes.enumerated() {
    pad.before[axis] = pads[index]
    pad.after[axis] = pads[index + axes.count]
  }
  return [try graph.emit(pad, [x])]
}

@Sendable private func importDropout(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  _ = try node.attributes.float("ratio")
  _ = try node.attributes.int("seed")
  _ = try node.attributes.int("is_test")
  if let training = node.optional(2), try graph.integers(training, "training_mode") != [0] {
    let ratio = try node.optional(1).map { try graph.float($0, "the ratio") } ?? 0.5
    guard ratio == 0 else {
      throw node.unsupported(
        "in training it drops elements at random, so that no two runtimes agree",
        help: ["export the model for inference: training_mode false"])
    }
  }
  guard node.wants(output: 1) else { return [x] }
  let shape = try graph.staticShape(x, "the operand")
  let kept = graph.constant(Tensor.from(integers: [1], .bool, .scalar))
  return [x, try graph.broadcast(kept, to: shape)]
}
