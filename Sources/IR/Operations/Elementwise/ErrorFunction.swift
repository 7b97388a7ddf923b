/// The Gauss error function.
public struct ErrorFunction: UnaryElementwise, Operation {
  public static let mnemonic = "erf"
  public static let summary = "y = erf x"

  public init() {}

  func apply(_ x: Float) -> Float { .errorFunction(x) }
  func apply(_ x: Double) -> Double { .errorFunction(x) }
}
