/// The magnitude.
public struct Absolute: UnaryElementwise, Operation {
  public static let mnemonic = "abs"
  public static let summary = "y = |x|"

  public init() {}

  func apply(_ x: Float) -> Float { x.magnitude }
  func apply(_ x: Double) -> Double { x.magnitude }
}
