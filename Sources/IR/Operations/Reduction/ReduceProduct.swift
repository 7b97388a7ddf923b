/// The product over some axes. Quantised: computed in reals, ties away from zero.
public struct ReduceProduct: Reduction, Operation {
  public static let mnemonic = "reduce_product"
  public static let summary = "y = Π x over the axes"
  public static let fields: [Field<ReduceProduct>] = [
    .init("axes", \.axes, "the axes that are folded; negative ones count from the end"),
    .init("keep_dimensions", \.keepDimensions, "whether folded axes stay with extent 1"),
  ]
  public var axes: [Int] = []
  public var keepDimensions: Bool = true
  static var rescales: Bool { true }

  public init() {}

  static func fold(_ values: UnsafeBufferPointer<Double>) -> Double {
    values.reduce(1, *)
  }
  static func fold(_ values: UnsafeBufferPointer<Int>) -> Int {
    values.reduce(1, &*)
  }
  func reduceQuantized(_ x: Tensor, _ type: TensorType) -> Tensor {
    let folded = (try? fold(x.dequantized().doubles(), x.shape) { Self.fold($0) }) ?? []
    let real = Tensor.from(doubles: folded, .f32, type.shape)
    return real.quantized(as: type, .away)
  }
}
