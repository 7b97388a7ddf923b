/// The product over some axes.
///
/// Quantised with `rounding` `float`, the default: in reals, ties away from zero. Otherwise each step
/// is brought back to range: a product over `n` elements is scaled `n` times by
/// `input scale / (output scale)^(1/n)`. Source: TFLite `reference/reduce.h`, `QuantizedReduceProd`.
public struct ReduceProduct: Reduction, Operation {
  public static let mnemonic = "reduce_product"
  public static let summary = "y = Π x over the axes"
  public static let fields: [Field<ReduceProduct>] = [
    .init("axes", \.axes, "the axes that are folded; negative ones count from the end"),
    .init("keep_dimensions", \.keepDimensions, "whether folded axes stay with extent 1"),
    .init("rounding", \.rounding, "how quantised products are rounded"),
  ]
  public var axes: [Int] = []
  public var keepDimensions: Bool = true
  public var rounding: Rounding = .floatEven
  static var rescales: Bool { true }

  public init() {}

  static func fold(_ values: UnsafeBufferPointer<Double>) -> Double {
    values.reduce(1, *)
  }
  static func fold(_ values: UnsafeBufferPointer<Int>) -> Int {
    values.reduce(1, &*)
  }
  func reduceQuantized(_ x: Tensor, _ type: TensorType) -> Tensor {
    if rounding != .floatEven { return reduceStepwise(x, type) }
    let folded = (try? fold(x.dequantized().doubles(), x.shape) { Self.fold($0) }) ?? []
    let real = Tensor.from(doubles: folded, .f32, type.shape)
    return real.quantized(as: type, .away)
  }

  private func reduceStepwise(_ x: Tensor, _ type: TensorType) -> Tensor {
    let (from, to) = (x.type.quantization, type.quantization)
    let extent = max(x.count / max(type.shape.count, 1), 1)
    let root = Double.power(Double(to?.scale ?? 1), 1 / Double(extent))
    var step = Requantization(
      factors: [Double(from?.scale ?? 1) / root], output: Quantization(scale: 1), element: .i32,
      rounding: .double)
    (step.lowest, step.highest) = (Int32.min, Int32.max)
    let zero = Int(from?.zeroPoint ?? 0)
    let products = try? fold(x.integers(), x.shape) { (values: UnsafeBufferPointer<Int>) -> Int in
      var product: Int32 = Int32(truncatingIfNeeded: (values.first ?? zero) - zero)
      for value in values.dropFirst() {
        product = step.applyWide(Int64(product) * Int64(value - zero), channel: 0)
      }
      return Int(step.applyWide(Int64(product), channel: 0))
    }
    let range = type.element.integerRange ?? -128...127
    let stored = (products ?? []).map { product -> Int in
      let moved = product + Int(to?.zeroPoint ?? 0)
      return min(max(moved, range.lowerBound), range.upperBound)
    }
    return Tensor.from(integers: stored, type.element, type.shape).reinterpreted(as: type)
  }
}
