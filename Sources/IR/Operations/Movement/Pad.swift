/// The operand with elements added around it.
///
/// `constant` pads with `value` in real numbers (a quantised operand's nearest stored integer; the
/// empty string among strings),
/// `reflect` mirrors without the edge, `symmetric` with it, `edge` repeats it, `wrap` goes around.
public struct Pad: ElementMoving {
  public enum Mode: String, Sendable, CaseIterable, AttributeConvertible {
    case constant, reflect, symmetric, edge, wrap
  }

  public static let mnemonic = "pad"
  public static let summary = "the operand with elements added around it"
  public static let arity = Arity(1)
  public static let fields: [Field<Pad>] = [
    .init("before", \.before, "elements added in front of each axis; negative ones crop"),
    .init("after", \.after, "elements added behind each axis; negative ones crop"),
    .init("mode", \.mode, "where added elements come from"),
    .init("value", \.value, "the constant, in real numbers"),
  ]
  public var before: [Int] = []
  public var after: [Int] = []
  public var mode: Mode = .constant
  public var value: Float = 0

  public init() {}
  public init(before: [Int], after: [Int], value: Float = 0) {
    self.before = before
    self.after = after
    self.value = value
  }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard before.count == x.rank, after.count == x.rank else {
      throw OperationError("'pad' needs one entry per axis of \(x)")
    }
    guard x.element != .string || value == 0 else {
      throw OperationError("'pad' pads strings with empty ones only")
    }
    let shape = try (0..<x.rank).map { axis -> Int in
      guard x.shape[axis] != Shape.unknown else { return Shape.unknown }
      let extent = x.shape[axis] + before[axis] + after[axis]
      guard extent >= 0 else { throw OperationError("'pad' crops more than axis \(axis) has") }
      let limit = mode == .reflect ? x.shape[axis] - 1 : x.shape[axis]
      let grown = max(before[axis], after[axis])
      if grown > 0, mode == .constant ? false : mode == .edge || mode == .wrap ? limit == 0 : grown > limit {
        throw OperationError("'pad' cannot mirror axis \(axis) of \(x) by \(grown)")
      }
      return extent
    }
    return [x.with(shape: Shape(shape))]
  }

  public func move(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes([x.type]))[0]
    // One table per axis: the source index of each result index, −1 for the constant.
    let tables = (0..<x.rank).map { axis in
      (0..<type.shape[axis]).map { source($0 - before[axis], x.shape[axis]) }
    }
    let filler = Tensor(scalar: value)
    let fill = x.type.quantization.map {
      filler.quantized(as: TensorType(x.element, .scalar, Quantization(scale: $0.scale, zeroPoint: $0.zeroPoint)), .away)
    } ?? filler.converted(to: x.element)
    switch x.element.storageSize {
    case 1: return [pad(x, fill, tables, type, UInt8.self)]
    case 2: return [pad(x, fill, tables, type, UInt16.self)]
    case 4: return [pad(x, fill, tables, type, UInt32.self)]
    default: return [pad(x, fill, tables, type, UInt64.self)]
    }
  }

  private func source(_ index: Int, _ extent: Int) -> Int {
    if (0..<extent).contains(index) { return index }
    switch mode {
    case .constant: return -1
    case .edge: return min(max(index, 0), extent - 1)
    case .wrap: return ((index % extent) + extent) % extent
    case .reflect: return index < 0 ? -index : 2 * (extent - 1) - index
    case .symmetric: return index < 0 ? -index - 1 : 2 * extent - 1 - index
    }
  }

  private func pad<T: BitwiseCopyable>(
    _ x: Tensor, _ fill: Tensor, _ tables: [[Int]], _ type: TensorType, _: T.Type
  ) -> Tensor {
    let strides = x.shape.strides
    return Tensor.make(type) { (out: UnsafeMutableBufferPointer<T>) in
      x.withElements { (source: UnsafeBufferPointer<T>) in
        fill.withElements { (constant: UnsafeBufferPointer<T>) in
          var next = 0
          func visit(_ axis: Int, _ offset: Int) {
            if axis == tables.count {
              out[next] = offset < 0 ? constant[0] : source[offset]
              next += 1
              return
            }
            for index in tables[axis] {
              visit(axis + 1, offset < 0 || index < 0 ? -1 : offset + index * strides[axis])
            }
          }
          visit(0, 0)
        }
      }
    }
  }
}
