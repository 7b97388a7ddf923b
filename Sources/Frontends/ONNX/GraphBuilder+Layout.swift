import IR

// ONNX images are NCHW and its weights OIHW; the core is NHWC and OHWI. Every importer that meets
// images goes there and back; a pass removes the transposes that meet.

extension GraphBuilder {
  func transpose(_ value: Value, _ permutation: [Int]) throws -> Value {
    if permutation == Array(0..<permutation.count), permutation.count == shape(value).rank {
      return value
    }
    return try emit(Transpose(permutation), [value])
  }

  /// `value` under another shape; at most one extent may be unknown.
  func reshape(_ value: Value, _ dimensions: [Int]) throws -> Value {
    if shape(value).dimensions == dimensions, shape(value).isStatic { return value }
    guard dimensions.filter({ $0 == Shape.unknown }).count <= 1 else {
      throw Diagnostic.unsupported(
        "a shape with more than one unknown dimension: \(Shape(dimensions))",
        help: ["bind them with --dim NAME=N or --shape INPUT=…"])
    }
    guard Shape(dimensions.filter { $0 != Shape.unknown }).checkedCount != nil else {
      throw Diagnostic.error("the shape \(dimensions) is too large")
    }
    return try emit(Reshape(to: dimensions), [value])
  }

  /// NC… → N…C.
  func channelsLast(_ value: Value) throws -> Value {
    let rank = shape(value).rank
    guard rank > 2 else { return value }
    return try transpose(value, [0] + Array(2..<rank) + [1])
  }

  /// N…C → NC….
  func channelsFirst(_ value: Value) throws -> Value {
    let rank = shape(value).rank
    guard rank > 2 else { return value }
    return try transpose(value, [0, rank - 1] + Array(1..<(rank - 1)))
  }

  /// An NCHW or NCW value as NHWC, with height 1 for the latter.
  func imageLast(_ value: Value) throws -> Value {
    let last = try channelsLast(value)
    guard shape(last).rank == 3 else { return last }
    let extents = shape(last).dimensions
    return try reshape(last, [extents[0], 1, extents[1], extents[2]])
  }

  /// The way back: NHWC to NCHW, or to NCW where `rank` is 3.
  func imageFirst(_ value: Value, rank: Int) throws -> Value {
    guard rank == 3 else { return try channelsFirst(value) }
    let extents = shape(value).dimensions
    return try channelsFirst(try reshape(value, [extents[0], extents[2], extents[3]]))
  }

  /// Moves the axes of a parameter. Where the parameter is a constant behind a `dequantize`, the
  /// constant moves, so that the pair can still be fused into its user.
  func transposeParameter(_ value: Value, _ permutation: [Int]) throws -> Value {
    try throughDequantize(value) { try transpose($0, permutation) }
  }

  /// `reshape` for parameters, likewise. Scales per axis need that axis to stay where it is.
  func reshapeParameter(_ value: Value, _ dimensions: [Int]) throws -> Value {
    try throughDequantize(value) { try reshape($0, dimensions) }
  }

  private func throughDequantize(_ value: Value, _ change: (Value) throws -> Value) throws -> Value {
    guard let (id, operation) = rewriter.graph.defining(value, as: Dequantize.self),
      let stored = rewriter.graph[id].operands.first, constant(stored) != nil
    else { return try change(value) }
    return try emit(operation, [try change(stored)], folds: false)
  }
}
