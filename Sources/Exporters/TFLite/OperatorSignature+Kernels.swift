import IR

// Element types that the runtime's kernels take. What they lack is computed in a wider type where
// that gives the same numbers, or refused here, and not by the runtime on the device.
//
// Source: the kernels of LiteRT 2.1, `tflite/kernels`.

extension OperatorSignature {
  /// The element types of the operand that a kernel is chosen by: those of plain numbers, and those
  /// of integers that stand for reals.
  private struct Kernel {
    let plain: Set<ElementType>
    let stored: Set<ElementType>
  }

  /// Whether the runtime has a kernel for the operand that it is chosen by.
  var isTaken: Bool {
    guard let main, let kernel = OperatorSignature.kernel(name) else { return true }
    return (main.isQuantized ? kernel.stored : kernel.plain).contains(main.element)
  }

  /// A type that the runtime has a kernel for and that holds every value of the operand's; nil
  /// where there is none.
  var wideElement: ElementType? {
    guard let main, !main.isQuantized, let kernel = OperatorSignature.kernel(name) else {
      return nil
    }
    let wider: [ElementType]
    switch main.element {
    case .f16, .bf16: wider = [.f32]
    case .i8, .i16, .u8, .u16, .bool: wider = [.i32]
    case .i32, .u32: wider = [.i64]
    default: wider = []
    }
    return wider.first { kernel.plain.contains($0) }
  }

  /// What `isTaken` asks for, in words.
  var kernelTypes: String {
    guard let kernel = OperatorSignature.kernel(name) else { return "every type" }
    let plain = kernel.plain.map(\.rawValue).sorted().joined(separator: ", ")
    let stored = kernel.stored.map(\.rawValue).sorted().joined(separator: ", ")
    if stored.isEmpty { return plain }
    return plain.isEmpty ? "quantised \(stored)" : "\(plain) and quantised \(stored)"
  }

  private static let bytes: Set<ElementType> = [.i8, .u8]
  private static let stored: Set<ElementType> = [.i8, .u8, .i16]
  private static let whole: Set<ElementType> = [.i32, .i64]

  private static func kernel(_ name: String) -> Kernel? {
    arithmetic(name) ?? function(name) ?? layer(name) ?? movement(name)
  }

  private static func arithmetic(_ name: String) -> Kernel? {
    switch name {
    case "ADD": Kernel(plain: [.f32, .i32, .i64], stored: stored)
    case "SUB": Kernel(plain: [.f32, .i32, .i64], stored: stored)
    case "MUL": Kernel(plain: [.f32, .i32, .i64, .u32], stored: stored)
    case "DIV": Kernel(plain: [.f32, .i32], stored: [.u8])
    case "MAXIMUM", "MINIMUM":
      Kernel(plain: whole.union([.f32, .i8, .u8, .i16]), stored: stored)
    case "POW": Kernel(plain: [.f32, .i32], stored: [])
    case "FLOOR_MOD": Kernel(plain: [.f32, .i8, .i16, .i32, .i64], stored: [])
    case "SQUARED_DIFFERENCE": Kernel(plain: [.f32, .i32], stored: [.i8])
    case "ATAN2": Kernel(plain: [.f32], stored: [])
    case "PRELU": Kernel(plain: [.f32], stored: bytes)
    case "EQUAL", "NOT_EQUAL":
      Kernel(plain: whole.union([.f32, .bool, .string]), stored: stored)
    case "LESS", "LESS_EQUAL": Kernel(plain: whole.union([.f32, .i16]), stored: stored)
    case "LOGICAL_AND", "LOGICAL_OR", "LOGICAL_NOT": Kernel(plain: [.bool], stored: [])
    case "BITWISE_XOR", "RIGHT_SHIFT":
      Kernel(plain: [.i8, .u8, .i16, .u16, .i32, .u32], stored: [])
    case "CUMSUM", "RANGE": Kernel(plain: whole.union([.f32]), stored: [])
    default: nil
    }
  }

  private static func function(_ name: String) -> Kernel? {
    switch name {
    case "ABS": Kernel(plain: [.f32, .i32], stored: [.i8, .i16])
    case "NEG": Kernel(plain: whole.union([.f32]), stored: [])
    case "SIGN": Kernel(plain: [.f32, .i32], stored: [])
    case "EXP", "LOG", "RSQRT": Kernel(plain: [.f32], stored: [.i8, .i16])
    case "SQRT", "SIN", "COS", "FLOOR", "CEIL", "ROUND", "RELU_0_TO_1":
      Kernel(plain: [.f32], stored: [])
    case "LOGISTIC", "TANH", "LEAKY_RELU", "RELU", "RELU6", "RELU_N1_TO_1", "SOFTMAX":
      Kernel(plain: [.f32], stored: stored)
    case "HARD_SWISH", "GELU", "LOG_SOFTMAX", "L2_NORMALIZATION":
      Kernel(plain: [.f32], stored: bytes)
    case "ELU": Kernel(plain: [.f32], stored: [.i8])
    default: nil
    }
  }

  private static func layer(_ name: String) -> Kernel? {
    switch name {
    case "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "AVERAGE_POOL_2D", "MAX_POOL_2D":
      Kernel(plain: [.f32], stored: stored)
    case "BATCH_MATMUL": Kernel(plain: [.f32], stored: [.i8, .i16])
    case "MEAN": Kernel(plain: whole.union([.f32]), stored: stored)
    case "SUM": Kernel(plain: whole.union([.f32]), stored: bytes)
    case "REDUCE_MAX", "REDUCE_MIN":
      Kernel(plain: whole.union([.f32, .i8, .u8, .i16]), stored: stored)
    case "REDUCE_PROD": Kernel(plain: whole.union([.f32]), stored: [.i8, .i16])
    case "REDUCE_ALL", "REDUCE_ANY": Kernel(plain: [.bool], stored: [])
    case "ARG_MAX", "ARG_MIN": Kernel(plain: [.f32, .i8, .u8, .i32, .bool], stored: bytes)
    case "RESIZE_BILINEAR": Kernel(plain: [.f32], stored: stored)
    case "QUANTIZE": Kernel(plain: [.f32], stored: stored)
    case "DEQUANTIZE": Kernel(plain: [.f16], stored: stored.union([.i4]))
    default: nil
    }
  }

  private static func movement(_ name: String) -> Kernel? {
    let common = whole.union([.f32, .i8, .u8, .i16])
    switch name {
    case "TRANSPOSE", "CONCATENATION", "GATHER", "GATHER_ND", "BROADCAST_TO", "REVERSE_V2":
      return Kernel(plain: common.union([.bool]), stored: stored)
    case "SLICE", "STRIDED_SLICE", "SELECT_V2":
      return Kernel(plain: common.union([.bool, .u32]), stored: stored)
    case "PAD", "PADV2", "MIRROR_PAD", "TOPK_V2": return Kernel(plain: common, stored: stored)
    case "SCATTER_ND":
      return Kernel(plain: whole.union([.f32, .i8, .u8, .bool]), stored: [])
    case "DYNAMIC_UPDATE_SLICE":
      return Kernel(plain: whole.union([.f32, .i8, .i16, .bool]), stored: [.i8, .i16])
    case "CAST":
      return Kernel(
        plain: common.union([.f64, .f16, .bf16, .u16, .u32, .bool, .i4]), stored: common)
    default: return nil
    }
  }
}
