import IR

let onnxSpatialOperators: [ONNXOperator] = [
  ONNXOperator("DepthToSpace", inputs: 1, importDepthToSpace),
  ONNXOperator("SpaceToDepth", inputs: 1, importSpaceToDepth),
  ONNXOperator("ConvTranspose", inputs: 2...3, importConvTranspose),
]

private func readBlock(_ node: SourceNodeReader, _ shape: Shape) throws -> Int {
  guard let block = try node.attributes.int("blocksize"), block >= 1, block <= 1 << 20,
    shape.rank == 4
  else { throw node.invalid("needs 4 dimensions and a blocksize") }
  return block
}

@Sendable private func importDepthToSpace(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let shape = try graph.staticShape(x, "the operand")
  let block = try readBlock(node, shape)
  let depth = shape[1] / (block * block)
  guard depth * block * block == shape[1] else { throw node.invalid("cannot part \(shape) by \(block)") }
  let isColumnRow = try node.attributes.string("mode") == "CRD"
  let apart = isColumnRow
    ? [shape[0], depth, block, block, shape[2], shape[3]]
    : [shape[0], block, block, depth, shape[2], shape[3]]
  let order = isColumnRow ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
  let moved = try graph.transpose(try graph.reshape(x, apart), order)
  return [try graph.reshape(moved, [shape[0], depth, shape[2] * block, shape[3] * block])]
}

@Sendable private func importSpaceToDepth(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let shape = try graph.staticShape(x, "the operand")
  let block = try readBlock(node, shape)
  guard shape[2] % block == 0, shape[3] % block == 0 else {
    throw node.invalid("cannot part \(shape) by \(block)")
  }
  let (rows, columns) = (shape[2] / block, shape[3] / block)
  let apart = try graph.reshape(x, [shape[0], shape[1], rows, block, columns, block])
  let isColumnRow = try node.attributes.string("mode") == "CRD"
  let moved = try graph.transpose(apart, isColumnRow ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4])
  return [try graph.reshape(moved, [shape[0], shape[1] * block * block, rows, columns])]
}

/// A convolution with the filter turned round over the input with zeros between its elements.
///
/// Source: V. Dumoulin, F. Visin, arXiv 1603.07285, section 4.
@Sendable private func importConvTranspose(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let weights = try graph.plain(try node.input(1))
  let rank = graph.shape(x).rank
  guard rank == graph.shape(weights).rank, rank >= 3 else {
    throw node.invalid("needs an input and weights of the same rank, at least 3")
  }
  if rank == 5 { return [try importTransposedVolume(node, graph)] }
  guard rank <= 4 else {
    throw node.unsupported("\(rank - 2) spatial axes are not supported, only 1 to 3")
  }
  let transposed = try TransposedWindow(
    node, kernel: Array(try graph.staticShape(weights, "the weights").dimensions[2...]),
    input: Array(try graph.staticShape(x, "the input").dimensions[2...]))
  let groups = try node.attributes.int("group", default: 1)
  let image = try insertZeros(graph, try graph.imageLast(x), transposed)
  let filter = try turned(node, graph, weights, groups)
  var operation = Conv2D()
  operation.dilation = transposed.dilation
  operation.groups = groups
  operation.pad = transposed.pad.map { max($0, 0) }
  let bias = try node.optional(2).map { [try graph.plain($0)] } ?? []
  var result = try graph.emit(operation, [image, filter] + bias)
  // Padding beyond the filter's reach cuts the result instead.
  let cut = transposed.pad.map { min($0, 0) }
  if cut.contains(where: { $0 != 0 }) {
    result = try graph.emit(
      Pad(before: [0, cut[0], cut[2], 0], after: [0, cut[1], cut[3], 0]), [result])
  }
  return [try graph.imageFirst(result, rank: rank)]
}

/// NHWC with `stride − 1` zeros behind every row and column but the last.
private func insertZeros(
  _ graph: GraphBuilder, _ image: Value, _ window: TransposedWindow
) throws -> Value {
  guard window.stride != [1, 1] else { return image }
  let shape = graph.shape(image)
  let (rows, columns) = (shape[1], shape[2])
  let apart = try graph.reshape(image, [shape[0], rows, 1, columns, 1, shape[3]])
  let padded = try graph.emit(
    Pad(
      before: [0, 0, 0, 0, 0, 0],
      after: [0, 0, window.stride[0] - 1, 0, window.stride[1] - 1, 0]), [apart])
  let (height, width) = (rows * window.stride[0], columns * window.stride[1])
  let joined = try graph.reshape(padded, [shape[0], height, width, shape[3]])
  return try graph.emit(
    Slice(
      start: [0, 0, 0, 0],
      size: [shape[0], height - window.stride[0] + 1, width - window.stride[1] + 1, shape[3]]),
    [joined])
}

