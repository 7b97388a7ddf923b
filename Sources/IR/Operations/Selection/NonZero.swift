/// The places of all elements that are not zero, in row-major order, one column each.
public struct NonZero: Operation {
  public static let mnemonic = "non_zero"
  public static let summary = "y[:, k] = the index of the k-th element that is not 0"
  public static let arity = Arity(1)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard x.element != .string, !x.isQuantized else {
      throw OperationError("'non_zero' needs plain numbers, not \(x)")
    }
    return [TensorType(.i64, [x.rank, Shape.unknown])]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let places: [Int]
    if x.element.isFloat {
      let values = x.doubles()
      places = values.indices.filter { values[$0] != 0 }
    } else {
      let values = x.integers()
      places = values.indices.filter { values[$0] != 0 }
    }
    let columns = zip(x.shape.dimensions, x.shape.strides).flatMap { extent, stride in
      places.map { $0 / stride % extent }
    }
    return [Tensor.from(integers: columns, .i64, [x.rank, places.count])]
  }
}
