/// A smooth rectifier, computed without overflow.
public struct Softplus: UnaryElementwise, Operation {
  public static let mnemonic = "softplus"
  public static let summary = "y = ln(1 + e^x)"

  public init() {}

  func apply(_ x: Float) -> Float { max(x, 0) + .logarithm(1 + .exponential(-x.magnitude)) }
  func apply(_ x: Double) -> Double { max(x, 0) + .logarithm(1 + .exponential(-x.magnitude)) }
}
