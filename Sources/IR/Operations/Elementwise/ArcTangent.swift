/// The inverse of the tangent.
public struct ArcTangent: UnaryElementwise, Operation {
  public static let mnemonic = "atan"
  public static let summary = "y = arctan x"

  public init() {}

  func apply(_ x: Float) -> Float { .arcTangent(x) }
  func apply(_ x: Double) -> Double { .arcTangent(x) }
}
