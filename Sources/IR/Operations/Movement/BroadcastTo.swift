/// The operand repeated along axes of extent 1, and along new axes in front.
public struct BroadcastTo: ElementMoving {
  public static let mnemonic = "broadcast_to"
  public static let summary = "y[i…] = x[i…], index 0 where x has extent 1"
  public static let arity = Arity(1)
  public static let fields: [Field<BroadcastTo>] = [
    .init("shape", \.shape, "the extents of the result")
  ]
  public var shape: [Int] = []

  public init() {}
  public init(_ shape: [Int]) { self.shape = shape }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard shape.allSatisfy({ $0 >= 0 }), Shape.broadcast([x.shape, Shape(shape)]) == Shape(shape)
    else { throw OperationError("'broadcast_to' cannot make \(shape) of \(x)") }
    guard x.quantization?.axis == nil else {
      throw OperationError("'broadcast_to' needs one scale for its whole operand")
    }
    return [x.with(shape: Shape(shape))]
  }

  public func move(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes([x.type]))[0]
    let walk = BroadcastWalk([x.shape], to: type.shape)
    return [gatherStrided(x, start: 0, strides: walk.strides[0], into: type)]
  }
}
