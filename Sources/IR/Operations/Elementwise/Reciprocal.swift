/// One over the operand.
public struct Reciprocal: UnaryElementwise, Operation {
  public static let mnemonic = "reciprocal"
  public static let summary = "y = 1 / x"

  public init() {}

  func apply(_ x: Float) -> Float { 1 / x }
  func apply(_ x: Double) -> Double { 1 / x }
}
