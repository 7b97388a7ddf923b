/// Slices picked by index vectors: the last axis of the indices addresses the operand's axes behind
/// the first `batch_dimensions`, which both share.
public struct GatherND: ElementMoving {
  public static let mnemonic = "gather_nd"
  public static let summary = "y[b…, i…] = x[b…, indices[b…, i…, 0], indices[b…, i…, 1], …]"
  public static let arity = Arity(2)
  public static let fields: [Field<GatherND>] = [
    .init("batch_dimensions", \.batchDimensions, "leading axes that both operands share")
  ]
  public var batchDimensions: Int = 0

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, indices) = (operands[0], operands[1])
    guard indices.element.isInteger, !indices.isQuantized, indices.rank >= 1,
      x.quantization?.axis == nil, let length = indices.shape.dimensions.last,
      length != Shape.unknown, batchDimensions >= 0, batchDimensions < indices.rank,
      batchDimensions + length <= x.rank,
      x.shape.dimensions.prefix(batchDimensions) == indices.shape.dimensions.prefix(batchDimensions)
    else { throw OperationError("'gather_nd' cannot index \(x) by \(indices)") }
    let rest = x.shape.dimensions.dropFirst(batchDimensions + length)
    return [x.with(shape: Shape(indices.shape.dimensions.dropLast() + rest))]
  }

  public func move(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let (x, indices) = (operands[0], operands[1])
    let type = try infer(OperandTypes(operands.map(\.type)))[0]
    let bases = try vectorOffsets(indices, in: x.shape, batch: batchDimensions, "gather_nd")
    let inner = innerCount(x.shape, indices.shape, batch: batchDimensions)
    let offsets = bases.flatMap { base in base..<(base + inner) }
    return [pickElements(x, offsets, into: type)]
  }
}

/// The elements behind one index vector.
func innerCount(_ shape: Shape, _ indices: Shape, batch: Int) -> Int {
  shape.dimensions.dropFirst(batch + (indices.dimensions.last ?? 0)).reduce(1, *)
}

/// For every index vector the offset of its slice in a tensor of `shape`.
func vectorOffsets(
  _ indices: Tensor, in shape: Shape, batch: Int, _ mnemonic: String
) throws -> [Int] {
  let length = indices.shape.dimensions.last ?? 0
  let strides = shape.strides
  let batches = shape.dimensions.prefix(batch).reduce(1, *)
  let batchSize = shape.dimensions.dropFirst(batch).reduce(1, *)
  let vectors = indices.shape.dimensions.dropLast().reduce(1, *)
  let perBatch = batches == 0 ? 0 : vectors / batches
  let wanted = indices.integers()
  return try (0..<vectors).map { vector in
    var offset = vector / max(perBatch, 1) * batchSize
    for place in 0..<length {
      let index = try wrapped(wanted[vector * length + place], shape[batch + place], mnemonic)
      offset += index * strides[batch + place]
    }
    return offset
  }
}
