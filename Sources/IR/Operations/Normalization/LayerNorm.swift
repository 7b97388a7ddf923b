/// Normalisation over the axes from `axis` on (arXiv 1607.06450): operands x, scale and perhaps
/// bias, which broadcast over x.
public struct LayerNorm: Operation {
  public static let mnemonic = "layer_norm"
  public static let summary = "y = scale · (x − mean) / √(variance + ε) + bias over the last axes"
  public static let arity = Arity(2...3)
  public static let fields: [Field<LayerNorm>] = [
    .init("axis", \.axis, "the first axis that is normalised; negative ones count from the end"),
    .init("epsilon", \.epsilon, "added to the variance"),
  ]
  public var axis: Int = -1
  public var epsilon: Float = 1e-5

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    _ = try normalizedAxis(axis, rank: x.rank, "layer_norm")
    guard x.element.isFloat else { throw OperationError("'layer_norm' needs floats, not \(x)") }
    for type in operands.types.dropFirst() {
      guard type.element.isFloat, Shape.broadcast([x.shape, type.shape]) == x.shape else {
        throw OperationError("'layer_norm' cannot broadcast \(type) over \(x)")
      }
    }
    return [x]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let first = try normalizedAxis(axis, rank: x.rank, "layer_norm")
    let length = x.shape.dimensions[first...].reduce(1, *)
    var values = x.doubles()
    for start in stride(from: 0, to: values.count, by: max(length, 1)) {
      let row = values[start..<(start + length)]
      let mean: Double = row.reduce(0, +) / Double(length)
      let variance: Double = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)
      let factor: Double = 1 / (variance + Double(epsilon)).squareRoot()
      for index in start..<(start + length) { values[index] = (values[index] - mean) * factor }
    }
    let type = TensorType(.f64, x.shape)
    let normal = Tensor(x.shape, values)
    let scaled = mapElements(normal, Tensor(operands[1].shape, operands[1].doubles()), type) {
      (value: Double, scale: Double) in value * scale
    }
    guard operands.count > 2 else { return [scaled.converted(to: x.element)] }
    let shifted = mapElements(scaled, Tensor(operands[2].shape, operands[2].doubles()), type) {
      (value: Double, bias: Double) in value + bias
    }
    return [shifted.converted(to: x.element)]
  }
}
