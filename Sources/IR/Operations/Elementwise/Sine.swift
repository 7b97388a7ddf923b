/// The sine.
public struct Sine: UnaryElementwise, Operation {
  public static let mnemonic = "sin"
  public static let summary = "y = sin x"

  public init() {}

  func apply(_ x: Float) -> Float { .sine(x) }
  func apply(_ x: Double) -> Double { .sine(x) }
}
