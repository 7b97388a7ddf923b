/// Powers with broadcasting, in float32 at least; integers by repeated squaring.
public struct Power: BinaryElementwise, Operation {
  public static let mnemonic = "pow"
  public static let summary = "y = a^b"

  public init() {}

  static func apply<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T {
    if T.self == Double.self { return T(Double.power(Double(a), Double(b))) }
    return T(Float.power(Float(a), Float(b)))
  }

  static func apply<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
    guard b > 0 else { return b == 0 || a == 1 ? 1 : 0 }
    var (result, base, exponent): (T, T, T) = (1, a, b)
    while exponent > 0 {
      if exponent & 1 == 1 { result = result &* base }
      base = base &* base
      exponent >>= 1
    }
    return result
  }
}
