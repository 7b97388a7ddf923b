/// The angle of the point (b, a), with broadcasting.
public struct ArcTangent2: Operation {
  public static let mnemonic = "atan2"
  public static let summary = "y = atan2(a, b)"
  public static let arity = Arity(2)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (a, b) = (operands[0], operands[1])
    guard a.element == b.element, a.element.isFloat,
      let shape = Shape.broadcast([a.shape, b.shape])
    else { throw OperationError("'atan2' needs floats that broadcast, not \(a) and \(b)") }
    return [TensorType(a.element, shape)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let type = try infer(OperandTypes(operands.map(\.type)))[0]
    if type.element == .f64 {
      return [
        mapElements(operands[0], operands[1], type) { (a: Double, b: Double) in
          Double.arcTangent(a, b)
        }
      ]
    }
    let real = mapElements(
      operands[0].converted(to: .f32), operands[1].converted(to: .f32),
      TensorType(.f32, type.shape)
    ) { (a: Float, b: Float) in Float.arcTangent(a, b) }
    return [real.converted(to: type.element)]
  }
}
