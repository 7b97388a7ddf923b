/// The exponential linear unit (arXiv 1511.07289).
public struct Elu: UnaryElementwise, Operation {
  public static let mnemonic = "elu"
  public static let summary = "y = x ≥ 0 ? x : α · (e^x − 1)"
  public static let fields: [Field<Elu>] = [
    .init("alpha", \.alpha, "the limit below zero, negated")
  ]
  public var alpha: Float = 1

  public init() {}

  func apply(_ x: Float) -> Float { x >= 0 ? x : alpha * (.exponential(x) - 1) }
  func apply(_ x: Double) -> Double { x >= 0 ? x : Double(alpha) * (.exponential(x) - 1) }
}
