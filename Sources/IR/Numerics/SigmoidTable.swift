/// The logistic function and the hyperbolic tangent on 16-bit integers: one table of
/// `2^16 / (1 + e^(−i/24))` with interpolation, as `tanh x = 2 · sigmoid(2x) − 1`. Results have
/// scale 2^−15.
///
/// Source: TFLite `reference/integer_ops/logistic.h`, `tanh.h`, and `activations.cc` (`Prepare`).
public struct SigmoidTable: Sendable {
  public enum Function: Sendable { case sigmoid, tanh }

  /// The factor that brings stored inputs to 1/(3 · 4096), as an integer and a right shift.
  public let multiplier: Int
  public let shift: Int
  public let function: Function
  /// 256 of them, each of 16 bits without a sign.
  public let entries: [Int]

  public init(_ function: Function, inputScale: Float) {
    self.function = function
    entries = SigmoidTable.makeEntries()
    if let power = SigmoidTable.powerOfTwo(inputScale),
      power == -12 || (power == -11 && function == .tanh)
    {
      (multiplier, shift) = (3 << (12 + power), 0)
      return
    }
    var (factor, count) = (Double(inputScale) * 4096.0 * 3.0, 0)
    while factor <= 32767.0 / 2, count <= 30 {
      count += 1
      factor *= 2
    }
    (multiplier, shift) = (Int(min(factor, 32767)), count)
  }

  /// The exponent of the power of two that `scale` is; nil where its logarithm is 0.001 away.
  private static func powerOfTwo(_ scale: Float) -> Int? {
    if scale.significand < 1.000_693 { return Int(scale.exponent) }
    return scale.significand > 1.998_614 ? Int(scale.exponent) + 1 : nil
  }

  /// Each entry is moved by half the error that linear interpolation has in the middle of its
  /// interval; the last one is the largest there is.
  private static func makeEntries() -> [Int] {
    func value(_ x: Double) -> Double { 65536 / (1 + Double.exponential(-x / 24)) }
    let entries = (0..<255).map { index -> Int in
      let i = Double(index)
      let bend: Double = 2 * value(i + 0.5) - value(i) - value(i + 1)
      return Int((value(i) + bend / 4 + 0.5).rounded(.down))
    }
    return entries + [65535]
  }

  /// The stored result for a stored input with zero point 0.
  public func apply(_ x: Int) -> Int {
    let rounding = shift > 0 ? 1 << (shift - 1) : 0
    let scaled = (x * multiplier + rounding) >> shift
    return function == .sigmoid ? sigmoid(scaled) : tanh(scaled)
  }

  private func sigmoid(_ scaled: Int) -> Int {
    let positive = interpolate(abs(scaled), bits: 9) ?? 0x7FFF << 10
    let result = scaled >= 0 ? positive + (1 << 9) : (1 << 25) - positive + (1 << 9) - 1
    return result >> 10
  }

  private func tanh(_ scaled: Int) -> Int {
    let positive = interpolate(abs(scaled), bits: 8) ?? 0xFFFF << 8
    let centred = positive - (1 << 23)
    return (scaled >= 0 ? centred + (1 << 7) : -centred + (1 << 7) - 1) >> 8
  }

  /// The table at `magnitude / 2^bits`, with `bits` more bits; nil behind its end.
  private func interpolate(_ magnitude: Int, bits: Int) -> Int? {
    let index = magnitude >> bits
    guard index < 255 else { return nil }
    let rest = magnitude & ((1 << bits) - 1)
    return entries[index] << bits + rest * (entries[index + 1] - entries[index])
  }
}
