import IR

/// What generated C can compute: the support check of the CPU and the MCU, and of what the NPU
/// leaves to them.
enum CConstraints {
  static var all: [Constraint] { general + layers + others }

  private static var general: [Constraint] {
    let table = LoweringTable()
    let mnemonics = table.mnemonics
    return [
      Constraint(
        "c-operation", "the operation has a kernel in C",
        help: "a plugin can add one, or a rewrite into operations that have"
      ) { view in
        let mnemonic = type(of: view.node.operation).mnemonic
        if view.node.operation is any CEmittable { return nil }
        return mnemonics.contains(mnemonic) ? nil : "there is none for '\(mnemonic)'"
      },
      Constraint(
        "c-static-shape", "every extent is known before the model runs",
        help: "bind unknown dimensions with --dim NAME=EXTENT or --shape INPUT=1x3x224x224"
      ) { view in
        view.allTypes.first { $0.shape.checkedCount == nil }.map { "here is \($0)" }
      },
      Constraint(
        "c-element", "elements are f32, i8, u8, i16, i32, i64 or bool",
        help: "cast to f32, or quantise to int8", action: "--quantize int8"
      ) { view in
        let types = view.allTypes.enumerated().filter { place, _ in
          !(place == 1 && hasStoredWeights(view))
        }
        return types.first { $0.element.element.cName == nil }.map { "here is \($0.element)" }
      },
      Constraint(
        "c-size", "a tensor takes less than 2 GiB",
        help: "run smaller inputs, or cut the tensor into parts"
      ) { view in
        view.allTypes.first { type in
          guard let count = type.shape.checkedCount else { return false }
          return count > Int(Int32.max) / max(type.element.storageSize, 1)
        }.map { "here is \($0)" }
      },
      arithmetic,
      Constraint(
        "c-plugin-operation", "an operation of a plugin brings C for its operands' types",
        help: "the plugin has to add it"
      ) { pluginViolation($0) },
    ]
  }

  /// Arithmetic kernels are f32, int8 and, for what 16x8 models have, int16; movement takes every
  /// element type.
  private static var arithmetic: Constraint {
    let moving: Set<String> = [
      Reshape.mnemonic, StorageCast.mnemonic, Transpose.mnemonic, Slice.mnemonic, Concat.mnemonic,
      Pad.mnemonic, Gather.mnemonic, BroadcastTo.mnemonic, Quantize.mnemonic,
      Dequantize.mnemonic, Rescale.mnemonic,
    ]
    return Constraint(
      "c-arithmetic", "arithmetic is on f32, or on i8 or i16 quantised per tensor",
      help: "cast to f32, or quantise to int8", action: "--quantize int8"
    ) { view in
      if moving.contains(type(of: view.node.operation).mnemonic) { return nil }
      if view.node.operation is any CEmittable { return nil }
      let types = [view.operandType(0), view.resultType()]
      if let other = types.first(where: { !isArithmetic($0) }) { return "here is \(other)" }
      guard types.contains(where: { $0.element == .i16 }), !hasWideForm(view) else { return nil }
      return "'\(type(of: view.node.operation).mnemonic)' has no form for i16"
    }
  }

  /// Whether `view` is a float layer that reads its weights from fewer bits.
  private static func hasStoredWeights(_ view: OperationView) -> Bool {
    guard view.node.operation is any LayerWithEpilogue, view.operandCount > 1,
      view.constant(1) != nil, view.operandType(0).element == .f32
    else { return false }
    return view.operandType(1).element != .f32 && StoredWeights.isReadable(view.operandType(1))
  }

  private static func isArithmetic(_ type: TensorType) -> Bool {
    if type.element == .f32 { return true }
    return [.i8, .i16].contains(type.element) && type.isQuantized && type.quantization?.axis == nil
  }

  /// Whether a kernel computes `view` on 16-bit integers.
  private static func hasWideForm(_ view: OperationView) -> Bool {
    switch view.node.operation {
    case is Conv2D, is DepthwiseConv2D, is FullyConnected: return true
    case is MatMul, is Add, is Subtract, is Multiply, is Maximum, is Minimum, is Clamp, is Softmax,
      is AveragePool2D, is MaxPool2D, is ReduceMean, is ReduceMax, is ReduceMin:
      return view.operandType(0).element == view.resultType().element
    case let operation:
      let (input, output) = (view.operandType(0), view.resultType())
      return WideFunction(operation, input: input, output: output) != nil
    }
  }

  private static var layers: [Constraint] {
    [
      layer("c-conv2d-weights", Conv2D.self, channelAxis: 0),
      layer("c-depthwise-weights", DepthwiseConv2D.self, channelAxis: 3),
      layer("c-fully-connected-weights", FullyConnected.self, channelAxis: 0),
      Constraint(
        "c-matmul-types", on: MatMul.self,
        "operands are f32, or i8 or i16 per tensor, both of one type",
        help: "quantise both operands per tensor, or neither"
      ) { _, view in
        let types = [view.operandType(0), view.operandType(1)]
        if types[0].element == .f32 { return nil }
        return types.first { $0.element != types[0].element || $0.quantization?.axis != nil }
          .map { "here is \($0)" }
      },
    ]
  }

