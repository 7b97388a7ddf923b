/// The smallest integer not below.
public struct Ceil: UnaryElementwise, Operation {
  public static let mnemonic = "ceil"
  public static let summary = "y = ⌈x⌉"

  public init() {}

  func apply(_ x: Float) -> Float { x.rounded(.up) }
  func apply(_ x: Double) -> Double { x.rounded(.up) }
}
