/// What one element of a tensor is.
///
/// Names follow MLIR and TOSA. All types can be stored and converted exactly; arithmetic is defined
/// per operation. Sub-byte types take one byte per element in memory (`storageSize`) and
/// `bitWidth` bits in artifacts.
public enum ElementType: String, Hashable, Sendable, CaseIterable {
  case f64, f32, f16, bf16
  /// The 8-bit floats of ONNX (arXiv 2209.05433; `fnuz`: arXiv 2206.02915; `e8m0`: OCP MX 1.0).
  case f8e4m3fn, f8e4m3fnuz, f8e5m2, f8e5m2fnuz, f8e8m0
  /// OCP Microscaling MX 1.0, section 5.3.3.
  case f4e2m1
  case i64, i32, i16, i8, i4, i2
  case u64, u32, u16, u8, u4, u2
  case bool, string

  /// Significant bits of one element; 8 for `bool`, 0 for `string`.
  public var bitWidth: Int {
    switch self {
    case .f64, .i64, .u64: 64
    case .f32, .i32, .u32: 32
    case .f16, .bf16, .i16, .u16: 16
    case .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0, .i8, .u8, .bool: 8
    case .f4e2m1, .i4, .u4: 4
    case .i2, .u2: 2
    case .string: 0
    }
  }

  /// Bytes that one element takes in memory; 0 for `string`.
  public var storageSize: Int { self == .string ? 0 : max(1, bitWidth / 8) }

  public var isFloat: Bool {
    switch self {
    case .f64, .f32, .f16, .bf16, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0, .f4e2m1:
      true
    default: false
    }
  }

  public var isSignedInteger: Bool {
    switch self {
    case .i64, .i32, .i16, .i8, .i4, .i2: true
    default: false
    }
  }

  public var isUnsignedInteger: Bool {
    switch self {
    case .u64, .u32, .u16, .u8, .u4, .u2: true
    default: false
    }
  }

  /// Whether this is an integer type; `bool` is not.
  public var isInteger: Bool { isSignedInteger || isUnsignedInteger }

  /// Smallest and largest value of an integer type of at most 32 bits; nil for other types.
  public var integerRange: ClosedRange<Int>? {
    guard isInteger, bitWidth <= 32 else { return nil }
    let span: Int = 1 << bitWidth
    return isSignedInteger ? (-span / 2)...(span / 2 - 1) : 0...(span - 1)
  }
}
