/// The largest value under a window; taps outside the input do not count.
public struct MaxPool2D: PoolingLike, Operation {
  public static let mnemonic = "max_pool2d"
  public static let summary = "y[n,h,w,c] = max over (i,j) of x[n, h·s+i·d−p, w·s+j·d−p, c]"
  public static let fields: [Field<MaxPool2D>] = [
    .init("kernel", \.kernel, "extent of the window: [height, width]"),
    .init("stride", \.stride, "step of the window: [height, width]"),
    .init("pad", \.pad, "rows and columns outside: [top, bottom, left, right]"),
    .init("dilation", \.dilation, "spacing of the taps: [height, width]"),
  ]
  public var kernel: [Int] = [1, 1]
  public var stride: [Int] = [1, 1]
  public var pad: [Int] = [0, 0, 0, 0]
  public var dilation: [Int] = [1, 1]

  public init() {}

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes([x.type]))[0]
    switch x.element {
    case .f32: return [pool(x, type, -Float.infinity)]
    case .f64: return [pool(x, type, -Double.infinity)]
    case .i8: return [pool(x, type, Int8.min)]
    case .u8: return [pool(x, type, UInt8.min)]
    case .i16: return [pool(x, type, Int16.min)]
    case .i32: return [pool(x, type, Int32.min)]
    case .i64: return [pool(x, type, Int64.min)]
    default:
      let wide = try evaluate([x.converted(to: x.element.isFloat ? .f32 : .i64)], context)
      return [wide[0].converted(to: x.element).reinterpreted(as: type)]
    }
  }

  private func pool<T: Comparable & BitwiseCopyable>(
    _ x: Tensor, _ type: TensorType, _ lowest: T
  ) -> Tensor {
    let (input, channels) = (x.shape, x.shape[3])
    return Tensor.make(type) { (out: UnsafeMutableBufferPointer<T>) in
      x.withElements { (x: UnsafeBufferPointer<T>) in
        forEachPixel(input, type.shape) { pixel, base, rows, columns in
          for c in 0..<channels {
            var best = lowest
            for i in rows {
              for j in columns {
                let value = x[base + tap(i, j, input) + c]
                if !(value <= best) { best = value }
              }
            }
            out[pixel * channels + c] = best
          }
        }
      }
    }
  }
}
