// What convolutions and matrix products share: their types, and the way from sums to results.

extension Operation {
  /// The result type of a product of `operands` 0 and 1 with the optional bias 2, checked.
  ///
  /// - Parameters:
  ///   - weightAxis: the axis along which weights may have their own scales.
  ///   - stored: the element type that a quantised result is asked to have.
  func productType(
    _ operands: OperandTypes, _ shape: Shape, weightAxis: Int?, _ stored: ResultElement
  ) throws -> TensorType {
    let name = Self.mnemonic
    let (input, weights) = (operands[0], operands[1])
    let bias: TensorType? = operands.count > 2 ? operands[2] : nil
    if input.element.isFloat && !input.isQuantized {
      let fits = weights.element == input.element || isStored(weights, for: input, weightAxis)
      guard fits, bias == nil || bias?.element == input.element else {
        throw OperationError("'\(name)' needs operands of one float type, not \(input), \(weights)")
      }
      return TensorType(input.element, shape)
    }
    guard let scale = input.quantization, let weightScale = weights.quantization else {
      throw OperationError("'\(name)' needs floats or quantised operands, not \(input), \(weights)")
    }
    guard scale.axis == nil, weightScale.axis == nil || weightScale.axis == weightAxis else {
      throw OperationError("'\(name)' takes scales per tensor, for weights also per output channel")
    }
    guard [.i8, .u8, .i16].contains(input.element), [.i8, .u8, .i4, .i16].contains(weights.element)
    else {
      throw OperationError("'\(name)' has no integer form for \(input.element), \(weights.element)")
    }
    if let bias, ![.i32, .i64].contains(bias.element) {
      throw OperationError("'\(name)' needs an i32 or i64 bias, not \(bias)")
    }
    return TensorType(
      stored.element(input: input.element), shape, try operands.requireAsked(name))
  }
}

/// Whether `weights` stand for floats in fewer bits: a float product reads what they mean.
private func isStored(_ weights: TensorType, for input: TensorType, _ weightAxis: Int?) -> Bool {
  guard input.element == .f32, let weightAxis else { return false }
  if weights.element == .f16 { return true }
  guard [.i8, .i4].contains(weights.element), let quantization = weights.quantization else {
    return false
  }
  return quantization.axis == nil || quantization.axis == weightAxis
}

/// One evaluation of a product: converts operands for the kernel of the right number type, and
/// turns its sums into results.
struct ProductEvaluation {
  let operands: [Tensor]
  let result: TensorType
  let clamp: (low: Float, high: Float)
  let rounding: Rounding

  /// A kernel: reads input and weights, hands each sum to `store(offset, channel, sum)`.
  typealias Kernel<T> = (
    _ input: UnsafePointer<T>, _ weights: UnsafePointer<T>, _ store: (Int, Int, T) -> Void
  ) -> Void

  func run(
    _ float: Kernel<Float>, double: Kernel<Double>, integer: Kernel<Int32>, wide: Kernel<Int64>
  ) -> Tensor {
    guard result.isQuantized else {
      return result.element == .f64 ? runFloating(double) : runFloating(float)
    }
    return operands[0].element == .i16 ? runWide(wide) : runInteger(integer)
  }

  private func runFloating<T: PanelScalar & BinaryFloatingPoint & Scalar>(
    _ kernel: Kernel<T>
  ) -> Tensor {
    let converted = operands.map { $0.meaning.converted(to: T.elementType) }
    let bias: [T]? = converted.count > 2 ? converted[2].array(of: T.self) : nil
    let (low, high) = (T(clamp.low), T(clamp.high))
    let wide = Tensor.make(TensorType(T.elementType, result.shape)) {
      (out: UnsafeMutableBufferPointer<T>) in
      converted[0].withElements { (x: UnsafeBufferPointer<T>) in
        converted[1].withElements { (w: UnsafeBufferPointer<T>) in
          guard let x = x.baseAddress, let w = w.baseAddress else { return }
          kernel(x, w) { offset, channel, sum in
            var value = sum
            if let bias { value += bias[channel] }
            // Written so that NaN passes through.
            out[offset] = value < low ? low : value > high ? high : value
          }
        }
      }
    }
    return wide.converted(to: result.element)
  }

