/// Where the largest element under each position of a sliding window lies in the whole operand,
/// `[N, C, …spatial]`, counted row-major.
///
/// Source: ONNX `Operators.md`, `MaxPool`, output `Indices`.
public struct MaxPoolIndices: Operation {
  public static let mnemonic = "max_pool_indices"
  public static let summary = "y[n, c, p…] = the index of the largest x[n, c, p·s + k·d − pad]"
  public static let arity = Arity(1)
  public static let fields: [Field<MaxPoolIndices>] = [
    .init("kernel", \.kernel, "extents of the window"),
    .init("stride", \.stride, "steps of the window"),
    .init("dilation", \.dilation, "spacing of the taps"),
    .init("before", \.before, "padding in front of each spatial axis"),
    .init("after", \.after, "padding behind each spatial axis"),
    .init("column_major", \.isColumnMajor, "counts the two spatial axes column by column"),
  ]
  public var kernel: [Int] = []
  public var stride: [Int] = []
  public var dilation: [Int] = []
  public var before: [Int] = []
  public var after: [Int] = []
  public var isColumnMajor: Bool = false

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    let axes = x.rank - 2
    let lists = [kernel, stride, dilation, before, after]
    guard axes >= 1, lists.allSatisfy({ $0.count == axes }), x.shape.isStatic,
      (kernel + stride + dilation).allSatisfy({ (1...(1 << 30)).contains($0) }),
      (before + after).allSatisfy({ (0...(1 << 30)).contains($0) }), !isColumnMajor || axes == 2,
      x.element.isFloat || x.element.isInteger
    else { throw OperationError("'max_pool_indices' cannot slide its window over \(x)") }
    var shape = x.shape
    for axis in 0..<axes {
      let reach = dilation[axis] * (kernel[axis] - 1) + 1
      let room = x.shape[axis + 2] + before[axis] + after[axis] - reach
      guard room >= 0 else { throw OperationError("the window is larger than the padded input") }
      shape[axis + 2] = room / stride[axis] + 1
    }
    return [TensorType(.i64, shape)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes([x.type]))[0]
    let found = x.element.isFloat ? search(x.doubles(), x.shape, type.shape)
      : search(x.integers(), x.shape, type.shape)
    return [Tensor.from(integers: found, .i64, type.shape)]
  }

  private func search<T: Comparable>(_ values: [T], _ input: Shape, _ output: Shape) -> [Int] {
    let (own, theirs) = (output.strides, input.strides)
    let axes = kernel.count
    let taps = kernel.reduce(1, *)
    return (0..<output.count).map { position in
      let plane = position / own[1]
      var best: Int?
      for tap in 0..<taps {
        var offset = plane * theirs[1]
        var rest = tap
        var isInside = true
        for axis in Swift.stride(from: axes - 1, through: 0, by: -1) {
          let start = position / own[axis + 2] % output[axis + 2] * stride[axis] - before[axis]
          let place = start + rest % kernel[axis] * dilation[axis]
          rest /= kernel[axis]
          isInside = isInside && (0..<input[axis + 2]).contains(place)
          offset += place * theirs[axis + 2]
        }
        if isInside, best.map({ values[offset] > values[$0] }) ?? true { best = offset }
      }
      return counted(best ?? plane * theirs[1], input)
    }
  }

  private func counted(_ offset: Int, _ shape: Shape) -> Int {
    guard isColumnMajor else { return offset }
    let plane = shape[2] * shape[3]
    let (row, column) = (offset % plane / shape[3], offset % shape[3])
    return offset - offset % plane + column * shape[2] + row
  }
}
