/// The bit layout of a float narrower than 32 bits, and its exact conversion to and from `Float`.
///
/// Sources: IEEE 754-2019 (binary16); the bfloat16 whitepaper; arXiv 2209.05433 (E4M3FN, E5M2);
/// arXiv 2206.02915 (the `FNUZ` forms); OCP Microscaling Formats 1.0 (E8M0, E2M1).
public struct NarrowFloat: Sendable {
  let exponentBits: Int
  let mantissaBits: Int
  let bias: Int
  /// Whether all-ones exponents are infinities and NaNs as in IEEE 754.
  let hasInfinity: Bool
  /// The pattern that means NaN where there is no infinity; nil if the format has no NaN.
  let nanBits: UInt32?
  /// Whether values beyond the range become the largest finite one (ONNX `saturate`, the default)
  /// rather than NaN or infinity. The 16-bit formats overflow to infinity.
  let saturates: Bool

  static let f16 = NarrowFloat(
    exponentBits: 5, mantissaBits: 10, bias: 15, hasInfinity: true, nanBits: 0x7E00,
    saturates: false)
  static let bf16 = NarrowFloat(
    exponentBits: 8, mantissaBits: 7, bias: 127, hasInfinity: true, nanBits: 0x7FC0,
    saturates: false)
  static let f8e4m3fn = NarrowFloat(
    exponentBits: 4, mantissaBits: 3, bias: 7, hasInfinity: false, nanBits: 0x7F, saturates: true)
  static let f8e4m3fnuz = NarrowFloat(
    exponentBits: 4, mantissaBits: 3, bias: 8, hasInfinity: false, nanBits: 0x80, saturates: true)
  static let f8e5m2 = NarrowFloat(
    exponentBits: 5, mantissaBits: 2, bias: 15, hasInfinity: true, nanBits: 0x7F, saturates: true)
  static let f8e5m2fnuz = NarrowFloat(
    exponentBits: 5, mantissaBits: 2, bias: 16, hasInfinity: false, nanBits: 0x80,
    saturates: true)
  static let f4e2m1 = NarrowFloat(
    exponentBits: 2, mantissaBits: 1, bias: 1, hasInfinity: false, nanBits: nil, saturates: true)

  /// The layout of `element`; nil for other types and for `f8e8m0`, which has no mantissa or sign.
  static func layout(of element: ElementType) -> NarrowFloat? {
    switch element {
    case .f16: f16
    case .bf16: bf16
    case .f8e4m3fn: f8e4m3fn
    case .f8e4m3fnuz: f8e4m3fnuz
    case .f8e5m2: f8e5m2
    case .f8e5m2fnuz: f8e5m2fnuz
    case .f4e2m1: f4e2m1
    default: nil
    }
  }

  private var width: Int { 1 + exponentBits + mantissaBits }
  /// Whether the only NaN is what would be negative zero, so that zero has no sign.
  private var isUnsignedZero: Bool { nanBits == 1 << UInt32(width - 1) }

  /// The largest finite magnitude's bits.
  private var maximumBits: UInt32 {
    let allOnes: UInt32 = (1 << UInt32(width - 1)) - 1
    if hasInfinity { return allOnes - (1 << UInt32(mantissaBits)) }
    return nanBits == allOnes ? allOnes - 1 : allOnes
  }

  /// The value that `bits` stand for, exactly.
  func float(_ bits: UInt32) -> Float {
    let negative = bits >> UInt32(width - 1) & 1 == 1
    if isUnsignedZero && bits == nanBits { return .nan }
    let exponent = Int(bits >> UInt32(mantissaBits)) & (1 << exponentBits - 1)
    let mantissa = bits & (1 << UInt32(mantissaBits) - 1)
    let magnitude: Float
    if hasInfinity && exponent == 1 << exponentBits - 1 {
      magnitude = mantissa == 0 ? .infinity : .nan
    } else if !hasInfinity && !isUnsignedZero && nanBits == bits & ~(1 << UInt32(width - 1)) {
      magnitude = .nan
    } else {
      let hidden: UInt32 = exponent == 0 ? 0 : 1 << UInt32(mantissaBits)
      let scale = max(exponent, 1) - bias - mantissaBits
      magnitude = Float(sign: .plus, exponent: scale, significand: Float(mantissa + hidden))
    }
    return negative ? -magnitude : magnitude
  }

  /// The nearest representable value, ties to even.
  func bits(_ value: Float, saturate: Bool? = nil) -> UInt32 {
    let sign: UInt32 = value.sign == .minus ? 1 << UInt32(width - 1) : 0
    // Without a NaN, negative zero stands for it (as in ml_dtypes and ONNX's test data).
    if value.isNaN { return nanBits ?? 1 << UInt32(width - 1) }
    let clampsOverflow = saturate ?? saturates
    if value.isInfinite { return overflow(sign, clampsOverflow) }
    if value == 0 { return isUnsignedZero ? 0 : sign }
    let magnitude = Double(value.magnitude)
    let lowest = 1 - bias
    let exponent = max(Int(value.magnitude.exponent), lowest)
    let unit = Double(sign: .plus, exponent: exponent - mantissaBits, significand: 1)
    let steps = UInt32((magnitude / unit).rounded(.toNearestOrEven))
    // `steps` counts units in this binade; a carry into the next binade falls out of the addition.
    let encoded = UInt32(exponent - lowest) << UInt32(mantissaBits) + steps
    if encoded > maximumBits { return overflow(sign, clampsOverflow) }
    if encoded == 0 && isUnsignedZero { return 0 }
    return sign | encoded
  }

  private func overflow(_ sign: UInt32, _ saturate: Bool) -> UInt32 {
    if saturate { return sign | maximumBits }
    if hasInfinity { return sign | (maximumBits + 1) }
    guard let nanBits else { return sign | maximumBits }
    return isUnsignedZero ? nanBits : sign | nanBits
  }
}

/// `f8e8m0`: a bare power of two, `2^(bits − 127)`; 255 is NaN (OCP MX 1.0, section 5.4.1).
enum PowerOfTwoScale {
  static func float(_ bits: UInt8) -> Float {
    if bits == 255 { return .nan }
    return Float(sign: .plus, exponent: Int(bits) - 127, significand: 1)
  }

  /// The smallest power of two not below; zero and negatives become the smallest of all.
  /// Source: ONNX `Cast`, `round_mode = "up"`, its default.
  static func bits(_ value: Float) -> UInt8 {
    if value.isNaN { return 255 }
    if value <= 0 { return 0 }
    if value.isInfinite { return 254 }
    let up: Int = value.significand > 1 && value.isNormal ? 1 : 0
    return UInt8(clamping: min(max(Int(value.exponent) + up + 127, 0), 254))
  }
}
