/// `y = f(a, b)` on the bits of integers or on truth values, with ONNX's multidirectional
/// broadcasting.
protocol BinaryBitwise: Operation {
  /// On 64-bit values with the operands' low bits; the result keeps as many bits.
  static func apply(_ a: Int64, _ b: Int64, width: Int, isSigned: Bool) -> Int64
  static var takesBools: Bool { get }
}

extension BinaryBitwise {
  public static var arity: Arity { Arity(2) }
  static var takesBools: Bool { true }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (a, b) = (operands[0], operands[1])
    guard a.element == b.element, !a.isQuantized, !b.isQuantized,
      a.element.isInteger || (a.element == .bool && Self.takesBools)
    else {
      throw OperationError("'\(Self.mnemonic)' needs integers of one type, not \(a) and \(b)")
    }
    guard let shape = Shape.broadcast([a.shape, b.shape]) else {
      throw OperationError("'\(Self.mnemonic)' cannot broadcast \(a) with \(b)")
    }
    return [TensorType(a.element, shape)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let (a, b) = (operands[0], operands[1])
    let type = try infer(OperandTypes([a.type, b.type]))[0]
    let (width, isSigned) = (type.element.bitWidth, type.element.isSignedInteger)
    let wide = mapElements(
      a.converted(to: .i64), b.converted(to: .i64), TensorType(.i64, type.shape)
    ) { (x: Int64, y: Int64) in Self.apply(x, y, width: width, isSigned: isSigned) }
    return [wide.converted(to: type.element)]
  }
}
