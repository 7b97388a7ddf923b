/// The inverse of the hyperbolic sine.
public struct AreaSine: UnaryElementwise, Operation {
  public static let mnemonic = "asinh"
  public static let summary = "y = arsinh x"

  public init() {}

  func apply(_ x: Float) -> Float { .areaSine(x) }
  func apply(_ x: Double) -> Double { .areaSine(x) }
}
