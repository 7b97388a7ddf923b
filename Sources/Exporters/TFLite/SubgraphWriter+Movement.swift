import IR

// Operations that move elements: on stored integers, whatever they mean.

extension SubgraphWriter {
  /// Writes a movement; false where `node` is none.
  mutating func emitMovement(_ node: Node) throws -> Bool {
    guard let result = node.results.first, let x = node.operands.first else { return false }
    let type = graph[result]
    switch node.operation {
    case let op as Reshape:
      let source = tensor(x)
      let made = make(type.with(quantization: source.type.quantization))
      reshape(source, to: op.shape, into: made)
      define(result, made)
    case let op as Transpose: define(result, turned(tensor(x), op.permutation))
    case is StorageCast: define(result, copy(tensor(x), as: type))
    case let op as BroadcastTo: define(result, spread(tensor(x), op.shape, type))
    case let op as Concat:
      var options = options("ConcatenationOptions", activation: "NONE")
      options.set("axis", op.axis < 0 ? op.axis + type.rank : op.axis)
      let operands = node.operands.map { tensor($0) }
      define(result, add("CONCATENATION", operands, type, options: options))
    case let op as Slice: define(result, sliced(tensor(x), op, type))
    case let op as Pad:
      define(
        result,
        try padded(tensor(x), before: op.before, after: op.after, filler: op.value, mode: op.mode))
    case let op as ResizeBilinear:
      var options = FlatTable("ResizeBilinearOptions")
      options.set("align_corners", op.alignCorners)
      options.set("half_pixel_centers", op.halfPixelCenters)
      define(
        result, add("RESIZE_BILINEAR", [tensor(x), integers(op.size)], type, options: options))
    default: return false
    }
    return true
  }

  // MARK: Transposes

  /// The kernel takes six axes: neighbours that stay neighbours are one axis to it.
  private mutating func turned(_ x: FlatTensor, _ permutation: [Int]) -> FlatTensor {
    guard x.type.rank > 6, x.type.shape.isStatic, x.type.quantization?.axis == nil else {
      return transposed(x, permutation)
    }
    var runs: [[Int]] = []
    for axis in permutation {
      if let last = runs.last?.last, last + 1 == axis {
        runs[runs.count - 1].append(axis)
      } else {
        runs.append([axis])
      }
    }
    let ordered = runs.sorted { $0[0] < $1[0] }
    let merged = ordered.map { run in run.map { x.type.shape[$0] }.reduce(1, *) }
    let places = runs.map { run in ordered.firstIndex(of: run) ?? 0 }
    let made = transposed(reshaped(x, to: Shape(merged)), places)
    return reshaped(made, to: Shape(permutation.map { x.type.shape[$0] }))
  }

  // MARK: Broadcasting

  /// The kernel takes eight axes: neighbours that are both repeated, or both not, are one to it.
  mutating func spread(_ x: FlatTensor, _ shape: [Int], _ type: TensorType) -> FlatTensor {
    let target = type.with(quantization: x.type.quantization)
    guard target.shape.isStatic, x.type.shape.isStatic, target.rank > 8 else {
      return add("BROADCAST_TO", [x, integers(target.shape.dimensions)], target)
    }
    let lead = [Int](repeating: 1, count: target.rank - x.type.rank)
    let source = lead + x.type.shape.dimensions
    var (from, to): ([Int], [Int]) = ([], [])
    var wasRepeated: Bool?
    for (extent, wanted) in zip(source, target.shape.dimensions) where wanted != 1 {
      let isRepeated = extent != wanted
      if isRepeated == wasRepeated {
        from[from.count - 1] *= extent
        to[to.count - 1] *= wanted
      } else {
        from.append(extent)
        to.append(wanted)
      }
      wasRepeated = isRepeated
    }
    let made = add(
      "BROADCAST_TO", [reshaped(x, to: Shape(from)), integers(to)], target.with(shape: Shape(to)))
    return reshaped(made, to: target.shape)
  }

  // MARK: Slices and pads

  /// A box of `x`.
  mutating func sliced(_ x: FlatTensor, _ op: Slice, _ type: TensorType) -> FlatTensor {
    let axes = 0..<x.type.rank
    let result = type.with(quantization: x.type.quantization)
    if axes.allSatisfy({ op.step($0) == 1 }) {
      return add("SLICE", [x, integers(op.start), integers(op.size)], result)
    }
    var options = FlatTable("StridedSliceOptions")
    var mask: Int = 0
    let ends = axes.map { axis -> Int in
      let end = op.start[axis] + op.size[axis] * op.step(axis)
      // Below zero would count from the end: a walk to the first element has no end instead.
      if end < 0 { mask |= 1 << axis }
      return max(end, 0)
    }
    options.set("end_mask", mask)
    let operands = [x, integers(op.start), integers(ends), integers(axes.map { op.step($0) })]
    return add("STRIDED_SLICE", operands, result, options: options)
  }

