/// The first operand with elements replaced along one axis: operands x, indices, updates, the latter
/// two of one shape.
public struct ScatterElements: ElementMoving {
  public static let mnemonic = "scatter_elements"
  public static let summary = "y = x, then y[…, indices[…, i, …], …] = updates[…, i, …]"
  public static let arity = Arity(3)
  public static let fields: [Field<ScatterElements>] = [
    .init("axis", \.axis, "the axis that is indexed; negative ones count from the end"),
    .init("mode", \.mode, "how an update meets the old element"),
  ]
  public var axis: Int = 0
  public var mode: ScatterMode = .replace

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, indices, updates) = (operands[0], operands[1], operands[2])
    let axis = try normalizedAxis(axis, rank: x.rank, "scatter_elements")
    let fits = indices.rank == x.rank && (0..<x.rank).allSatisfy {
      $0 == axis || x.shape[$0] == Shape.unknown || indices.shape[$0] <= x.shape[$0]
    }
    guard indices.element.isInteger, !indices.isQuantized, fits, updates.element == x.element,
      updates.shape.isCompatible(with: indices.shape), updates.quantization == x.quantization,
      (x.quantization == nil && x.element != .string) || mode == .replace
    else { throw OperationError("'scatter_elements' cannot write \(updates) to \(x) by \(indices)") }
    return [x]
  }

  public func move(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    _ = try infer(OperandTypes(operands.map(\.type)))
    let axis = try normalizedAxis(axis, rank: x.rank, "scatter_elements")
    let offsets = try elementOffsets(operands[1], in: x.shape, axis: axis, "scatter_elements")
    return [scatterElements(x, offsets, operands[2], mode)]
  }
}
