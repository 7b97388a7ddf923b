/// The square of the difference with broadcasting. Quantised: `QuantizedSquaredDifference`.
public struct SquaredDifference: BinaryElementwise, Operation {
  public static let mnemonic = "squared_difference"
  public static let summary = "y = (a − b)²"

  public init() {}

  static func apply<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T { (a - b) * (a - b) }
  static func apply<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { (a &- b) &* (a &- b) }

  func evaluateQuantized(_ a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    let form = QuantizedSquaredDifference(a.type, b.type, type)
    return evaluateStored(a, b, type) { form.apply($0, $1) }
  }
}
