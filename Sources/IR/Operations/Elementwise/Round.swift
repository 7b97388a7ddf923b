/// The nearest integer, ties to even.
public struct Round: UnaryElementwise, Operation {
  public static let mnemonic = "round"
  public static let summary = "y = x to the nearest integer, ties to even"

  public init() {}

  func apply(_ x: Float) -> Float { x.rounded(.toNearestOrEven) }
  func apply(_ x: Double) -> Double { x.rounded(.toNearestOrEven) }
}
