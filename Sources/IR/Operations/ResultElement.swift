/// The element type that a product of quantised operands stores its sums in: a width of its own lets
/// a layer of 8-bit inputs keep 16 bits of what it computes.
public enum ResultElement: String, Hashable, Sendable, CaseIterable, AttributeConvertible {
  /// The input's.
  case input
  case i8, i16

  public func element(input: ElementType) -> ElementType {
    switch self {
    case .input: input
    case .i8: .i8
    case .i16: .i16
    }
  }
}
