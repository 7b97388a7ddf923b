/// The remainder with broadcasting: of floored division (the divisor's sign), or with `truncated` of
/// truncated division (the dividend's sign, C's `fmod`). Integers give 0 where the divisor is 0.
public struct Modulo: BinaryElementwise, Operation {
  public static let mnemonic = "mod"
  public static let summary = "y = a − b · ⌊a / b⌋, or with truncated division"
  public static let fields: [Field<Modulo>] = [
    .init("truncated", \.truncated, "whether the quotient is rounded towards zero")
  ]
  public var truncated: Bool = false

  public init() {}

  static func apply<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T {
    let remainder = a.truncatingRemainder(dividingBy: b)
    return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
  }

  static func apply<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
    let remainder = truncatedRemainder(a, b)
    return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
  }

  private static func truncatedRemainder<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
    b == 0 ? 0 : a.remainderReportingOverflow(dividingBy: b).partialValue
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let (a, b) = (operands[0], operands[1])
    guard let shape = Shape.broadcast([a.shape, b.shape]) else {
      throw OperationError("'mod' cannot broadcast \(a.type) with \(b.type)")
    }
    let type = TensorType(a.element, shape, context.quantization())
    if type.isQuantized { return [evaluateQuantized(a, b, type)] }
    return [truncated ? evaluateTruncated(a, b, type) : evaluatePlain(a, b, type)]
  }

  private func evaluateTruncated(_ a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    switch type.element {
    case .f32:
      return mapElements(a, b, type) { (x: Float, y: Float) in x.truncatingRemainder(dividingBy: y) }
    case .f64:
      return mapElements(a, b, type) { (x: Double, y: Double) in
        x.truncatingRemainder(dividingBy: y)
      }
    case .u64:
      return mapElements(a, b, type) { (x: UInt64, y: UInt64) in Modulo.truncatedRemainder(x, y) }
    case .i64:
      return mapElements(a, b, type) { (x: Int64, y: Int64) in Modulo.truncatedRemainder(x, y) }
    default:
      let wide: ElementType = type.element.isFloat ? .f32 : .i64
      let result = evaluateTruncated(
        a.converted(to: wide), b.converted(to: wide), TensorType(wide, type.shape))
      return result.converted(to: type.element)
    }
  }
}