  /// Weights of a layer.
  private static func layer<Op: Operation>(
    _ code: String, _: Op.Type, channelAxis: Int
  ) -> Constraint {
    Constraint(
      code, on: Op.self,
      "float weights of a convolution are constant; int8 weights have zero point 0, and scales per "
        + "tensor or per output channel; the bias is f32 or i32, or i64 beside i16 activations",
      help: "keep weights in the model, quantised symmetrically per output channel or tensor"
    ) { _, view in
      let weights = view.operandType(1)
      let isInt8 = view.operandType(0).isQuantized
      if Op.self == Conv2D.self, !isInt8, view.constant(1) == nil { return "they are computed" }
      if !isInt8, weights.element != .f32, !hasStoredWeights(view) {
        return "the weights are \(weights)"
      }
      if isInt8 && weights.element != .i8 { return "the weights are \(weights.element.rawValue)" }
      if let zero = weights.quantization?.zeroPoints.first(where: { $0 != 0 }) {
        return "a weight has zero point \(zero)"
      }
      if let axis = weights.quantization?.axis, axis != channelAxis {
        return "the weights' scales run along axis \(axis)"
      }
      let isWide = view.operandType(0).element == .i16
      let biases: Set<ElementType> = isWide ? [.i32, .i64] : [.f32, .i32]
      if view.operandCount > 2, !biases.contains(view.operandType(2).element) {
        return "the bias is \(view.operandType(2).element.rawValue)"
      }
      return nil
    }
  }

  private static var others: [Constraint] {
    let integerBinaries: Set<String> = [
      Divide.mnemonic, Power.mnemonic, ReduceSum.mnemonic, Prelu.mnemonic,
    ]
    return [
      Constraint("c-int8-form", "quantised operations have an integer form",
        help: "leave this operation, or the model, in float", action: "--quantize none"
      ) { view in
        let mnemonic = type(of: view.node.operation).mnemonic
        let isQuantized = view.operandCount > 0 && view.operandType(0).isQuantized
        return isQuantized && integerBinaries.contains(mnemonic)
          ? "'\(mnemonic)' has none yet" : nil
      },
      Constraint(
        "c-int8-extremum", "maximum and minimum of i8 share one scale and zero point",
        help: "leave this operation, or the model, in float", action: "--quantize none"
      ) { view in
        let operation = view.node.operation
        guard operation is Maximum || operation is Minimum, view.resultType().isQuantized else {
          return nil
        }
        let quantizations = Set(view.allTypes.map(\.quantization))
        return quantizations.count == 1 ? nil : "there are \(quantizations.count) here"
      },
      Constraint(
        "c-layer-norm-shape", on: LayerNorm.self,
        "scale and bias have an element for each normalised one",
        help: "broadcast scale and bias to the normalised shape when exporting"
      ) { op, view in
        let shape = view.operandType(0).shape
        let axis = op.axis < 0 ? op.axis + shape.rank : op.axis
        let length = shape.dimensions[axis...].reduce(1, *)
        return (1..<view.operandCount).map { view.operandType($0) }
          .first { $0.shape.checkedCount != length || $0.element != .f32 }.map { "here is \($0)" }
      },
      Constraint(
        "c-pad-mode", on: Pad.self, "padding is constant and does not crop",
        help: "write reflection and edges as slices and concatenations, cropping as a slice"
      ) { op, _ in
        if op.mode != .constant { return "the mode is \(op.mode.rawValue)" }
        return (op.before + op.after).contains { $0 < 0 } ? "it crops" : nil
      },
      Constraint(
        "c-pad-rank", on: Pad.self, "padding is of up to six axes",
        help: "merge axes that are not padded with a reshape"
      ) { _, view in
        view.operandType(0).rank <= Geometry.rank ? nil : "here is \(view.operandType(0))"
      },
      Constraint(
        "c-gather-index", on: Gather.self, "indices are i32 or i64",
        help: "cast the indices to i32"
      ) { _, view in
        let element = view.operandType(1).element
        return element == .i32 || element == .i64 ? nil : "they are \(element.rawValue)"
      },
      Constraint(
        "c-dequantize-type", on: Dequantize.self, "the operand is i8, u8, i16 or i32",
        help: "quantise to one of these when exporting"
      ) { _, view in
        let element = view.operandType(0).element
        return [.i8, .u8, .i16, .i32].contains(element) ? nil : "it is \(element.rawValue)"
      },
      Constraint(
        "c-quantize-type", on: Quantize.self, "f32 becomes i8, u8 or i16",
        help: "quantise from f32 to one of these when exporting"
      ) { op, view in
        if view.operandType(0).element != .f32 { return "here is \(view.operandType(0))" }
        return [.i8, .u8, .i16].contains(op.element) ? nil : "it becomes \(op.element.rawValue)"
      },
      Constraint(
        "c-rescale-type", on: Rescale.self, "widths are a pair that a kernel exists for",
        help: "requantise by way of dequantize and quantize"
      ) { op, view in
        let pairs: Set<String> = [
          "s8_s8", "s8_u8", "u8_s8", "u8_u8", "s8_s16", "s16_s16", "s16_s8", "s32_s8", "s32_s16",
          "s32_s32",
        ]
        let from = view.operandType(0).element
        return pairs.contains("\(from.kernelSuffix)_\(op.element.kernelSuffix)")
          ? nil : "here is \(from.rawValue) to \(op.element.rawValue)"
      },
      Constraint(
        "c-table-type", on: Table.self, "the table is a constant of i8",
        help: "keep a table of i8 in the model"
      ) { _, view in
        if view.constant(1) == nil { return "it is computed" }
        return view.operandType(1).element == .i8
          ? nil : "it is \(view.operandType(1).element.rawValue)"
      },
    ]
  }
}
