import IR

/// What decides the version of an operator: name, types and options.
struct OperatorSignature {
  let name: String
  /// nil where an optional operand is left out.
  let operands: [TensorType?]
  let results: [TensorType]
  let options: FlatTable?

  /// The operand that kernels are chosen by.
  var main: TensorType? {
    let place = ["SELECT_V2": 1, "SCATTER_ND": 1][name] ?? 0
    return place < operands.count ? operands[place] : nil
  }

  /// The lowest version that has what is asked, which is what a runtime has to know.
  ///
  /// Source: TensorFlow, `tensorflow/lite/tools/versioning/op_version.cc`.
  var version: Int {
    guard let main else { return 1 }
    switch name {
    case "CONV_2D": return convolution(main)
    case "DEPTHWISE_CONV_2D": return depthwise(main)
    case "FULLY_CONNECTED": return product(main)
    case "TRANSPOSE", "SLICE", "PAD", "PADV2", "STRIDED_SLICE": return movement(main)
    case "ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM": return arithmetic(main)
    case "CAST": return conversion(main)
    case "QUANTIZE", "DEQUANTIZE": return quantization(main)
    case "GATHER":
      if [.i16].contains(operands[1]?.element) { return 6 }
      return (options?.number("batch_dims") ?? 0) != 0 ? 5 : byElement(main)
    case "GATHER_ND":
      if main.element == .bool { return 5 }
      if [.i16].contains(operands[1]?.element) { return 4 }
      return byElement(main)
    case "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR":
      let isCentred = options?.number("half_pixel_centers") == 1
      return max(byElement(main), isCentred ? 3 : 1)
    case "BROADCAST_TO": return main.element == .i8 || main.element == .i16 ? 3 : 2
    default: return byElement(main)
    }
  }

  /// Of operators whose version follows the element type alone.
  private func byElement(_ main: TensorType) -> Int {
    switch main.element {
    case .i8: return OperatorSignature.versions8.contains(name) ? 2 : special[.i8] ?? 1
    case .u8: return special[.u8] ?? 1
    case .i16: return OperatorSignature.versions16.contains(name) ? 3 : special[.i16] ?? 1
    default: return special[main.element] ?? 1
    }
  }

  /// Operators that take 8-bit integers from version 2 on.
  private static let versions8: Set<String> = [
    "GATHER", "MAX_POOL_2D", "AVERAGE_POOL_2D", "SOFTMAX", "MEAN", "MIRROR_PAD", "REDUCE_MAX",
    "REDUCE_MIN", "RELU6", "RSQRT", "TANH", "LOGISTIC", "RELU", "L2_NORMALIZATION", "ABS",
    "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "EQUAL", "NOT_EQUAL", "BATCH_MATMUL",
    "CONCATENATION", "ARG_MAX", "ARG_MIN", "LESS", "SUM", "LOG_SOFTMAX", "LESS_EQUAL",
    "SQUARED_DIFFERENCE", "TOPK_V2", "EXP", "LOG", "REDUCE_PROD", "GELU", "SELECT",
  ]
  /// Operators that take 16-bit integers from version 3 on.
  private static let versions16: Set<String> = [
    "MAX_POOL_2D", "AVERAGE_POOL_2D", "SOFTMAX", "MEAN", "MIRROR_PAD", "REDUCE_MAX", "REDUCE_MIN",
    "RELU6", "RSQRT", "TANH", "LOGISTIC", "RELU", "BATCH_MATMUL", "CONCATENATION", "GATHER_ND",
    "TOPK_V2", "LESS",
  ]

  /// What has rules of its own.
  private var special: [ElementType: Int] {
    switch name {
    case "SIGN", "RANGE": return [.i32: name == "SIGN" ? 2 : 1, .i64: name == "RANGE" ? 2 : 1]
    case "ABS": return [.i32: 5, .u8: 2, .i16: main?.isQuantized == true ? 3 : 4]
    case "RELU", "GELU": return [.u8: 2]
    case "GATHER": return [.bool: 3, .i16: 4]
    case "EQUAL": return [.i16: 4, .string: 3]
    case "NOT_EQUAL": return [.string: 3]
    case "LEAKY_RELU", "EXP", "LOG", "REDUCE_PROD", "FLOOR_MOD":
      return name == "FLOOR_MOD" ? [.i8: 2, .i16: 2] : [.i16: 2]
    case "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR": return [.i16: 4]
    case "CONCATENATION": return [.u32: 4]
    case "ARG_MAX", "ARG_MIN": return [.bool: 3]
    case "SELECT_V2": return [.u32: 2]
    case "SVDF": return [.i8: 3]
    default: return [:]
    }
  }

