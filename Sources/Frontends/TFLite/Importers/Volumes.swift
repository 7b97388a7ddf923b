import IR

let volumeOperators: [OperatorEntry] = [
  OperatorEntry("CONV_3D", version: 1, 2...3) { call, graph in
    try graph.requireFloats(call)
    return [try graph.volumeConvolution(call)]
  }
]

// A convolution over depth, height and width is a sum over the filter's depth of convolutions over
// height and width, each on the slices that its place of the filter meets.
extension GraphImporter {
  fileprivate mutating func volumeConvolution(_ call: OperatorCall) throws -> Value {
    let (x, filter) = (try operand(0, call), try operand(1, call))
    let (input, kernel) = (type(of: x).shape, type(of: filter).shape)
    guard input.rank == 5, kernel.rank == 5, input[4] == kernel[3], kernel[0] > 0 else {
      throw Diagnostic.error("CONV_3D cannot apply filters [\(kernel)] to [\(input)]")
    }
    let plane = try call.window(
      [input[0], input[2], input[3], input[4]], kernel: [kernel[1], kernel[2]])
    let depth = try depthWindow(input[1], kernel[0], call)
    let padded = try plain(
      Pad(before: [0, depth.before, 0, 0, 0], after: [0, depth.after, 0, 0, 0]), [x], call)
    var sum: Value?
    for place in 0..<kernel[0] {
      let slices = try plain(
        Slice(
          start: [0, place * depth.dilation, 0, 0, 0],
          size: [input[0], depth.results, input[2], input[3], input[4]],
          stride: [1, depth.stride, 1, 1, 1]), [padded], call)
      let images = try reshape(
        slices, to: [input[0] * depth.results, input[2], input[3], input[4]], call)
      var operation = Conv2D()
      (operation.stride, operation.dilation, operation.pad) =
        (plane.stride, plane.dilation, plane.pad)
      let part = try plain(operation, [images, try planeFilter(filter, place, call)], call)
      sum = try sum.map { try plain(Add(), [$0, part], call) } ?? part
    }
    guard var result = sum else { throw Diagnostic.error("CONV_3D has no filter") }
    if let bias = try optionalOperand(2, call) { result = try plain(Add(), [result, bias], call) }
    let shape = type(of: result).shape
    let volume = try reshape(
      result, to: [input[0], depth.results, shape[1], shape[2], shape[3]], call)
    return try activated(volume, call)
  }

  /// The filter at `place` along its depth, `[out, height, width, in]`.
  private mutating func planeFilter(
    _ filter: Value, _ place: Int, _ call: OperatorCall
  ) throws -> Value {
    let shape = type(of: filter).shape
    let slice = Slice(
      start: [place, 0, 0, 0, 0], size: [1, shape[1], shape[2], shape[3], shape[4]])
    let plane = try reshape(
      try plain(slice, [filter], call), to: Array(shape.dimensions.dropFirst()), call)
    return try permute(plane, [3, 0, 1, 2], call)
  }

  private struct DepthWindow {
    let stride: Int
    let dilation: Int
    let results: Int
    let before: Int
    let after: Int
  }

  private func depthWindow(
    _ extent: Int, _ kernel: Int, _ call: OperatorCall
  ) throws -> DepthWindow {
    let stride = call.options.int("stride_d")
    let dilation = call.options.int("dilation_d_factor", default: 1)
    guard (1...(1 << 16)).contains(stride), (1...(1 << 16)).contains(dilation) else {
      throw Diagnostic.error("\(call.name) has strides or dilations out of range")
    }
    let reach = (kernel - 1) * dilation + 1
    guard call.options.symbol("padding", first: "SAME") == "SAME" else {
      guard reach <= extent else {
        throw Diagnostic.error("\(call.name) has no room for its filter")
      }
      let results = (extent - reach) / stride + 1
      return DepthWindow(stride: stride, dilation: dilation, results: results, before: 0, after: 0)
    }
    let results = (extent + stride - 1) / stride
    let total = max((results - 1) * stride + reach - extent, 0)
    return DepthWindow(
      stride: stride, dilation: dilation, results: results, before: total / 2,
      after: total - total / 2)
  }
}
