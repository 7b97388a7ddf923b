/// The Gaussian error linear unit in its exact form (arXiv 1606.08415).
public struct Gelu: UnaryElementwise, Operation {
  public static let mnemonic = "gelu"
  public static let summary = "y = x · (1 + erf(x / √2)) / 2"
  static var isInterpolated: Bool { true }

  public init() {}

  func apply(_ x: Float) -> Float { x * (1 + .errorFunction(x / 1.4142135623730951)) / 2 }
  func apply(_ x: Double) -> Double { x * (1 + .errorFunction(x / 1.4142135623730951)) / 2 }
}
