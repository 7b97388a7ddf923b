import IR

// Functions of one quantised value. TFLite's kernels have some, each with demands on the result's
// scale; every other of 8 bits is a table of 256 results, computed here by the interpreter, so that
// the model gives edgecc's own bytes.

extension SubgraphWriter {
  mutating func quantisedFunction(
    _ operation: any Operation, _ x: FlatTensor, _ type: TensorType
  ) throws -> FlatTensor {
    if let (name, options) = kernel(operation, x.type, type) {
      return add(name, [x], type, options: options)
    }
    guard [.i8, .u8].contains(x.type.element), type.element == x.type.element else {
      throw OperationError("TFLite has no kernel for it that takes \(x.type) and gives \(type)")
    }
    let stored = x.type.element.integerRange ?? -128...127
    let row = x.type.with(shape: [256])
    let all = Tensor.from(integers: Array(stored), row.element, row.shape).reinterpreted(as: row)
    let context = EvaluationContext(resultTypes: [type.with(shape: [256])])
    guard let results = try operation.evaluate([all], context).first else {
      throw OperationError("it has no result")
    }
    return looked(up: x, constant(results.reinterpreted(as: type.with(shape: [256]))), type)
  }

  /// The entries of `table`, of the lowest stored value first, for the elements of `x`.
  mutating func looked(up x: FlatTensor, _ table: FlatTensor, _ type: TensorType) -> FlatTensor {
    let places = TensorType(.i32, x.type.shape)
    var index = add("CAST", [x], places, options: castOptions(x.type.element, .i32))
    if x.type.element == .i8 {
      let lowest = constant(Tensor.from(integers: [128], .i32, []))
      index = add(
        "ADD", [index, lowest], places, options: options("AddOptions", activation: "NONE"))
    }
    return add("GATHER", [table, index], type, options: FlatTable("GatherOptions"))
  }

  func castOptions(_ from: ElementType, _ to: ElementType) -> FlatTable {
    var options = FlatTable("CastOptions")
    if let name = from.tfliteName { options.set("in_data_type", symbol: name) }
    if let name = to.tfliteName { options.set("out_data_type", symbol: name) }
    return options
  }

  /// TFLite's own operator where it computes the same, with its options.
  private func kernel(
    _ operation: any Operation, _ x: TensorType, _ type: TensorType
  ) -> (name: String, options: FlatTable?)? {
    let isByte = x.element == .i8
    switch operation {
    case is Sigmoid:
      return hasFixedSteps(type, scale: isWide(x) ? 1 / 32768 : 1 / 256, lowest: true)
        ? ("LOGISTIC", nil) : nil
    case is Tanh:
      return hasFixedSteps(type, scale: isWide(x) ? 1 / 32768 : 1 / 128, lowest: false)
        ? ("TANH", nil) : nil
    case let op as HardSwish:
      return op.rounding == .double && !isWide(x) ? ("HARD_SWISH", nil) : nil
    case let op as LeakyRelu:
      guard op.rounding == .double else { return nil }
      var options = FlatTable("LeakyReluOptions")
      options.set("alpha", real: op.alpha)
      return ("LEAKY_RELU", options)
    case is Gelu where !isWide(x): return ("GELU", FlatTable("GeluOptions"))
    case is ApproximateGelu where !isWide(x):
      var options = FlatTable("GeluOptions")
      options.set("approximate", true)
      return ("GELU", options)
    case let op as Elu where op.alpha == 1 && isByte: return ("ELU", nil)
    case is Exponential where isByte || isWide(x): return ("EXP", nil)
    case is Logarithm where isByte || isWide(x): return ("LOG", nil)
    case is ReciprocalSquareRoot where isByte || isWide(x): return ("RSQRT", nil)
    case is Absolute where isByte || isWide(x): return ("ABS", nil)
    default: return nil
    }
  }

  private func isWide(_ type: TensorType) -> Bool { type.element == .i16 }

  /// Whether the result is stored as the kernel stores it: zero at the lowest integer, or in the
  /// middle.
  private func hasFixedSteps(_ type: TensorType, scale: Float, lowest: Bool) -> Bool {
    guard let quantization = type.quantization else { return false }
    let middle: Int32 = type.element == .u8 ? 128 : 0
    let bottom: Int32 = type.element == .i8 ? -128 : 0
    return quantization == Quantization(scale: scale, zeroPoint: lowest ? bottom : middle)
  }
}
