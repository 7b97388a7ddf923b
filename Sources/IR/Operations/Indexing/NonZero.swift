/// The indices of all elements that are not zero, in row-major order: one row per element with one
/// column per axis, as `i64`. How many there are, only values show.
public struct NonZero: Operation {
  public static let mnemonic = "nonzero"
  public static let summary = "y[k] = the index of the k-th element that is not zero"
  public static let arity = Arity(1)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard x.element != .string, !x.isQuantized else {
      throw OperationError("'nonzero' needs plain numbers or truth values, not \(x)")
    }
    return [TensorType(.i64, [Shape.unknown, x.rank])]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let isSet = x.element.isFloat ? x.doubles().map { $0 != 0 } : x.integers().map { $0 != 0 }
    let strides = x.shape.strides
    let offsets = isSet.indices.filter { isSet[$0] }
    let indices = offsets.flatMap { offset in
      (0..<x.rank).map { offset / strides[$0] % x.shape[$0] }
    }
    return [Tensor.from(integers: indices, .i64, [offsets.count, x.rank])]
  }
}
