/// The geometry of a two-dimensional sliding window over NHWC tensors: convolutions and pooling.
public struct Window: Hashable, Sendable {
  /// Kernel height and width.
  public var kernel: [Int]
  public var stride: [Int]
  public var dilation: [Int]
  /// `[top, bottom, left, right]`, as in TOSA.
  public var pad: [Int]

  public init(kernel: [Int], stride: [Int], dilation: [Int] = [1, 1], pad: [Int]) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.pad = pad
  }

  /// The output extent along `axis` (0 height, 1 width):
  /// `⌊(in + pads − dilation · (kernel − 1) − 1) / stride⌋ + 1`. Source: ONNX `Conv`, TOSA 1.0.
  public func outputExtent(_ input: Int, axis: Int) throws -> Int {
    guard input != Shape.unknown else { return Shape.unknown }
    let reach = dilation[axis] * (kernel[axis] - 1) + 1
    let room = input + pad[2 * axis] + pad[2 * axis + 1] - reach
    guard room >= 0 else {
      throw OperationError(
        "the window of \(reach) is larger than the padded input of \(room + reach)")
    }
    return room / stride[axis] + 1
  }

  /// Checks the lists' lengths and signs.
  public func validate() throws {
    guard kernel.count == 2, stride.count == 2, dilation.count == 2, pad.count == 4 else {
      throw OperationError("kernel, stride and dilation have 2 entries, pad has 4")
    }
    let limit = 1 << 30
    guard (kernel + stride + dilation).allSatisfy({ (1...limit).contains($0) }) else {
      throw OperationError("kernel, stride and dilation are at least 1")
    }
    guard pad.allSatisfy({ (0...limit).contains($0) }) else {
      throw OperationError("padding is not negative")
    }
  }

  /// The kernel positions along `axis` that lie inside an input of `extent` for output `position`.
  @inline(__always)
  func valid(_ position: Int, _ extent: Int, axis: Int) -> Range<Int> {
    let origin = position * stride[axis] - pad[2 * axis]
    let step = dilation[axis]
    let first = origin >= 0 ? 0 : (-origin + step - 1) / step
    let last = origin >= extent ? 0 : min(kernel[axis], (extent - origin + step - 1) / step)
    return first..<max(first, last)
  }
}
