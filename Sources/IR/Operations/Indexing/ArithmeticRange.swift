/// Numbers in equal steps: operands start, limit (left out) and step, single values of one type.
public struct ArithmeticRange: Operation {
  public static let mnemonic = "range"
  public static let summary = "y[k] = start + k · step, as long as it does not reach the limit"
  public static let arity = Arity(3)
  /// The largest number of elements.
  private static let limit: Double = 2_147_483_648

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let element = operands[0].element
    guard element.isFloat || element.isInteger,
      operands.types.allSatisfy({
        $0.element == element && !$0.isQuantized && $0.shape.checkedCount ?? 1 == 1
      })
    else { throw OperationError("'range' needs three numbers of one type") }
    let known = operands.constants.compactMap { $0 }
    let count = known.count == 3 ? try count(known) : Shape.unknown
    return [TensorType(element, [count])]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let count = try count(operands)
    let element = operands[0].element
    if element.isFloat {
      let (start, step) = (operands[0].doubles()[0], operands[2].doubles()[0])
      let values = (0..<count).map { start + Double($0) * step }
      return [Tensor.from(doubles: values, element, [count])]
    }
    let (start, step) = (operands[0].integers()[0], operands[2].integers()[0])
    return [Tensor.from(integers: (0..<count).map { start &+ $0 &* step }, element, [count])]
  }

  private func count(_ operands: [Tensor]) throws -> Int {
    let values = operands.compactMap { $0.doubles().first }
    guard values.count == 3, values[2] != 0 else {
      throw OperationError("'range' needs a start, a limit and a step that is not 0")
    }
    let steps = ((values[1] - values[0]) / values[2]).rounded(.up)
    guard steps.isFinite, steps <= ArithmeticRange.limit else {
      throw OperationError("'range' from \(values[0]) to \(values[1]) has too many elements")
    }
    return Int(max(steps, 0))
  }
}
