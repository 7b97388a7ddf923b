/// What the operations that draw random numbers share: a seed, and a shape that is given or taken
/// from an operand.
///
/// Equal seeds give equal numbers in every run. They count as impure, so that nothing folds them
/// into constants or merges two of them.
protocol RandomTensor: Operation {
  var shape: [Int] { get }
  var element: ElementType { get }
  func draw(_ index: Int) -> Double
}

extension RandomTensor {
  public static var arity: Arity { Arity(0...1) }
  public var isPure: Bool { false }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    guard element.isFloat else {
      throw OperationError("'\(Self.mnemonic)' gives floats, not \(element)")
    }
    if operands.count == 1 { return [TensorType(element, operands[0].shape)] }
    guard shape.allSatisfy({ $0 >= 0 }), let count = Shape(shape).checkedCount, count <= 1 << 28
    else { throw OperationError("'\(Self.mnemonic)' cannot fill the shape \(shape)") }
    return [TensorType(element, Shape(shape))]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let type = try infer(OperandTypes(operands.map(\.type)))[0]
    return [Tensor.from(doubles: (0..<type.shape.count).map { draw($0) }, element, type.shape)]
  }
}
