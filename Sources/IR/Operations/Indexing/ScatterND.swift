/// The first operand with slices replaced: operands x, indices, updates; the last axis of the
/// indices addresses x's leading axes.
public struct ScatterND: ElementMoving {
  public static let mnemonic = "scatter_nd"
  public static let summary = "y = x, then y[indices[i…, 0], indices[i…, 1], …] = updates[i…]"
  public static let arity = Arity(3)
  public static let fields: [Field<ScatterND>] = [
    .init("mode", \.mode, "how an update meets the old element")
  ]
  public var mode: ScatterMode = .replace

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, indices, updates) = (operands[0], operands[1], operands[2])
    guard indices.element.isInteger, !indices.isQuantized, indices.rank >= 1,
      let length = indices.shape.dimensions.last, (0...x.rank).contains(length),
      updates.element == x.element, updates.quantization == x.quantization,
      (x.quantization == nil && x.element != .string) || mode == .replace,
      updates.shape.isCompatible(
        with: Shape(indices.shape.dimensions.dropLast() + x.shape.dimensions.dropFirst(length)))
    else { throw OperationError("'scatter_nd' cannot write \(updates) to \(x) by \(indices)") }
    return [x]
  }

  public func move(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let (x, indices) = (operands[0], operands[1])
    _ = try infer(OperandTypes(operands.map(\.type)))
    let bases = try vectorOffsets(indices, in: x.shape, batch: 0, "scatter_nd")
    let inner = innerCount(x.shape, indices.shape, batch: 0)
    let offsets = bases.flatMap { base in base..<(base + inner) }
    return [scatterElements(x, offsets, operands[2], mode)]
  }
}
