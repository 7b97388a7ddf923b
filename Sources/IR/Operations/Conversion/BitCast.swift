/// The same bits read as another element type of the same width.
public struct BitCast: Operation {
  public static let mnemonic = "bitcast"
  public static let summary = "y has the bits of x"
  public static let arity = Arity(1)
  public static let fields: [Field<BitCast>] = [
    .init("to", \.element, "the result's element type")
  ]
  public var element: ElementType = .i32

  public init() {}
  public init(to element: ElementType) { self.element = element }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard x.element.bitWidth == element.bitWidth, x.element != .string, !x.isQuantized else {
      throw OperationError("'bitcast' cannot read \(x) as \(element)")
    }
    return [x.with(element: element)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    // Truth values are kept as 0 and 1.
    if element == .bool {
      let bytes = x.reinterpreted(as: TensorType(.u8, x.shape)).integers()
      return [Tensor.from(integers: bytes.map { $0 == 0 ? 0 : 1 }, .bool, x.shape)]
    }
    // Narrow integers are kept sign-extended, so those go by value.
    if element.bitWidth < 8 && x.element != .f4e2m1 && element != .f4e2m1 {
      return [Tensor.from(integers: x.integers(), element, x.shape)]
    }
    return [x.reinterpreted(as: TensorType(element, x.shape))]
  }
}
