/// Hard swish on 8-bit integers in 16-bit fixed point.
///
/// Source: TFLite `reference/hard_swish.h` and `activations.cc` (`HardSwishPrepare`): the input
/// with 7 more bits is brought to the result's scale, and to one in which ±2^15 stands for ±3; the
/// second gates the first.
public struct IntegerHardSwish: Hashable, Sendable {
  private typealias Functions = FixedPointFunctions<Int16>

  private let input: Quantization
  private let output: Quantization
  private let range: ClosedRange<Int>
  /// A factor with a mantissa of 16 bits.
  private struct Factor: Hashable, Sendable {
    let mantissa: Int16
    let exponent: Int

    init(_ value: Float) {
      let wide = FixedPointMultiplier(Double(value))
      mantissa = Int16(clamping: (Int64(wide.mantissa) + 1 << 15) >> 16)
      exponent = Int(wide.exponent)
    }
  }
  private let outputFactor: Factor
  private let gateFactor: Factor

  public init(input: Quantization, output: Quantization, element: ElementType) {
    self.input = input
    self.output = output
    range = element.integerRange ?? -128...127
    let fine: Float = 1.0 / 128 * input.scale
    outputFactor = Factor(fine / output.scale)
    gateFactor = Factor(fine / (3.0 / 32768))
  }

  /// The stored result for a stored input.
  public func apply(_ stored: Int) -> Int {
    let fine = Int16(clamping: (stored - Int(input.zeroPoint)) * 128)
    let scaled = Functions.multiply(fine, outputFactor.mantissa)
    let gate = (Int(bounded(fine)) + 32768) >> 1
    let product = Int32(gate) * Int32(scaled) / 32768
    let shift = outputFactor.exponent
    let result =
      shift > 0 ? product << Int32(shift)
      : FixedPointMultiplier.roundingShiftRight(product, Int32(-shift))
    let value = Int(result) + Int(output.zeroPoint)
    return min(max(value, range.lowerBound), range.upperBound)
  }

  /// The input in steps of 3/2^15, saturated.
  private func bounded(_ fine: Int16) -> Int16 {
    let exponent = gateFactor.exponent
    if exponent <= 0 {
      return Functions.shiftRight(Functions.multiply(fine, gateFactor.mantissa), -exponent)
    }
    let raised = Functions.shiftLeft(fine, exponent - 1)
    return Functions.shiftLeft(Functions.multiply(raised, gateFactor.mantissa), 1)
  }
}