  /// `x` with a margin; where that is negative, `x` is cut.
  mutating func padded(
    _ x: FlatTensor, before: [Int], after: [Int], filler: Float, mode: Pad.Mode = .constant
  ) throws -> FlatTensor {
    var x = x
    if (before + after).contains(where: { $0 < 0 }) { x = try cut(x, before, after) }
    let amounts = zip(before, after).map { (max($0, 0), max($1, 0)) }
    if amounts.allSatisfy({ $0 == (0, 0) }) { return x }
    if x.type.rank > 4, x.type.shape.isStatic, mode == .constant {
      let (merged, margins) = mergedAxes(x.type.shape, amounts)
      if merged.count < x.type.rank {
        let made = try margin(reshaped(x, to: Shape(merged)), margins, filler, mode)
        return reshaped(made, to: widened(x.type.shape, amounts))
      }
    }
    return try margin(x, amounts, filler, mode)
  }

  private mutating func cut(
    _ x: FlatTensor, _ before: [Int], _ after: [Int]
  ) throws -> FlatTensor {
    guard x.type.shape.isStatic else {
      throw OperationError("it cuts a tensor whose extents are not known")
    }
    let start = before.map { max(-$0, 0) }
    let size = x.type.shape.dimensions.indices.map { axis in
      x.type.shape[axis] - start[axis] - max(-after[axis], 0)
    }
    return sliced(x, Slice(start: start, size: size), x.type.with(shape: Shape(size)))
  }

  /// Neighbouring axes without a margin as one.
  private func mergedAxes(
    _ shape: Shape, _ amounts: [(Int, Int)]
  ) -> (extents: [Int], amounts: [(Int, Int)]) {
    var extents: [Int] = []
    var margins: [(Int, Int)] = []
    for (extent, amount) in zip(shape.dimensions, amounts) {
      if amount == (0, 0), let last = margins.last, last == (0, 0) {
        extents[extents.count - 1] *= extent
      } else {
        extents.append(extent)
        margins.append(amount)
      }
    }
    return (extents, margins)
  }

  private func widened(_ shape: Shape, _ amounts: [(Int, Int)]) -> Shape {
    Shape(
      zip(shape.dimensions, amounts).map { extent, amount in
        extent == Shape.unknown ? extent : extent + amount.0 + amount.1
      })
  }

  private mutating func margin(
    _ x: FlatTensor, _ amounts: [(Int, Int)], _ filler: Float, _ mode: Pad.Mode
  ) throws -> FlatTensor {
    let result = x.type.with(shape: widened(x.type.shape, amounts))
    let pairs = amounts.flatMap { [$0.0, $0.1] }
    let table = constant(Tensor.from(integers: pairs, .i32, [amounts.count, 2]))
    switch mode {
    case .constant where filler == 0: return add("PAD", [x, table], result)
    case .constant:
      return add("PADV2", [x, table, try fillerTensor(filler, x.type)], result)
    case .reflect, .symmetric:
      var options = FlatTable("MirrorPadOptions")
      options.set("mode", symbol: mode == .reflect ? "REFLECT" : "SYMMETRIC")
      return add("MIRROR_PAD", [x, table], result, options: options)
    case .edge, .wrap: return try repeated(x, amounts, wraps: mode == .wrap)
    }
  }

  /// A margin that repeats the edge, or goes round: a choice of places along each axis.
  private mutating func repeated(
    _ x: FlatTensor, _ amounts: [(Int, Int)], wraps: Bool
  ) throws -> FlatTensor {
    var result = x
    for (axis, amount) in amounts.enumerated() where amount != (0, 0) {
      let extent = x.type.shape[axis]
      guard extent > 0 else {
        throw OperationError("it repeats an edge whose place is not known")
      }
      let places = (-amount.0..<(extent + amount.1)).map { place -> Int in
        wraps ? (place % extent + extent) % extent : min(max(place, 0), extent - 1)
      }
      var shape = result.type.shape
      shape[axis] = places.count
      var options = FlatTable("GatherOptions")
      options.set("axis", axis)
      result = add(
        "GATHER", [result, integers(places)], result.type.with(shape: shape), options: options)
    }
    return result
  }

  private mutating func fillerTensor(_ real: Float, _ type: TensorType) throws -> FlatTensor {
    let alone = type.with(shape: .scalar)
    if let quantization = type.quantization {
      let stored = quantization.store(real, as: type.element, .away)
      return constant(Tensor.from(integers: [stored], type.element, []).reinterpreted(as: alone))
    }
    if type.element.isFloat { return scalar(real, type.element) }
    guard let range = type.element.integerRange else {
      throw OperationError("TFLite does not pad \(type) with \(real)")
    }
    // −∞ stands for the lowest value there is.
    let bounded = min(max(Double(real), Double(range.lowerBound)), Double(range.upperBound))
    return constant(Tensor.from(integers: [Int(bounded)], type.element, []))
  }
}
