/// A piecewise linear sigmoid.
public struct HardSigmoid: UnaryElementwise, Operation {
  public static let mnemonic = "hard_sigmoid"
  public static let summary = "y = min(max(α · x + β, 0), 1)"
  public static let fields: [Field<HardSigmoid>] = [
    .init("alpha", \.alpha, "slope"),
    .init("beta", \.beta, "value at zero"),
  ]
  public var alpha: Float = 0.2
  public var beta: Float = 0.5

  public init() {}

  func apply(_ x: Float) -> Float { min(max(alpha * x + beta, 0), 1) }
  func apply(_ x: Double) -> Double { min(max(Double(alpha) * x + Double(beta), 0), 1) }
}
