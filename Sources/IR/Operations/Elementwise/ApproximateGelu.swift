/// The Gaussian error linear unit by its approximation with tanh (arXiv 1606.08415).
public struct ApproximateGelu: UnaryElementwise, Operation {
  public static let mnemonic = "gelu_tanh"
  public static let summary = "y = x · (1 + tanh(√(2/π) · (x + 0.044715 x³))) / 2"
  static var isInterpolated: Bool { true }

  public init() {}

  func apply(_ x: Float) -> Float {
    let cubic: Float = 0.044715 * x * x * x
    let inner: Float = 0.797_884_56 * (x + cubic)
    return 0.5 * x * (1 + .hyperbolicTangent(inner))
  }
  func apply(_ x: Double) -> Double {
    let cubic: Double = 0.044715 * x * x * x
    let inner: Double = 0.797_884_560_802_865_4 * (x + cubic)
    return 0.5 * x * (1 + .hyperbolicTangent(inner))
  }
}
