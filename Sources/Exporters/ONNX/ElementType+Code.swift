import IR

extension ElementType {
  /// The `TensorProto.DataType`; nil for types that the written operator set does not have.
  ///
  /// Source: `onnx.proto`, `TensorProto.DataType`.
  var onnxCode: Int? {
    switch self {
    case .f32: 1
    case .u8: 2
    case .i8: 3
    case .u16: 4
    case .i16: 5
    case .i32: 6
    case .i64: 7
    case .string: 8
    case .bool: 9
    case .f16: 10
    case .f64: 11
    case .u32: 12
    case .u64: 13
    case .bf16: 16
    case .f8e4m3fn: 17
    case .f8e4m3fnuz: 18
    case .f8e5m2: 19
    case .f8e5m2fnuz: 20
    case .u4: 21
    case .i4: 22
    case .f4e2m1, .f8e8m0, .u2, .i2: nil
    }
  }
}
