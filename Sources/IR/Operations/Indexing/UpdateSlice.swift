/// A tensor with a box of it overwritten: `start`, a list of integers, is where the box begins,
/// moved so that the box lies inside. Source: StableHLO, `dynamic_update_slice`.
public struct UpdateSlice: Operation {
  public static let mnemonic = "update_slice"
  public static let summary = "x with the box at start replaced by the update"
  public static let arity = Arity(3)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, update, start) = (operands[0], operands[1], operands[2])
    guard x.element == update.element, x.quantization == update.quantization,
      x.rank == update.rank, x.element != .string
    else { throw OperationError("'update_slice' cannot write \(update) into \(x)") }
    guard [.i32, .i64].contains(start.element), start.rank == 1,
      start.shape.isCompatible(with: [x.rank])
    else { throw OperationError("'update_slice' needs a start for each axis, not \(start)") }
    for (extent, part) in zip(x.shape.dimensions, update.shape.dimensions)
    where extent != Shape.unknown && part != Shape.unknown && part > extent {
      throw OperationError("'update_slice' cannot write \(update) into \(x)")
    }
    return [x]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let (x, update) = (operands[0], operands[1])
    guard zip(x.shape.dimensions, update.shape.dimensions).allSatisfy({ $0 >= $1 }) else {
      throw OperationError("'update_slice' cannot write \(update.type) into \(x.type)")
    }
    let asked = operands[2].integers()
    let start = (0..<x.rank).map { axis in
      min(max(asked[axis], 0), x.shape[axis] - update.shape[axis])
    }
    let (size, strides) = (x.element.storageSize, x.shape.strides)
    let origin = zip(start, strides).map { $0 * $1 }.reduce(0, +)
    let storage = Storage(byteCount: x.type.byteCount) { out in
      out.copyMemory(from: x.storage.bytes)
      var next = 0
      forEachOffset(update.shape, strides, origin) { offset in
        let source = UnsafeRawBufferPointer(
          rebasing: update.storage.bytes[next..<(next + size)])
        UnsafeMutableRawBufferPointer(rebasing: out[(offset * size)..<((offset + 1) * size)])
          .copyMemory(from: source)
        next += size
      }
    }
    return [Tensor(x.type, storage: storage)]
  }
}
