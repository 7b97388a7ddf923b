/// An NHWC image resampled by linear interpolation between its four nearest pixels.
///
/// Floats and `u8` interpolate in float32; `i8` and `i16` in integers with 10 fractional bits per
/// axis, ties away from zero. Source: TFLite `reference/resize_bilinear.h`.
public struct ResizeBilinear: Operation {
  public static let mnemonic = "resize_bilinear"
  public static let summary = "y[n,h,w,c] = x between the pixels around (h, w) scaled"
  public static let arity = Arity(1)
  public static let fields: [Field<ResizeBilinear>] = [
    .init("size", \.size, "the extents of the result: [height, width]"),
    .init("align_corners", \.alignCorners, "whether corner pixels meet corner pixels"),
    .init("half_pixel_centers", \.halfPixelCenters, "whether positions are those of centres"),
  ]
  public var size: [Int] = []
  public var alignCorners: Bool = false
  public var halfPixelCenters: Bool = false

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard x.rank == 4, size.count == 2, size.allSatisfy({ (1...(1 << 20)).contains($0) }),
      x.quantization?.axis == nil,
      x.element.isFloat || [.i8, .u8, .i16].contains(x.element),
      x.shape.dimensions.dropFirst().prefix(2).allSatisfy({ $0 != 0 && $0 <= 1 << 20 })
    else { throw OperationError("'resize_bilinear' cannot make \(size) of \(x)") }
    return [x.with(shape: [x.shape[0], size[0], size[1], x.shape[3]])]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes([x.type]))[0]
    if [.i8, .i16].contains(x.element) {
      let taps = (0..<2).map { integerTaps(x.shape[$0 + 1], size[$0]) }
      let values = sample(x.integers(), x.shape, taps) { pixels, y, x in
        let (up, left) = (1024 - y, 1024 - x)
        let sum =
          pixels.0 * up * left + pixels.1 * y * left + pixels.2 * up * x + pixels.3 * y * x
        return (sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20)
      }
      return [Tensor.from(integers: values, x.element, type.shape).reinterpreted(as: type)]
    }
    let taps = (0..<2).map { floatTaps(x.shape[$0 + 1], size[$0]) }
    let offset: Float = x.element == .u8 ? 0.5 : 0
    let values = sample(x.floats(), x.shape, taps) { pixels, y, x in
      let first: Float = pixels.0 * (1 - y) * (1 - x) + pixels.1 * y * (1 - x)
      return first + pixels.2 * (1 - y) * x + pixels.3 * y * x + offset
    }
    return [Tensor.from(floats: values, x.element, type.shape).reinterpreted(as: type)]
  }

  /// Along one axis, per result: the two neighbours and how far it is from the first.
  private struct Tap<T> {
    let first: Int
    let second: Int
    let fraction: T
  }

  private func floatTaps(_ input: Int, _ output: Int) -> [Tap<Float>] {
    var scale = Float(input) / Float(output)
    if alignCorners, output > 1 { scale = Float(input - 1) / Float(output - 1) }
    return (0..<output).map { index in
      let place = halfPixelCenters ? (Float(index) + 0.5) * scale - 0.5 : Float(index) * scale
      let first = min(max(Int(place.rounded(.down)), 0), input - 1)
      let second = min(Int(place.rounded(.up)), input - 1)
      return Tap(first: first, second: max(second, 0), fraction: place - Float(first))
    }
  }

  private func integerTaps(_ input: Int, _ output: Int) -> [Tap<Int>] {
    var scale = (1024 * input + output / 2) / output
    if alignCorners, output > 1 { scale = (1024 * (input - 1) + (output - 1) / 2) / (output - 1) }
    return (0..<output).map { index in
      let place = index * scale + (halfPixelCenters ? scale / 2 - 512 : 0)
      let first = min(max(place / 1024, 0), input - 1)
      let second = min((place + 1023) / 1024, input - 1)
      return Tap(first: first, second: max(second, 0), fraction: place - 1024 * first)
    }
  }

  private func sample<T>(
    _ x: [T], _ shape: Shape, _ taps: [[Tap<T>]], _ mix: ((T, T, T, T), T, T) -> T
  ) -> [T] {
    let (width, depth) = (shape[2], shape[3])
    var result: [T] = []
    result.reserveCapacity(shape[0] * size[0] * size[1] * depth)
    for image in 0..<shape[0] {
      for row in taps[0] {
        let top = (image * shape[1] + row.first) * width
        let bottom = (image * shape[1] + row.second) * width
        for column in taps[1] {
          for c in 0..<depth {
            func pixel(_ line: Int, _ at: Int) -> T { x[(line + at) * depth + c] }
            let pixels = (
              pixel(top, column.first), pixel(bottom, column.first),
              pixel(top, column.second), pixel(bottom, column.second)
            )
            result.append(mix(pixels, row.fraction, column.fraction))
          }
        }
      }
    }
    return result
  }
}
