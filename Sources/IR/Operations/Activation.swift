/// A function of each element that a layer applies to its sums before it clamps them.
///
/// Rectifiers are no case: they are the layer's clamp.
public enum Activation: String, Hashable, Sendable, CaseIterable, AttributeConvertible {
  case none, sigmoid, tanh, silu, gelu
  case hardSwish = "hard_swish"
  case approximateGelu = "gelu_tanh"
  case leakyRelu = "leaky_relu"

  /// The activation that `operation` computes, and its slope below zero; nil where it is none of
  /// these.
  public static func of(_ operation: any Operation) -> (activation: Activation, alpha: Float)? {
    switch operation {
    case is Sigmoid: (.sigmoid, 0)
    case is Tanh: (.tanh, 0)
    case is Silu: (.silu, 0)
    case is Gelu: (.gelu, 0)
    case is HardSwish: (.hardSwish, 0)
    case is ApproximateGelu: (.approximateGelu, 0)
    case let leaky as LeakyRelu: (.leakyRelu, leaky.alpha)
    default: nil
    }
  }

  /// The operation of its own that computes this activation; nil for `none`.
  public func operation(alpha: Float) -> (any Operation)? {
    switch self {
    case .none: return nil
    case .sigmoid: return Sigmoid()
    case .tanh: return Tanh()
    case .silu: return Silu()
    case .gelu: return Gelu()
    case .hardSwish: return HardSwish()
    case .approximateGelu: return ApproximateGelu()
    case .leakyRelu:
      var leaky = LeakyRelu()
      leaky.alpha = alpha
      return leaky
    }
  }
}
