/// The inverse of the hyperbolic tangent; NaN outside [−1, 1].
public struct AreaTangent: UnaryElementwise, Operation {
  public static let mnemonic = "atanh"
  public static let summary = "y = artanh x"

  public init() {}

  func apply(_ x: Float) -> Float { .areaTangent(x) }
  func apply(_ x: Double) -> Double { .areaTangent(x) }
}
