/// Operands side by side along one axis. Quantised operands and the result share one quantisation.
public struct Concat: ElementMoving {
  public static let mnemonic = "concat"
  public static let summary = "the operands side by side along one axis"
  public static let arity = Arity.variadic(from: 1)
  public static let fields: [Field<Concat>] = [
    .init("axis", \.axis, "the axis that grows; negative ones count from the end")
  ]
  public var axis: Int = 0

  public init() {}
  public init(axis: Int) { self.axis = axis }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let first = operands[0]
    let axis = try normalizedAxis(axis, rank: first.rank, "concat")
    var shape = first.shape
    for type in operands.types.dropFirst() {
      guard type.element == first.element, type.quantization == first.quantization,
        type.rank == first.rank
      else { throw OperationError("'concat' cannot join \(first) and \(type)") }
      for other in 0..<type.rank where other != axis {
        if shape[other] == Shape.unknown { shape[other] = type.shape[other] }
        guard type.shape[other] == shape[other] || type.shape[other] == Shape.unknown else {
          throw OperationError("'concat' cannot join \(first) and \(type) along axis \(axis)")
        }
      }
      let unknown = shape[axis] == Shape.unknown || type.shape[axis] == Shape.unknown
      shape[axis] = unknown ? Shape.unknown : shape[axis] + type.shape[axis]
    }
    return [first.with(shape: shape)]
  }

  public func move(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let type = try infer(OperandTypes(operands.map(\.type)))[0]
    let axis = axis < 0 ? axis + type.rank : axis
    let outer = type.shape.dimensions[..<axis].reduce(1, *)
    let inner = type.shape.dimensions[(axis + 1)...].reduce(1, *)
    let size = type.element.storageSize
    let storage = Storage(byteCount: type.byteCount) { out in
      var target = 0
      for row in 0..<outer {
        for operand in operands {
          let length = operand.shape[axis] * inner * size
          guard length > 0, let source = operand.storage.unalignedBytes.baseAddress else { continue }
          out.baseAddress?.advanced(by: target)
            .copyMemory(from: source + row * length, byteCount: length)
          target += length
        }
      }
    }
    return [Tensor(type, storage: storage)]
  }
}
