/// The hyperbolic sine.
public struct HyperbolicSine: UnaryElementwise, Operation {
  public static let mnemonic = "sinh"
  public static let summary = "y = sinh x"

  public init() {}

  func apply(_ x: Float) -> Float { .hyperbolicSine(x) }
  func apply(_ x: Double) -> Double { .hyperbolicSine(x) }
}
