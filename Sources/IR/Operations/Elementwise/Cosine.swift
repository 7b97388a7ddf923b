/// The cosine.
public struct Cosine: UnaryElementwise, Operation {
  public static let mnemonic = "cos"
  public static let summary = "y = cos x"

  public init() {}

  func apply(_ x: Float) -> Float { .cosine(x) }
  func apply(_ x: Double) -> Double { .cosine(x) }
}