  private func runInteger(_ kernel: Kernel<Int32>) -> Tensor {
    let requantization = makeRequantization()
    let bias: [Int32]? = operands.count > 2 ? operands[2].integers().map { Int32(clamping: $0) } : nil
    let x = centred(operands[0]).map { Int32($0) }
    let w = centred(operands[1]).map { Int32($0) }
    func filled<Stored: FixedWidthInteger & Scalar>(_: Stored.Type) -> Tensor {
      Tensor.make(result) { (out: UnsafeMutableBufferPointer<Stored>) in
        x.withUnsafeBufferPointer { x in
          w.withUnsafeBufferPointer { w in
            guard let x = x.baseAddress, let w = w.baseAddress else { return }
            kernel(x, w) { offset, channel, sum in
              let total = sum &+ (bias?[channel] ?? 0)
              out[offset] = Stored(clamping: requantization.apply(total, channel: channel))
            }
          }
        }
      }
    }
    switch result.element {
    case .i16: return filled(Int16.self)
    case .u8: return filled(UInt8.self)
    default: return filled(Int8.self)
    }
  }

  private func runWide(_ kernel: Kernel<Int64>) -> Tensor {
    let requantization = makeRequantization()
    let bias: [Int64]? = operands.count > 2 ? operands[2].integers().map { Int64($0) } : nil
    let x = centred(operands[0]).map { Int64($0) }
    let w = centred(operands[1]).map { Int64($0) }
    func filled<Stored: FixedWidthInteger & Scalar>(_: Stored.Type) -> Tensor {
      Tensor.make(result) { (out: UnsafeMutableBufferPointer<Stored>) in
        x.withUnsafeBufferPointer { x in
          w.withUnsafeBufferPointer { w in
            guard let x = x.baseAddress, let w = w.baseAddress else { return }
            kernel(x, w) { offset, channel, sum in
              let total = sum &+ (bias?[channel] ?? 0)
              let stored = requantization.applyWide(total, channel: channel)
              out[offset] = Stored(clamping: stored)
            }
          }
        }
      }
    }
    switch result.element {
    case .i16: return filled(Int16.self)
    case .u8: return filled(UInt8.self)
    default: return filled(Int8.self)
    }
  }

  private func makeRequantization() -> Requantization {
    Requantization(
      input: operands[0].type, weights: operands[1].type, output: result, clamp: clamp,
      rounding: rounding)
  }

  /// The stored integers minus their zero points.
  private func centred(_ tensor: Tensor) -> [Int] {
    let stored = tensor.integers()
    guard let quantization = tensor.type.quantization,
      quantization.zeroPoints.contains(where: { $0 != 0 })
    else { return stored }
    let inner = quantization.axis.map { tensor.shape.dimensions.dropFirst($0 + 1).reduce(1, *) }
    return stored.enumerated().map { index, value in
      let channel = inner.map { index / $0 % quantization.scales.count } ?? 0
      return value - Int(quantization.zeroPoints[channel])
    }
  }
}

extension Requantization {
  /// For a layer of these types; `output` is quantised.
  public init(
    input: TensorType, weights: TensorType, output: TensorType,
    clamp: (low: Float, high: Float), rounding: Rounding
  ) {
    let target = output.quantization ?? Quantization(scale: 1)
    let factors = Requantization.factors(
      input: input.quantization?.scale ?? 1, weights: weights.quantization?.scales ?? [1],
      output: target.scale, rounding)
    self.init(
      factors: factors, output: target, element: output.element, clamp: clamp, rounding: rounding)
  }

  /// `apply` for the 64-bit sums of 16-bit activations: with `double` rounding a mantissa of 16
  /// bits and one rounding, as TFLite's `MultiplyByQuantizedMultiplier(int64_t, …)`; otherwise in
  /// float64, ties away from zero, as its `FULLY_CONNECTED`.
  func applyWide(_ accumulator: Int64, channel: Int) -> Int32 {
    let multiplier = multipliers[multipliers.count == 1 ? 0 : channel]
    let mantissa = multiplier.mantissa
    guard rounding == .double else {
      let factor = Double(
        sign: .plus, exponent: Int(multiplier.exponent) - 31, significand: Double(mantissa))
      let scaled = (Double(accumulator) * factor).rounded(.toNearestOrAwayFromZero)
      let bounded = min(max(scaled, -1_000_000), 1_000_000)
      return min(max(Int32(bounded) &+ zeroPoint, lowest), highest)
    }
    let reduced: Int64 = mantissa < 0x7FFF_0000 ? Int64((mantissa + (1 << 15)) >> 16) : 0x7FFF
    let shift = 15 - Int64(multiplier.exponent)
    let product = accumulator &* reduced &+ (Int64(1) << (shift - 1))
    return min(max(Int32(truncatingIfNeeded: product >> shift) &+ zeroPoint, lowest), highest)
  }
}
