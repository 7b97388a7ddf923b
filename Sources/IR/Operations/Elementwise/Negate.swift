/// The opposite.
public struct Negate: UnaryElementwise, Operation {
  public static let mnemonic = "negate"
  public static let summary = "y = −x"

  public init() {}

  func apply(_ x: Float) -> Float { -x }
  func apply(_ x: Double) -> Double { -x }
}
