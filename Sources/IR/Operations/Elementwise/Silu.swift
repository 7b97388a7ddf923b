/// The sigmoid linear unit, also called swish (arXiv 1710.05941).
public struct Silu: UnaryElementwise, Operation {
  public static let mnemonic = "silu"
  public static let summary = "y = x / (1 + e^−x)"

  public init() {}

  func apply(_ x: Float) -> Float { x * Sigmoid().apply(x) }
  func apply(_ x: Double) -> Double { x * Sigmoid().apply(x) }
}
