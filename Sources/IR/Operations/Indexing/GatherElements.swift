/// Elements picked along one axis by an index tensor of the same rank.
public struct GatherElements: ElementMoving {
  public static let mnemonic = "gather_elements"
  public static let summary = "y[…, i, …] = x[…, indices[…, i, …], …]"
  public static let arity = Arity(2)
  public static let fields: [Field<GatherElements>] = [
    .init("axis", \.axis, "the axis that is indexed; negative ones count from the end")
  ]
  public var axis: Int = 0

  public init() {}
  public init(axis: Int) { self.axis = axis }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, indices) = (operands[0], operands[1])
    let axis = try normalizedAxis(axis, rank: x.rank, "gather_elements")
    guard indices.element.isInteger, !indices.isQuantized, indices.rank == x.rank,
      x.quantization?.axis == nil
    else { throw OperationError("'gather_elements' cannot index \(x) by \(indices)") }
    for other in 0..<x.rank where other != axis {
      let (have, want) = (x.shape[other], indices.shape[other])
      guard want <= have || have == Shape.unknown else {
        throw OperationError("'gather_elements' cannot index \(x) by \(indices)")
      }
    }
    return [x.with(shape: indices.shape)]
  }

  public func move(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes(operands.map(\.type)))[0]
    let axis = try normalizedAxis(axis, rank: x.rank, "gather_elements")
    let offsets = try elementOffsets(operands[1], in: x.shape, axis: axis, "gather_elements")
    return [pickElements(x, offsets, into: type)]
  }
}
