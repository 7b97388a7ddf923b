/// The hyperbolic tangent.
public struct Tanh: UnaryElementwise, Operation {
  public static let mnemonic = "tanh"
  public static let summary = "y = tanh x"

  public init() {}

  func apply(_ x: Float) -> Float { .hyperbolicTangent(x) }
  func apply(_ x: Double) -> Double { .hyperbolicTangent(x) }
}
