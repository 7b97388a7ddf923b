import IR

// Windows that slide over images. TFLite knows the padding SAME, as much as keeps ⌈extent / stride⌉
// results, and VALID, none; any other stands in the graph as a PAD.

extension SubgraphWriter {
  /// The image that a convolution reads, and the name of the padding it does itself.
  mutating func padded(
    _ x: FlatTensor, _ window: Window, filler: Float = 0
  ) throws -> (FlatTensor, String) {
    if window.pad.allSatisfy({ $0 == 0 }) { return (x, "VALID") }
    if samePadding(window, x.type.shape) == window.pad { return (x, "SAME") }
    let (before, after) = ([window.pad[0], window.pad[2]], [window.pad[1], window.pad[3]])
    let made = try padded(x, before: [0] + before + [0], after: [0] + after + [0], filler: filler)
    return (made, "VALID")
  }

  /// What `SAME` pads, `[top, bottom, left, right]`; nil where the extents are not known.
  /// Source: TFLite `padding.h`, `ComputePaddingWithOffset`.
  func samePadding(_ window: Window, _ input: Shape) -> [Int]? {
    var result: [Int] = []
    for axis in 0..<2 {
      let (extent, stride) = (input[axis + 1], window.stride[axis])
      guard extent != Shape.unknown else { return nil }
      let results = (extent + stride - 1) / stride
      let reach = (window.kernel[axis] - 1) * window.dilation[axis] + 1
      let total = max((results - 1) * stride + reach - extent, 0)
      result += [total / 2, total - total / 2]
    }
    return result
  }

  /// Options with strides and padding.
  func options(_ table: String, window: Window, _ padding: String) -> FlatTable {
    var options = FlatTable(table)
    options.set("padding", symbol: padding)
    options.set("stride_h", window.stride[0])
    options.set("stride_w", window.stride[1])
    return options
  }

  func setDilation(_ window: Window, _ options: inout FlatTable) {
    options.set("dilation_h_factor", window.dilation[0])
    options.set("dilation_w_factor", window.dilation[1])
  }

  // MARK: Pools

  mutating func emit(_ pool: MaxPool2D, _ node: Node) throws {
    guard pool.dilation == [1, 1] else { throw OperationError("MAX_POOL_2D has no dilation") }
    let x = tensor(node.operands[0])
    let window = Window(
      kernel: pool.kernel, stride: pool.stride, dilation: [1, 1], pad: pool.pad)
    let (input, padding) = try padded(x, window, filler: -.infinity)
    define(node.results[0], pooled("MAX_POOL_2D", input, window, padding, graph[node.results[0]]))
  }

  /// AVERAGE_POOL_2D counts no taps in the padding that it does itself.
  mutating func emit(_ pool: AveragePool2D, _ node: Node) throws {
    let x = tensor(node.operands[0])
    let type = graph[node.results[0]]
    var window = Window(kernel: pool.kernel, stride: pool.stride, dilation: [1, 1], pad: pool.pad)
    let isPadded = pool.pad.contains { $0 != 0 }
    if !isPadded || (!pool.countPadding && samePadding(window, x.type.shape) == pool.pad) {
      let padding = isPadded ? "SAME" : "VALID"
      return define(node.results[0], pooled("AVERAGE_POOL_2D", x, window, padding, type))
    }
    let before = [0, pool.pad[0], pool.pad[2], 0]
    let input = try padded(x, before: before, after: [0, pool.pad[1], pool.pad[3], 0], filler: 0)
    window.pad = [0, 0, 0, 0]
    let mean = pooled("AVERAGE_POOL_2D", input, window, "VALID", type)
    if pool.countPadding { return define(node.results[0], mean) }
    guard !type.isQuantized, let shares = shares(pool, x.type.shape, type) else {
      throw OperationError(
        "AVERAGE_POOL_2D does not leave out the padding \(pool.pad), which is not SAME")
    }
    define(node.results[0], add("MUL", [mean, constant(shares)], type, options: mul))
  }

  private mutating func pooled(
    _ name: String, _ x: FlatTensor, _ window: Window, _ padding: String, _ type: TensorType
  ) -> FlatTensor {
    var options = options("Pool2DOptions", window: window, padding)
    options.set("filter_height", window.kernel[0])
    options.set("filter_width", window.kernel[1])
    options.set("fused_activation_function", symbol: "NONE")
    return add(name, [x], type, options: options)
  }

  /// For each place of the result: taps of the window over those inside the image. nil where
  /// extents are not known.
  private func shares(_ pool: AveragePool2D, _ input: Shape, _ type: TensorType) -> Tensor? {
    guard input[1] != Shape.unknown, input[2] != Shape.unknown else { return nil }
    func inside(_ axis: Int) -> [Double] {
      (0..<type.shape[axis + 1]).map { place in
        let start = place * pool.stride[axis] - pool.pad[2 * axis]
        let end = min(start + pool.kernel[axis], input[axis + 1])
        return Double(pool.kernel[axis]) / Double(max(end - max(start, 0), 1))
      }
    }
    let (rows, columns) = (inside(0), inside(1))
    let values = rows.flatMap { row in columns.map { row * $0 } }
    return Tensor.from(doubles: values, type.element, [1, rows.count, columns.count, 1])
  }
}