/// Weights [C, M/g, h, w] as OHWI with both spatial axes reversed.
private func turned(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ weights: Value, _ groups: Int
) throws -> Value {
  var extents = graph.shape(weights).dimensions
  if extents.count == 3 { extents.insert(1, at: 2) }
  guard groups >= 1, extents[0] % groups == 0 else {
    throw node.invalid("\(extents[0]) channels do not part into \(groups) groups")
  }
  let (inner, outer) = (extents[0] / groups, extents[1])
  let grouped = try graph.reshape(weights, [groups, inner, outer, extents[2], extents[3]])
  let moved = try graph.transpose(grouped, [0, 2, 3, 4, 1])
  let shape = [groups * outer, extents[2], extents[3], inner]
  let filter = try graph.reshape(moved, shape)
  return try graph.emit(
    Slice(
      start: [0, extents[2] - 1, extents[3] - 1, 0], size: shape, stride: [1, -1, -1, 1]),
    [filter])
}

/// The window of a transposed convolution as that of the plain one that replaces it.
struct TransposedWindow {
  var stride: [Int]
  var dilation: [Int]
  /// `[top, bottom, left, right]` of the plain convolution; negative ones cut.
  var pad: [Int]

  init(_ node: SourceNodeReader, kernel: [Int], input: [Int]) throws {
    let all = try TransposedAxes(node, kernel: kernel, input: input)
    let isFlat = kernel.count == 1
    stride = isFlat ? [1, all.stride[0]] : all.stride
    dilation = isFlat ? [1, all.dilation[0]] : all.dilation
    pad = (isFlat ? [0, 0] : []) + kernel.indices.flatMap { [all.before[$0], all.after[$0]] }
  }
}

/// The same, axis by axis, for any number of them.
struct TransposedAxes {
  let stride: [Int]
  let dilation: [Int]
  /// Padding of the plain convolution in front of and behind each axis; negative ones cut.
  private(set) var before: [Int] = []
  private(set) var after: [Int] = []

  init(_ node: SourceNodeReader, kernel: [Int], input: [Int]) throws {
    let axes = kernel.count
    let attributes = node.attributes
    func list(_ name: String, _ value: Int) throws -> [Int] {
      let given = try attributes.ints(name) ?? [Int](repeating: value, count: axes)
      guard given.count == axes, given.allSatisfy({ (0...(1 << 24)).contains($0) }) else {
        throw node.invalid("\(name) \(given) does not fit \(axes) spatial axes")
      }
      return given
    }
    if let declared = try attributes.ints("kernel_shape"), declared != kernel {
      throw node.invalid("kernel_shape \(declared) differs from the weights' \(kernel)")
    }
    let stride = try list("strides", 1)
    let dilation = try list("dilations", 1)
    let extra = try list("output_padding", 0)
    let pads = try attributes.ints("pads") ?? [Int](repeating: 0, count: 2 * axes)
    let outputShape = try attributes.ints("output_shape")
    let mode = try attributes.string("auto_pad") ?? "NOTSET"
    guard stride.allSatisfy({ $0 >= 1 }), dilation.allSatisfy({ $0 >= 1 }), pads.count == 2 * axes,
      pads.allSatisfy({ (0...(1 << 24)).contains($0) }), outputShape.map({ $0.count == axes }) ?? true
    else { throw node.invalid("strides, dilations, pads or output_shape do not fit") }
    self.stride = stride
    self.dilation = dilation
    for axis in 0..<axes {
      let reach = dilation[axis] * (kernel[axis] - 1)
      var (low, high) = (pads[axis], pads[axis + axes])
      let full = stride[axis] * (input[axis] - 1) + extra[axis] + reach + 1
      let wanted = outputShape?[axis] ?? (mode.hasPrefix("SAME") ? input[axis] * stride[axis] : nil)
      if let wanted {
        // A result larger than the full one gets what is missing at its end.
        let total = max(full - wanted, 0)
        let half = total / 2
        (low, high) = mode == "SAME_UPPER" ? (half, total - half) : (total - half, half)
        high -= max(wanted - full, 0)
      } else if mode == "VALID" {
        (low, high) = (0, 0)
      }
      before.append(reach - low)
      after.append(reach - high + extra[axis])
    }
  }
}
