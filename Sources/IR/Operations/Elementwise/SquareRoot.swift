/// The square root; NaN for negatives.
public struct SquareRoot: UnaryElementwise, Operation {
  public static let mnemonic = "sqrt"
  public static let summary = "y = √x"

  public init() {}

  func apply(_ x: Float) -> Float { x.squareRoot() }
  func apply(_ x: Double) -> Double { x.squareRoot() }
}
