extension FixedPointMultiplier {
  /// `1 / √value` by five Newton steps in integers; that of 1 for `value ≤ 1`.
  ///
  /// Source: TFLite `internal/common.h`, `GetInvSqrtQuantizedMultiplierExp`.
  public init(inverseSquareRootOf value: Int32) {
    typealias F = FixedPointFunctions<Int32>
    guard value > 1 else {
      self.init(mantissa: Int32.max, exponent: 0)
      return
    }
    var (input, shift): (Int32, Int32) = (value, 11)
    while input >= 1 << 29 {
      input /= 4
      shift += 1
    }
    let pairs = (Int32(input.leadingZeroBitCount) - 1) / 2 - 1
    shift -= pairs
    input <<= 2 * pairs
    // Three integer bits leave room for the steps; x starts at 1.
    let half = F.shiftRight(input >> 1, 1)
    let oneAndAHalf: Int32 = (1 << 28) + (1 << 27)
    var x: Int32 = 1 << 28
    for _ in 0..<5 {
      let cube = F.shiftLeft(F.multiply(F.multiply(x, x), x), 6)
      x = F.shiftLeft(F.multiply(oneAndAHalf, x) &- F.multiply(half, cube), 3)
    }
    // √2 / 2.
    x = F.multiply(x, 1_518_500_250)
    if shift < 0 {
      x <<= -shift
      shift = 0
    }
    self.init(mantissa: x, exponent: -shift)
  }
}
