/// The hyperbolic cosine.
public struct HyperbolicCosine: UnaryElementwise, Operation {
  public static let mnemonic = "cosh"
  public static let summary = "y = cosh x"

  public init() {}

  func apply(_ x: Float) -> Float { .hyperbolicCosine(x) }
  func apply(_ x: Double) -> Double { .hyperbolicCosine(x) }
}
