/// A rectifier that lets a part of the negatives through.
public struct LeakyRelu: UnaryElementwise, Operation {
  public static let mnemonic = "leaky_relu"
  public static let summary = "y = x ≥ 0 ? x : α · x"
  public static let fields: [Field<LeakyRelu>] = [
    .init("alpha", \.alpha, "slope below zero")
  ]
  public var alpha: Float = 0.01

  public init() {}

  func apply(_ x: Float) -> Float { x >= 0 ? x : alpha * x }
  func apply(_ x: Double) -> Double { x >= 0 ? x : Double(alpha) * x }
}
