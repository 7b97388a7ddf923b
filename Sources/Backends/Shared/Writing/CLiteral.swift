import IR

/// Numbers as C source, each read back to the same bits.
enum CLiteral {
  /// `INT32_MIN` and `INT64_MIN` have no literal of their own in C.
  static func integer(_ value: Int) -> String {
    if value == Int.min { return "INT64_MIN" }
    if value == Int(Int32.min) { return "INT32_MIN" }
    return Int(Int32.min)...Int(Int32.max) ~= value ? "\(value)" : "INT64_C(\(value))"
  }

  /// The shortest decimal that is `value`; `INFINITY` and `NAN` need `math.h`.
  static func float(_ value: Float) -> String {
    if value.isNaN { return "NAN" }
    if value.isInfinite { return value < 0 ? "-INFINITY" : "INFINITY" }
    return "\(value)f"
  }
}

/// How C sees an element type.
extension ElementType {
  /// nil for types that no kernel takes.
  var cName: String? {
    switch self {
    case .f32: "float"
    case .i8: "int8_t"
    case .u8, .bool: "uint8_t"
    case .i16: "int16_t"
    case .i32: "int32_t"
    case .i64: "int64_t"
    default: nil
    }
  }
}
