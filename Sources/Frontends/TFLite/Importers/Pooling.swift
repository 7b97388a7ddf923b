import IR

let poolingOperators: [OperatorEntry] = [
  OperatorEntry("AVERAGE_POOL_2D", version: 3, 1) { call, graph in
    let x = try graph.operand(0, call)
    let window = try graph.poolingWindow(x, call)
    var operation = AveragePool2D()
    (operation.kernel, operation.stride, operation.pad) =
      (window.kernel, window.stride, window.pad)
    return [try graph.activated(try graph.add(operation, [x], call), call)]
  },
  OperatorEntry("MAX_POOL_2D", version: 3, 1) { call, graph in
    let x = try graph.operand(0, call)
    let window = try graph.poolingWindow(x, call)
    var operation = MaxPool2D()
    (operation.kernel, operation.stride, operation.pad) =
      (window.kernel, window.stride, window.pad)
    return [try graph.activated(try graph.add(operation, [x], call), call)]
  },
]

extension GraphImporter {
  fileprivate func poolingWindow(_ x: Value, _ call: OperatorCall) throws -> Window {
    let shape = type(of: x).shape
    guard shape.rank == 4 else { throw Diagnostic.error("\(call.name) needs NHWC, not [\(shape)]") }
    let kernel = [call.options.int("filter_height"), call.options.int("filter_width")]
    return try call.window(shape, kernel: kernel)
  }

  /// `x` through the call's fused activation, as an operation of its own.
  mutating func activated(_ x: Value, _ call: OperatorCall) throws -> Value {
    let (low, high) = try call.options.activation()
    guard low > -.infinity || high < .infinity else { return x }
    return try clamp(x, low, high, quantization: type(of: x).quantization, call)
  }

  mutating func clamp(
    _ x: Value, _ low: Float, _ high: Float, quantization: Quantization?, _ call: OperatorCall
  ) throws -> Value {
    var operation = Clamp()
    (operation.minimum, operation.maximum) = (low, high)
    operation.rounding = .double
    return try add(operation, [x], quantization: quantization, call)
  }
}
