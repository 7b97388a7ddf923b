/// The smallest value over some axes; NaN wins. Quantised: on the stored integers.
public struct ReduceMin: Reduction, Operation {
  public static let mnemonic = "reduce_min"
  public static let summary = "y = min x over the axes"
  public static let fields: [Field<ReduceMin>] = [
    .init("axes", \.axes, "the axes that are folded; negative ones count from the end"),
    .init("keep_dimensions", \.keepDimensions, "whether folded axes stay with extent 1"),
  ]
  public var axes: [Int] = []
  public var keepDimensions: Bool = true
  static var rescales: Bool { false }

  public init() {}

  static func fold(_ values: UnsafeBufferPointer<Double>) -> Double {
    values.reduce(.infinity) { $1.isNaN || $1 < $0 ? $1 : $0 }
  }
  static func fold(_ values: UnsafeBufferPointer<Int>) -> Int {
    values.min() ?? Int.max
  }
  func reduceQuantized(_ x: Tensor, _ type: TensorType) -> Tensor {
    let folded = (try? fold(x.integers(), x.shape) { Self.fold($0) }) ?? []
    return Tensor.from(integers: folded, type.element, type.shape).reinterpreted(as: type)
  }
}
