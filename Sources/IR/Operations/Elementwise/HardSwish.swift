/// Hard swish (A. Howard et al., "Searching for MobileNetV3", 2019).
public struct HardSwish: UnaryElementwise, Operation {
  public static let mnemonic = "hard_swish"
  public static let summary = "y = x · min(max(x + 3, 0), 6) / 6"

  public init() {}

  func apply(_ x: Float) -> Float { x * min(max(x + 3, 0), 6) / 6 }
  func apply(_ x: Double) -> Double { x * min(max(x + 3, 0), 6) / 6 }
}
