/// Scaled dot-product attention (arXiv 1706.03762): queries `[…, m, d]`, keys `[…, n, d]`, values
/// `[…, n, e]`, and perhaps a mask that is added to the scores `[…, m, n]`. Leading axes broadcast.
public struct Attention: Operation {
  public static let mnemonic = "attention"
  public static let summary = "y = softmax(scale · q · kᵀ + mask) · v"
  public static let arity = Arity(3...4)
  public static let fields: [Field<Attention>] = [
    .init("scale", \.scale, "the factor of the scores")
  ]
  public var scale: Float = 1

  public init() {}
  public init(scale: Float) { self.scale = scale }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    for type in operands.types where !type.element.isFloat || type.isQuantized {
      throw OperationError("'attention' needs floats, not \(type)")
    }
    let (q, k, v) = (operands[0], operands[1], operands[2])
    guard q.rank >= 2, k.rank >= 2, v.rank >= 2 else {
      throw OperationError("'attention' needs matrices, not \(q), \(k), \(v)")
    }
    let scores = try MatMul().infer(OperandTypes([q, try keyTranspose(k).infer(.init([k]))[0]]))[0]
    if operands.count > 3 {
      let mask = operands[3]
      guard mask.element == q.element,
        Shape.broadcast([scores.shape, mask.shape]) == scores.shape
      else { throw OperationError("'attention' cannot add a mask \(mask) to scores \(scores)") }
    }
    return try MatMul().infer(OperandTypes([scores, v]))
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let keys = try keyTranspose(operands[1].type).applied(to: operands[1])
    let scores = try MatMul().evaluate([operands[0], keys], context)[0]
    let plain = EvaluationContext(resultTypes: [scores.type])
    let factor = Tensor.from(doubles: [Double(scale)], scores.element, [])
    var weights = try Multiply().evaluate([scores, factor], plain)[0]
    if operands.count > 3 { weights = try Add().evaluate([weights, operands[3]], plain)[0] }
    weights = try Softmax().evaluate([weights], plain)[0]
    return try MatMul().evaluate([weights, operands[2]], context)
  }

  /// The transpose that turns keys for the product with queries.
  public func keyTranspose(_ keys: TensorType) -> Transpose {
    Transpose(Array(0..<(keys.rank - 2)) + [keys.rank - 1, keys.rank - 2])
  }

  public func macs(operands: [TensorType], results: [TensorType]) -> Int {
    let shapes = operands.map(\.shape)
    guard shapes.allSatisfy({ $0.isStatic }), let result = results.first else { return 0 }
    let (depth, length) = (shapes[0][shapes[0].rank - 1], shapes[1][shapes[1].rank - 2])
    let columns = max(result.shape[result.rank - 1], 1)
    return result.shape.count / columns * length * (depth + columns)
  }
}
