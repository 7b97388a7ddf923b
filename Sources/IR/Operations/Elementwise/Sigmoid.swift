/// The logistic function.
public struct Sigmoid: UnaryElementwise, Operation {
  public static let mnemonic = "sigmoid"
  public static let summary = "y = 1 / (1 + e^−x)"

  public init() {}

  func apply(_ x: Float) -> Float { 1 / (1 + .exponential(-x)) }
  func apply(_ x: Double) -> Double { 1 / (1 + .exponential(-x)) }
}
