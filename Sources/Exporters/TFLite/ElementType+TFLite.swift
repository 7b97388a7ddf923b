import IR

extension ElementType {
  /// The name of the `TensorType`; nil for types that TFLite does not have, or has no kernel for.
  var tfliteName: String? {
    switch self {
    case .f64: "FLOAT64"
    case .f32: "FLOAT32"
    case .f16: "FLOAT16"
    case .bf16: "BFLOAT16"
    case .i64: "INT64"
    case .i32: "INT32"
    case .i16: "INT16"
    case .i8: "INT8"
    case .i4: "INT4"
    case .u64: "UINT64"
    case .u32: "UINT32"
    case .u16: "UINT16"
    case .u8: "UINT8"
    case .bool: "BOOL"
    case .string: "STRING"
    case .u4, .i2, .u2, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0, .f4e2m1: nil
    }
  }
}
