/// What the pooling operations share: an NHWC operand, a window, and a result of the same type and
/// quantisation.
protocol PoolingLike: Operation {
  var kernel: [Int] { get }
  var stride: [Int] { get }
  var pad: [Int] { get }
  var dilation: [Int] { get }
}

extension PoolingLike {
  public static var arity: Arity { Arity(1) }
  var dilation: [Int] { [1, 1] }

  var window: Window { Window(kernel: kernel, stride: stride, dilation: dilation, pad: pad) }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let input = operands[0]
    guard input.rank == 4, input.element.isFloat || input.element.isInteger else {
      throw OperationError("'\(Self.mnemonic)' needs an NHWC tensor of numbers, not \(input)")
    }
    try window.validate()
    let shape: Shape = [
      input.shape[0], try window.outputExtent(input.shape[1], axis: 0),
      try window.outputExtent(input.shape[2], axis: 1), input.shape[3],
    ]
    return [input.with(shape: shape)]
  }

  /// Calls `body` for every output pixel with the ranges of kernel taps inside the input.
  func forEachPixel(
    _ input: Shape, _ output: Shape,
    _ body: (_ pixel: Int, _ base: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Void
  ) {
    let window = window
    for image in 0..<output[0] {
      for line in 0..<output[1] {
        for column in 0..<output[2] {
          let pixel = (image * output[1] + line) * output[2] + column
          let rows = window.valid(line, input[1], axis: 0)
          let columns = window.valid(column, input[2], axis: 1)
          let y = line * stride[0] - pad[0]
          let x = column * stride[1] - pad[2]
          let base = ((image * input[1] + y) * input[2] + x) * input[3]
          body(pixel, base, rows, columns)
        }
      }
    }
  }

  /// The element offset of a tap from its window's base.
  func tap(_ i: Int, _ j: Int, _ input: Shape) -> Int {
    (i * dilation[0] * input[2] + j * dilation[1]) * input[3]
  }
}
