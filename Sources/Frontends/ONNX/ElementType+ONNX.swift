import CProto
import IR

extension ElementType {
  /// The element type for a `TensorProto.DataType`; nil for undefined and complex numbers and for
  /// types that a newer ONNX added.
  init?(onnx number: Int32) {
    switch number {
    case 1: self = .f32
    case 2: self = .u8
    case 3: self = .i8
    case 4: self = .u16
    case 5: self = .i16
    case 6: self = .i32
    case 7: self = .i64
    case 8: self = .string
    case 9: self = .bool
    case 10: self = .f16
    case 11: self = .f64
    case 12: self = .u32
    case 13: self = .u64
    case 16: self = .bf16
    case 17: self = .f8e4m3fn
    case 18: self = .f8e4m3fnuz
    case 19: self = .f8e5m2
    case 20: self = .f8e5m2fnuz
    case 21: self = .u4
    case 22: self = .i4
    case 23: self = .f4e2m1
    case 24: self = .f8e8m0
    case 25: self = .u2
    case 26: self = .i2
    default: return nil
    }
  }

  /// The element type for a `TensorProto.DataType`.
  ///
  /// - Throws: a `Diagnostic` naming the type that is not there.
  static func reading(onnx number: Int32) throws -> ElementType {
    if let element = ElementType(onnx: number) { return element }
    guard let name = edgecc_onnx_data_type_name(number) else {
      throw Diagnostic.error("data type \(number) is not one of ONNX's")
    }
    throw Diagnostic.unsupported("data type \(String(cString: name)) is not supported")
  }
}
