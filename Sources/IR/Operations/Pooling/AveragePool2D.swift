/// The mean under a window, over the taps inside the input or over all of them.
///
/// Quantised: operand and result have the same parameters, and the mean of the stored integers is
/// rounded with ties away from zero (TFLite `reference_integer_ops::AveragePool`).
public struct AveragePool2D: PoolingLike, Operation {
  public static let mnemonic = "avg_pool2d"
  public static let summary = "y[n,h,w,c] = mean over (i,j) of x[n, h·s+i−p, w·s+j−p, c]"
  public static let fields: [Field<AveragePool2D>] = [
    .init("kernel", \.kernel, "extent of the window: [height, width]"),
    .init("stride", \.stride, "step of the window: [height, width]"),
    .init("pad", \.pad, "rows and columns outside: [top, bottom, left, right]"),
    .init("count_padding", \.countPadding, "whether taps in the padding count as zeros"),
  ]
  public var kernel: [Int] = [1, 1]
  public var stride: [Int] = [1, 1]
  public var pad: [Int] = [0, 0, 0, 0]
  public var countPadding: Bool = false

  public init() {}

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes([x.type]))[0]
    if x.element == .f32 { return [poolFloats(x, type)] }
    if x.element.isFloat {
      let wide = poolFloats(x.converted(to: .f32), TensorType(.f32, type.shape))
      return [wide.converted(to: x.element)]
    }
    return [poolIntegers(x, type)]
  }

  private func poolFloats(_ x: Tensor, _ type: TensorType) -> Tensor {
    let (input, channels) = (x.shape, x.shape[3])
    let all = Float(kernel[0] * kernel[1])
    return Tensor.make(type) { (out: UnsafeMutableBufferPointer<Float>) in
      x.withElements { (x: UnsafeBufferPointer<Float>) in
        forEachPixel(input, type.shape) { pixel, base, rows, columns in
          let count = countPadding ? all : Float(rows.count * columns.count)
          for c in 0..<channels {
            var sum: Float = 0
            for i in rows {
              for j in columns { sum += x[base + tap(i, j, input) + c] }
            }
            out[pixel * channels + c] = sum / count
          }
        }
      }
    }
  }

  private func poolIntegers(_ x: Tensor, _ type: TensorType) -> Tensor {
    let (input, channels) = (x.shape, x.shape[3])
    let zero = Int(x.type.quantization?.zeroPoint ?? 0)
    let all = kernel[0] * kernel[1]
    let stored = x.integers()
    var result = [Int](repeating: 0, count: type.shape.count)
    forEachPixel(input, type.shape) { pixel, base, rows, columns in
      let inside = rows.count * columns.count
      let count = countPadding ? all : inside
      guard count > 0 else { return }
      for c in 0..<channels {
        var sum = zero * (count - inside)
        for i in rows {
          for j in columns { sum += stored[base + tap(i, j, input) + c] }
        }
        let half = sum > 0 ? count / 2 : -(count / 2)
        result[pixel * channels + c] = (sum + half) / count
      }
    }
    return Tensor.from(integers: result, type.element, type.shape).reinterpreted(as: type)
  }
}
