/// One over the square root.
public struct ReciprocalSquareRoot: UnaryElementwise, Operation {
  public static let mnemonic = "rsqrt"
  public static let summary = "y = 1 / √x"

  public init() {}

  func apply(_ x: Float) -> Float { 1 / x.squareRoot() }
  func apply(_ x: Double) -> Double { 1 / x.squareRoot() }
}
