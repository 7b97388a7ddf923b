/// The largest integer not above.
public struct Floor: UnaryElementwise, Operation {
  public static let mnemonic = "floor"
  public static let summary = "y = ⌊x⌋"

  public init() {}

  func apply(_ x: Float) -> Float { x.rounded(.down) }
  func apply(_ x: Double) -> Double { x.rounded(.down) }
}
