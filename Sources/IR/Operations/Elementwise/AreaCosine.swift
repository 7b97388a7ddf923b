/// The inverse of the hyperbolic cosine; NaN below 1.
public struct AreaCosine: UnaryElementwise, Operation {
  public static let mnemonic = "acosh"
  public static let summary = "y = arcosh x"

  public init() {}

  func apply(_ x: Float) -> Float { .areaCosine(x) }
  func apply(_ x: Double) -> Double { .areaCosine(x) }
}
