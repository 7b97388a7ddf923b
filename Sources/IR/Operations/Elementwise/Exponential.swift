/// The exponential function.
public struct Exponential: UnaryElementwise, Operation {
  public static let mnemonic = "exp"
  public static let summary = "y = e^x"
  static var isInterpolated: Bool { true }

  public init() {}

  func apply(_ x: Float) -> Float { .exponential(x) }
  func apply(_ x: Double) -> Double { .exponential(x) }
}
