/// The tangent.
public struct Tangent: UnaryElementwise, Operation {
  public static let mnemonic = "tan"
  public static let summary = "y = tan x"

  public init() {}

  func apply(_ x: Float) -> Float { .tangent(x) }
  func apply(_ x: Double) -> Double { .tangent(x) }
}
