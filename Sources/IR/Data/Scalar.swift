/// A Swift type that stores one element of an `ElementType`.
///
/// Narrow floats without a Swift type of their own are stored as their bits (`Data/NarrowFloat`).
public protocol Scalar: Sendable, BitwiseCopyable {
  static var elementType: ElementType { get }
}

extension Double: Scalar { public static var elementType: ElementType { .f64 } }
extension Float: Scalar { public static var elementType: ElementType { .f32 } }
extension Int64: Scalar { public static var elementType: ElementType { .i64 } }
extension Int32: Scalar { public static var elementType: ElementType { .i32 } }
extension Int16: Scalar { public static var elementType: ElementType { .i16 } }
extension Int8: Scalar { public static var elementType: ElementType { .i8 } }
extension UInt64: Scalar { public static var elementType: ElementType { .u64 } }
extension UInt32: Scalar { public static var elementType: ElementType { .u32 } }
extension UInt16: Scalar { public static var elementType: ElementType { .u16 } }
extension UInt8: Scalar { public static var elementType: ElementType { .u8 } }
extension Bool: Scalar { public static var elementType: ElementType { .bool } }
