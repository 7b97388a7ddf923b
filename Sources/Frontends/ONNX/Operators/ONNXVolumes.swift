import IR

let onnxVolumeOperators: [ONNXOperator] = [
  ONNXOperator("MaxUnpool", since: 9, inputs: 2...3, importMaxUnpool)
]

/// Window attributes for three spatial axes: that of the first, and that of the other two.
///
/// The core slides windows over two axes. A third one folds into the batch: pools reduce the two
/// inner axes first and then the outer one; a convolution is a sum over the taps of the outer one.
struct VolumeWindow {
  let outer: WindowReader
  let inner: WindowReader

  /// A window that moves by single steps, without padding.
  init(kernel: [Int], dilation: [Int]) {
    outer = WindowReader(kernel: [1, kernel[0]], dilation: [1, dilation[0]])
    inner = WindowReader(kernel: Array(kernel[1...]), dilation: Array(dilation[1...]))
  }

  init(_ node: SourceNodeReader, kernel: [Int], input: [Int]) throws {
    let whole = try WindowAxes(node, kernel: kernel, input: input)
    outer = WindowReader(whole, axes: [0])
    inner = WindowReader(whole, axes: [1, 2])
  }
}

extension GraphBuilder {
  /// `reduce` applied to the two inner axes of NCDHW, then to the outer one.
  func pooledVolume(
    _ x: Value, _ window: VolumeWindow, _ node: SourceNodeReader,
    _ reduce: (Value, WindowReader) throws -> Value
  ) throws -> Value {
    let shape = try staticShape(x, "the operand")
    let last = try transpose(x, [0, 2, 3, 4, 1])
    let slices = try reshape(last, [shape[0] * shape[2], shape[3], shape[4], shape[1]])
    let planes = try reduce(slices, window.inner)
    let (height, width) = (self.shape(planes)[1], self.shape(planes)[2])
    // The outer axis as width, everything behind it as channels.
    let columns = try reshape(planes, [shape[0], 1, shape[2], height * width * shape[1]])
    let result = try reduce(columns, window.outer)
    let depth = self.shape(result)[2]
    let apart = try reshape(result, [shape[0], depth, height, width, shape[1]])
    return try transpose(apart, [0, 4, 1, 2, 3])
  }

  /// A convolution over NCDHW with weights OIDHW: for every tap along D one over images.
  func convolvedVolume(
    _ x: Value, _ weights: Value, bias: Value?, _ window: VolumeWindow, groups: Int,
    _ node: SourceNodeReader
  ) throws -> Value {
    let (outer, inner) = (window.outer, window.inner)
    let pad = Pad(
      before: [0, outer.pad[2], 0, 0, 0], after: [0, outer.pad[3], 0, 0, 0])
    let last = try emit(pad, [try transpose(x, [0, 2, 3, 4, 1])])
    let (shape, filter) = (try staticShape(last, "the input"), shape(weights))
    let reach = outer.dilation[1] * (filter[2] - 1) + 1
    guard shape[1] >= reach else { throw node.invalid("its window is larger than the input") }
    let depth = (shape[1] - reach) / outer.stride[1] + 1
    var convolution = Conv2D()
    convolution.stride = inner.stride
    convolution.dilation = inner.dilation
    convolution.pad = inner.pad
    convolution.groups = groups
    var total: Value?
    for tap in 0..<filter[2] {
      let slab = try slice(
        last,
        Slice(
          start: [0, tap * outer.dilation[1], 0, 0, 0],
          size: [shape[0], depth, shape[2], shape[3], shape[4]],
          stride: [1, outer.stride[1], 1, 1, 1]), node)
      let images = try reshape(slab, [shape[0] * depth, shape[2], shape[3], shape[4]])
      let cut = try slice(
        weights,
        Slice(
          start: [0, 0, tap, 0, 0], size: [filter[0], filter[1], 1, filter[3], filter[4]]), node)
      let plane = try reshape(cut, [filter[0], filter[1], filter[3], filter[4]])
      let operands = [images, try transpose(plane, [0, 2, 3, 1])]
      let part = try emit(convolution, operands + (tap == 0 ? bias.map { [$0] } ?? [] : []))
      total = try total.map { try emit(Add(), [$0, part]) } ?? part
    }
    guard let total else { throw node.invalid("has no taps") }
    let (height, width) = (self.shape(total)[1], self.shape(total)[2])
    let apart = try reshape(total, [shape[0], depth, height, width, filter[0]])
    return try transpose(apart, [0, 4, 1, 2, 3])
  }

