import IR
import Testing

/// Fixed-point scaling against its definition in real numbers.
@Suite struct FixedPointTests {
  @Test(arguments: [0.5, 0.25, 0.0003, 0.9999, 1.0, 3.7, 0.0117647])
  func mantissaAndExponentGiveTheFactor(factor: Double) {
    let multiplier = FixedPointMultiplier(factor)
    let scale = Double(sign: .plus, exponent: Int(multiplier.exponent) - 31, significand: 1)
    #expect(abs(Double(multiplier.mantissa) * scale - factor) <= factor * 1e-9)
  }

  @Test func singleRoundingIsTheNearestInteger() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let value = Int32.random(in: -1_000_000...1_000_000, using: &generator)
      let factor = Double.random(in: 1e-5...0.9, using: &generator)
      let multiplier = FixedPointMultiplier(factor)
      let exact = Double(value) * factor
      #expect(abs(Double(multiplier.applySingle(value)) - exact) <= 0.5 + 1e-3, "\(value) · \(factor)")
      #expect(abs(Double(multiplier.applyDouble(value)) - exact) <= 1.0, "\(value) · \(factor)")
    }
  }

  @Test func tiesGoAwayFromZeroInTheRoundingShift() {
    #expect(FixedPointMultiplier.roundingShiftRight(3, 1) == 2)
    #expect(FixedPointMultiplier.roundingShiftRight(-3, 1) == -2)
    #expect(FixedPointMultiplier.roundingShiftRight(-1, 2) == 0)
    #expect(FixedPointMultiplier.saturatingRoundingDoublingHighMultiply(.min, .min) == .max)
  }
}
