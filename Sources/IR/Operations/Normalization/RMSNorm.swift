/// Normalisation by the root of the mean square over the axes from `axis` on (arXiv 1910.07467):
/// operands x and scale, which broadcasts over x.
public struct RMSNorm: Operation {
  public static let mnemonic = "rms_norm"
  public static let summary = "y = scale · x / √(mean x² + ε) over the last axes"
  public static let arity = Arity(2)
  public static let fields: [Field<RMSNorm>] = [
    .init("axis", \.axis, "the first axis that is normalised; negative ones count from the end"),
    .init("epsilon", \.epsilon, "added to the mean of the squares"),
  ]
  public var axis: Int = -1
  public var epsilon: Float = 1e-5

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, scale) = (operands[0], operands[1])
    _ = try normalizedAxis(axis, rank: x.rank, "rms_norm")
    guard x.element.isFloat, scale.element.isFloat else {
      throw OperationError("'rms_norm' needs floats, not \(x) and \(scale)")
    }
    guard Shape.broadcast([x.shape, scale.shape]) == x.shape else {
      throw OperationError("'rms_norm' cannot broadcast \(scale) over \(x)")
    }
    return [x]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let first = try normalizedAxis(axis, rank: x.rank, "rms_norm")
    let length = x.shape.dimensions[first...].reduce(1, *)
    var values = x.doubles()
    for start in stride(from: 0, to: values.count, by: max(length, 1)) {
      let row = values[start..<(start + length)]
      let square: Double = row.reduce(0) { $0 + $1 * $1 } / Double(length)
      let factor: Double = 1 / (square + Double(epsilon)).squareRoot()
      for index in start..<(start + length) { values[index] *= factor }
    }
    let type = TensorType(.f64, x.shape)
    let scale = Tensor(operands[1].shape, operands[1].doubles())
    let scaled = mapElements(Tensor(x.shape, values), scale, type) {
      (value: Double, scale: Double) in value * scale
    }
    return [scaled.converted(to: x.element)]
  }
}
