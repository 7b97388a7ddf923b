/// The inverse of the sine; NaN outside [−1, 1].
public struct ArcSine: UnaryElementwise, Operation {
  public static let mnemonic = "asin"
  public static let summary = "y = arcsin x"

  public init() {}

  func apply(_ x: Float) -> Float { .arcSine(x) }
  func apply(_ x: Double) -> Double { .arcSine(x) }
}