  /// The average under a window whose taps lie apart: a convolution with ones, divided by the
  /// number of elements under each position.
  func dilatedAverage(
    _ image: Value, _ window: WindowReader, countsPadding: Bool
  ) throws -> Value {
    let shape = try staticShape(image, "the operand")
    let element = type(image).element
    var sum = DepthwiseConv2D()
    sum.stride = window.stride
    sum.dilation = window.dilation
    sum.pad = window.extendedPad
    let ones = try broadcast(
      scalar(1, element), to: [1, window.kernel[0], window.kernel[1], shape[3]])
    let sums = try emit(sum, [image, ones])
    let extents = self.shape(sums)
    func counts(_ axis: Int) -> [Double] {
      let room = (window.pad[2 * axis], window.pad[2 * axis + 1])
      let valid = countsPadding ? -room.0..<(shape[axis + 1] + room.1) : 0..<shape[axis + 1]
      return (0..<extents[axis + 1]).map { position in
        let start = position * window.stride[axis] - room.0
        let taps = (0..<window.kernel[axis]).filter {
          valid.contains(start + $0 * window.dilation[axis])
        }
        return Double(max(taps.count, 1))
      }
    }
    let rows = counts(0)
    let columns = counts(1)
    let numbers = rows.flatMap { row in columns.map { row * $0 } }
    let divisor = constant(
      Tensor.from(doubles: numbers, element, [1, extents[1], extents[2], 1]))
    return try emit(Divide(), [sums, divisor])
  }
}

/// Puts every element where its index says, into zeros.
@Sendable private func importMaxUnpool(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(x, "the operand")
  let axes = shape.rank - 2
  let attributes = node.attributes
  let ones = [Int](repeating: 1, count: max(axes, 0))
  guard axes >= 1, let kernel = try attributes.ints("kernel_shape"), kernel.count == axes else {
    throw node.invalid("needs kernel_shape")
  }
  let stride = try attributes.ints("strides") ?? ones
  let pads = try attributes.ints("pads") ?? [Int](repeating: 0, count: 2 * axes)
  guard stride.count == axes, pads.count == 2 * axes,
    (stride + pads + kernel).allSatisfy({ (0...(1 << 24)).contains($0) })
  else { throw node.invalid("strides and pads do not fit \(axes) axes") }
  let extents = Array(shape.dimensions[..<2]) + (0..<axes).map { axis in
    (shape[axis + 2] - 1) * stride[axis] - pads[axis] - pads[axis + axes] + kernel[axis]
  }
  guard extents.allSatisfy({ $0 >= 0 }), let count = Shape(extents).checkedCount else {
    throw node.invalid("gives the shape \(extents)")
  }
  let zeros = try graph.broadcast(graph.scalar(0, graph.type(x).element), to: [count])
  let operands = [zeros, try graph.reshape(try graph.plain(try node.input(1)), [shape.count])]
  var scatter = ScatterElements()
  scatter.axis = 0
  let flat = try graph.emit(scatter, operands + [try graph.reshape(x, [shape.count])])
  let inferred = try graph.reshape(flat, extents)
  guard let wanted = try graph.optionalIntegers(node.optional(2), "output_shape") else {
    return [inferred]
  }
  guard wanted.count == shape.rank,
    zip(wanted, extents).allSatisfy({ $0 >= $1 && $0 <= 1 << 32 })
  else {
    throw node.invalid("output_shape \(wanted) is smaller than \(extents)")
  }
  let grown = zip(wanted, extents).map { $0 - $1 }
  return [
    try graph.emit(
      Pad(before: [Int](repeating: 0, count: shape.rank), after: grown), [inferred])
  ]
}
