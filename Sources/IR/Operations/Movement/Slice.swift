/// A strided box of the operand: along each axis `size` elements from `start` in steps of `stride`.
///
/// All three lists have one entry per axis; a stride may be negative. The importer resolves
/// defaults, negative starts and clipping.
public struct Slice: ElementMoving {
  public static let mnemonic = "slice"
  public static let summary = "y[i…] = x[start + i · stride …]"
  public static let arity = Arity(1)
  public static let fields: [Field<Slice>] = [
    .init("start", \.start, "the first element along each axis"),
    .init("size", \.size, "the extents of the result"),
    .init("stride", \.stride, "the step along each axis; empty for all 1"),
  ]
  public var start: [Int] = []
  public var size: [Int] = []
  public var stride: [Int] = []

  public init() {}
  public init(start: [Int], size: [Int], stride: [Int] = []) {
    self.start = start
    self.size = size
    self.stride = stride
  }

  /// The step along `axis`.
  public func step(_ axis: Int) -> Int { stride.isEmpty ? 1 : stride[axis] }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard start.count == x.rank, size.count == x.rank, stride.isEmpty || stride.count == x.rank
    else { throw OperationError("'slice' needs one start, size and stride per axis of \(x)") }
    for axis in 0..<x.rank where size[axis] > 0 && x.shape[axis] != Shape.unknown {
      let (reach, overflow) = (size[axis] - 1).multipliedReportingOverflow(by: step(axis))
      let last = start[axis] &+ reach
      guard !overflow, step(axis) != 0, (0..<x.shape[axis]).contains(start[axis]),
        (0..<x.shape[axis]).contains(last)
      else { throw OperationError("'slice' leaves axis \(axis) of \(x)") }
    }
    guard size.allSatisfy({ $0 >= 0 }) else { throw OperationError("'slice' has a negative size") }
    if let axis = x.quantization?.axis, size[axis] != x.shape[axis] || step(axis) != 1 {
      throw OperationError("'slice' cannot cut the quantised axis")
    }
    return [x.with(shape: Shape(size))]
  }

  public func move(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes([x.type]))[0]
    let strides = x.shape.strides
    let first = zip(start, strides).reduce(0) { $0 + $1.0 * $1.1 }
    return [
      gatherStrided(
        x, start: first, strides: strides.indices.map { strides[$0] * step($0) }, into: type)
    ]
  }
}