  private func weights(_ place: Int) -> TensorType? {
    place < operands.count ? operands[place] : nil
  }

  private func convolution(_ main: TensorType) -> Int {
    guard let filter = weights(1) else { return 1 }
    if main.element == .i16, (options?.number("quantized_bias_type") ?? 0) != 0 { return 8 }
    let isGrouped = main.rank == 4 && filter.rank == 4 && main.shape[3] != filter.shape[3]
    if isGrouped { return 6 }
    if main.element == .i16 { return 4 }
    if main.element == .i8 { return filter.element == .i4 ? 7 : 3 }
    return 1
  }

  private func depthwise(_ main: TensorType) -> Int {
    if main.element == .i16 { return 5 }
    if main.element == .i8 { return weights(1)?.element == .i4 ? 7 : 3 }
    let dilations = ["dilation_w_factor", "dilation_h_factor"].map { options?.number($0) ?? 1 }
    return dilations == [1, 1] ? 1 : 2
  }

  private func product(_ main: TensorType) -> Int {
    let isWide = main.element == .i16
    if isWide, (options?.number("quantized_bias_type") ?? 0) != 0 { return 11 }
    if isWide { return 7 }
    if operands.count == 2 { return 6 }
    if main.element == .i8 { return weights(1)?.element == .i4 ? 10 : 4 }
    return 1
  }

  private func movement(_ main: TensorType) -> Int {
    if name == "TRANSPOSE", main.rank > 5 { return 6 }
    if main.element == .i16, name == "TRANSPOSE" { return 5 }
    if main.rank > 4 { return name == "SLICE" ? 5 : 4 }
    switch main.element {
    case .u32: return ["SLICE": 6, "STRIDED_SLICE": 7][name] ?? 1
    case .i16: return ["SLICE": 4, "PAD": 3, "PADV2": 3][name] ?? 1
    case .bool: return ["TRANSPOSE": 3, "STRIDED_SLICE": 3][name] ?? 1
    case .string: return ["SLICE": 3, "STRIDED_SLICE": 5][name] ?? 1
    case .i8: return 2
    default: return 1
    }
  }

  private func arithmetic(_ main: TensorType) -> Int {
    let isQuantised = main.isQuantized
    let isWideBroadcast =
      operands.count > 1 && operands[0]?.shape != operands[1]?.shape
      && operands.contains { ($0?.rank ?? 0) > 4 }
    switch (name, main.element) {
    case ("ADD", .i16): return isQuantised ? 3 : 5
    case ("SUB", .i16): return 5
    case ("MUL", .i16): return isQuantised ? 4 : 7
    case ("MUL", .u32): return 7
    case ("MUL", .i64): return 5
    case ("ADD", .i64), ("SUB", .i64): return 4
    case ("MAXIMUM", .i16), ("MINIMUM", .i16): return 4
    default: break
    }
    if isWideBroadcast, name == "DIV" { return 2 }
    if isWideBroadcast, ["SUB", "MAXIMUM", "MINIMUM"].contains(name) { return 3 }
    if name == "MUL", isQuantised, hasLargeFactor { return 3 }
    return main.element == .i8 && name != "DIV" ? 2 : 1
  }

  /// Whether products are as coarse as the result's steps, or coarser.
  private var hasLargeFactor: Bool {
    let scales = operands.map { $0?.quantization?.scale ?? 0 }
    guard scales.count == 2, let result = results.first?.quantization?.scale else { return false }
    return scales[0] * scales[1] / result >= 1
  }

  private func conversion(_ main: TensorType) -> Int {
    let elements = [main.element] + results.map(\.element)
    if elements.contains(.bf16) { return 7 }
    if main.element == .i4 { return 6 }
    if elements.contains(.f64) || elements.contains(.f16) { return 5 }
    if elements.contains(.u16) { return 4 }
    if elements.contains(.i8) { return 3 }
    return elements.contains(.u32) ? 2 : 1
  }

  private func quantization(_ main: TensorType) -> Int {
    let isPerChannel = (main.quantization ?? results.first?.quantization)?.isPerAxis ?? false
    if name == "QUANTIZE" {
      if [main.element, results.first?.element].contains(.i4) { return 4 }
      return isPerChannel ? 3 : results.first?.element == .i16 ? 2 : 1
    }
    switch main.element {
    case .i4: return 6
    case .i8: return isPerChannel ? 5 : 2
    case .i16, .f16: return 3
    default: return 1
    }
  }
}
