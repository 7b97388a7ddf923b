/// The natural logarithm.
public struct Logarithm: UnaryElementwise, Operation {
  public static let mnemonic = "log"
  public static let summary = "y = ln x"
  static var isInterpolated: Bool { true }

  public init() {}

  func apply(_ x: Float) -> Float { .logarithm(x) }
  func apply(_ x: Double) -> Double { .logarithm(x) }
}
