/// The second operand's element where the first is true, else the third's, all three broadcast.
public struct Select: ElementMoving {
  public static let mnemonic = "select"
  public static let summary = "y = condition ? a : b"
  public static let arity = Arity(3)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (condition, a, b) = (operands[0], operands[1], operands[2])
    guard condition.element == .bool, a.element == b.element, a.quantization == b.quantization,
      a.quantization?.axis == nil
    else { throw OperationError("'select' cannot choose by \(condition) between \(a) and \(b)") }
    guard let shape = Shape.broadcast([condition.shape, a.shape, b.shape]) else {
      throw OperationError("'select' cannot broadcast \(condition), \(a) and \(b)")
    }
    return [a.with(shape: shape)]
  }

  public func move(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let type = try infer(OperandTypes(operands.map(\.type)))[0]
    switch type.element.storageSize {
    case 1: return [select(operands, type, UInt8.self)]
    case 2: return [select(operands, type, UInt16.self)]
    case 4: return [select(operands, type, UInt32.self)]
    default: return [select(operands, type, UInt64.self)]
    }
  }

  private func select<T: BitwiseCopyable>(
    _ operands: [Tensor], _ type: TensorType, _: T.Type
  ) -> Tensor {
    Tensor.make(type) { (out: UnsafeMutableBufferPointer<T>) in
      operands[1].withElements { (a: UnsafeBufferPointer<T>) in
        operands[2].withElements { (b: UnsafeBufferPointer<T>) in
          forEachChoice(operands, type.shape) { index, isFirst, i, j in
            out[index] = isFirst ? a[i] : b[j]
          }
        }
      }
    }
  }

  private func forEachChoice(
    _ operands: [Tensor], _ shape: Shape,
    _ body: (_ index: Int, _ isFirst: Bool, _ i: Int, _ j: Int) -> Void
  ) {
    let walk = BroadcastWalk(operands.map(\.shape), to: shape)
    let steps = walk.runStrides
    let length = shape.rank == 0 ? 1 : shape[shape.rank - 1]
    operands[0].withElements { (condition: UnsafeBufferPointer<UInt8>) in
      walk.forEachRun { start, offsets in
        for k in 0..<length {
          body(
            start + k, condition[offsets[0] + k * steps[0]] != 0, offsets[1] + k * steps[1],
            offsets[2] + k * steps[2])
        }
      }
    }
  }
}
