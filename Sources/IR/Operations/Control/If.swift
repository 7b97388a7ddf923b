/// Runs its first region where the operand is true, else the second; both yield the results.
public struct If: Operation {
  public static let mnemonic = "if"
  public static let summary = "the first region's results where the condition holds, else the second's"
  public static let arity = Arity(1...1, results: 0...Int.max, regions: 2)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    guard operands[0].element == .bool, operands[0].shape.checkedCount == 1 else {
      throw OperationError("'if' needs one bool, not \(operands[0])")
    }
    let (yes, no) = (operands.regionResults[0], operands.regionResults[1])
    guard yes.count == no.count else {
      throw OperationError("'if' yields \(yes.count) values in one region, \(no.count) in the other")
    }
    return try zip(yes, no).map { first, second in
      guard first.element == second.element, first.quantization == second.quantization,
        first.rank == second.rank
      else { throw OperationError("'if' yields \(first) in one region, \(second) in the other") }
      let extents = zip(first.shape.dimensions, second.shape.dimensions)
        .map { $0 == $1 ? $0 : Shape.unknown }
      return first.with(shape: Shape(extents))
    }
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    try context.runRegion(operands[0].integers()[0] != 0 ? 0 : 1, [])
  }
}
