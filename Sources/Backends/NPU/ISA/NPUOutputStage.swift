import IR

/// What turns an accumulator into a result: rounding mode, zero point, clamp and an optional table.
public struct NPUOutputStage: NPUPayload {
  public var rounding: Rounding
  public var zeroPoint: Int
  /// Bounds of the result, zero point included.
  public var minimum: Int
  public var maximum: Int
  /// The lookup table (0…7) applied to the clamped int8 result.
  public var table: Int?

  public init(
    rounding: Rounding = .double, zeroPoint: Int = 0, minimum: Int = -128, maximum: Int = 127,
    table: Int? = nil
  ) {
    self.rounding = rounding
    self.zeroPoint = zeroPoint
    self.minimum = minimum
    self.maximum = maximum
    self.table = table
  }

  public init() { self.init(rounding: .double) }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.choice("rounding", &rounding)
    var slot: Int = table.map { $0 + 1 } ?? 0
    try visitor.field("table", &slot, .u8, 0...NPUConfiguration.tableCount)
    table = slot == 0 ? nil : slot - 1
    try visitor.reserved(.u16)
    try visitor.field("zero", &zeroPoint, .i32)
    try visitor.field("min", &minimum, .i32)
    try visitor.field("max", &maximum, .i32)
  }
}

/// A real factor as the machine stores it: a fixed-point multiplier, or the bits of a float32 when
/// the output stage rounds with `Rounding.floatEven`.
public struct NPUScale: NPUPayload {
  /// Mantissa, or float32 bit pattern.
  public var bits: Int
  public var exponent: Int

  public init(_ multiplier: FixedPointMultiplier) {
    bits = Int(multiplier.mantissa)
    exponent = Int(multiplier.exponent)
  }

  public init(_ factor: Float) {
    bits = Int(Int32(bitPattern: factor.bitPattern))
    exponent = 0
  }

  /// `factor` in the form that `rounding` needs.
  public init(_ factor: Double, _ rounding: Rounding) {
    if rounding == .floatEven {
      self.init(Float(factor))
    } else {
      self.init(FixedPointMultiplier(factor))
    }
  }

  public init() { self.init(FixedPointMultiplier(mantissa: 1 << 30, exponent: 1)) }

  /// The exponents that fixed-point hardware shifts by; anything outside saturates.
  public static let exponents: ClosedRange<Int> = -31...30

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.field("mantissa", &bits, .i32)
    try visitor.field("exponent", &exponent, .i32, Self.exponents)
  }

  public var fixed: FixedPointMultiplier {
    FixedPointMultiplier(
      mantissa: Int32(truncatingIfNeeded: bits), exponent: Int32(truncatingIfNeeded: exponent))
  }

  public var float: Float { Float(bitPattern: UInt32(truncatingIfNeeded: bits)) }
}

/// Per-channel bias and scale as they lie in memory beside the weights: bias (int32), mantissa or
/// float32 bits (int32), exponent (int8), zero (int8).
public struct NPUScaleRecord: Hashable, Sendable {
  public static let byteCount: Int = 10

  public var bias: Int32
  public var scale: NPUScale

  public init(bias: Int32, scale: NPUScale) {
    self.bias = bias
    self.scale = scale
  }

  /// The record's ten bytes, little-endian.
  public var bytes: [UInt8] {
    var result: [UInt8] = []
    for word in [UInt32(bitPattern: bias), UInt32(truncatingIfNeeded: scale.bits)] {
      for shift in [0, 8, 16, 24] { result.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    result.append(UInt8(truncatingIfNeeded: scale.exponent))
    result.append(0)
    return result
  }
}
