/// Slices of the first operand along one axis, chosen by an integer operand of any shape.
public struct Gather: ElementMoving {
  public static let mnemonic = "gather"
  public static let summary = "y[a…, i…, b…] = x[a…, indices[i…], b…]"
  public static let arity = Arity(2)
  public static let fields: [Field<Gather>] = [
    .init("axis", \.axis, "the axis that is indexed; negative ones count from the end")
  ]
  public var axis: Int = 0

  public init() {}
  public init(axis: Int) { self.axis = axis }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, indices) = (operands[0], operands[1])
    let axis = try normalizedAxis(axis, rank: x.rank, "gather")
    guard indices.element.isInteger, !indices.isQuantized else {
      throw OperationError("'gather' needs integer indices, not \(indices)")
    }
    guard x.quantization?.axis == nil else {
      throw OperationError("'gather' needs one scale for its whole operand")
    }
    let shape = x.shape.dimensions[..<axis] + indices.shape.dimensions
      + x.shape.dimensions[(axis + 1)...]
    return [x.with(shape: Shape(Array(shape)))]
  }

  public func move(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes(operands.map(\.type)))[0]
    let axis = axis < 0 ? axis + x.rank : axis
    let extent = x.shape[axis]
    let indices = try operands[1].integers().map { index -> Int in
      guard (-extent..<extent).contains(index) else {
        throw OperationError("'gather' has no index \(index) in an axis of \(extent)")
      }
      return index < 0 ? index + extent : index
    }
    let outer = x.shape.dimensions[..<axis].reduce(1, *)
    let inner = x.shape.dimensions[(axis + 1)...].reduce(1, *)
    let length = inner * x.element.storageSize
    let storage = Storage(byteCount: type.byteCount) { out in
      guard let target = out.baseAddress, let source = x.storage.unalignedBytes.baseAddress else { return }
      var next = 0
      for row in 0..<outer {
        for index in indices {
          (target + next).copyMemory(
            from: source + (row * extent + index) * length, byteCount: length)
          next += length
        }
      }
    }
    return [Tensor(type, storage: storage)]
  }
}
