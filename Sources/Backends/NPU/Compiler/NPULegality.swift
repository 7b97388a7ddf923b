import IR

/// What the machine demands of an operation. The documentation's list of supported operators and
/// the reasons for falling back to the CPU are these sentences.
struct NPULegality {
  let configuration: NPUConfiguration

  /// The operations that become instructions or address arithmetic.
  static let operations: [any Operation.Type] = [
    Conv2D.self, DepthwiseConv2D.self, FullyConnected.self, Add.self, Subtract.self,
    Multiply.self, Maximum.self, Minimum.self, MaxPool2D.self, AveragePool2D.self,
    ReduceMean.self, Softmax.self, Rescale.self, Clamp.self, Table.self, Reshape.self,
    Concat.self, Slice.self, Pad.self, Transpose.self,
  ]

  /// Functions of one value, for which the operation itself fills a lookup table.
  static let functions: [any Operation.Type] = [
    Absolute.self, Negate.self, Exponential.self, Logarithm.self, SquareRoot.self,
    ReciprocalSquareRoot.self, Reciprocal.self, Sigmoid.self, Tanh.self, ErrorFunction.self,
    Floor.self, Ceil.self, HardSwish.self, HardSigmoid.self, Gelu.self, Softplus.self,
    LeakyRelu.self, Elu.self, Silu.self, ApproximateGelu.self,
  ]

  /// The legality table.
  var constraints: [Constraint] { general + products + windows + elementwise + movement }

  private var general: [Constraint] {
    let known = (Self.operations + Self.functions).map { $0.mnemonic }
    return [
      Constraint(
        "npu-operation", "the machine has an instruction for the operation",
        help: "let it run on the CPU, or write the model with the operations listed here"
      ) { view in
        let mnemonic = type(of: view.node.operation).mnemonic
        return known.contains(mnemonic) ? nil : "there is none for '\(mnemonic)'"
      },
      Constraint(
        "npu-int8", "activations are i8 with one scale per tensor and a known shape",
        help: "quantise the model to int8, or export it so", action: "--quantize int8"
      ) { view in
        var values = view.node.results
        values += view.node.operands.filter { view.graph.constant($0) == nil }
        for value in values {
          let type = view.graph[value]
          guard type.element == .i8, let quantization = type.quantization,
            quantization.axis == nil, type.shape.isStatic, type.shape.count > 0
          else { return "here is \(type)" }
        }
        return nil
      },
      Constraint(
        "npu-live", "at least one operand is computed while the model runs",
        help: "fold the constants: the pass 'fold-constants' does, unless the result is too large"
      ) { view in
        let live = view.node.operands.contains { view.graph.constant($0) == nil }
        return live ? nil : "all operands are constants"
      },
    ]
  }

  private var products: [Constraint] {
    [
      Constraint(
        "npu-conv2d", on: Conv2D.self, Self.productSentence, help: Self.productHelp
      ) { op, view in
        let window = Self.window(view.operandType(1).shape, [op.stride, op.dilation])
        return Self.batch(view) ?? window ?? Self.weights(view)
      },
      Constraint(
        "npu-depthwise", on: DepthwiseConv2D.self, Self.productSentence, help: Self.productHelp
      ) { op, view in
        let window = Self.window(view.operandType(1).shape, [op.stride, op.dilation])
        return Self.batch(view) ?? window ?? Self.weights(view)
      },
      Constraint(
        "npu-fully-connected", on: FullyConnected.self,
        "weights are constant i8 with zero point 0, the bias is constant",
        help: "quantise weights symmetrically to i8 and keep them in the model"
      ) { _, view in Self.weights(view) },
    ]
  }

  private var windows: [Constraint] {
    [
      Constraint(
        "npu-max-pool", on: MaxPool2D.self, Self.windowSentence, help: Self.windowHelp
      ) { op, view in
        Self.batch(view) ?? Self.extents(op.kernel + op.stride + op.dilation)
      },
      Constraint(
        "npu-avg-pool", on: AveragePool2D.self, Self.windowSentence, help: Self.windowHelp
      ) { op, view in
        Self.batch(view) ?? Self.extents(op.kernel + op.stride)
      },
      Constraint(
        "npu-avg-pool-padding", on: AveragePool2D.self, "taps in the padding do not count",
        help: "export with count_include_pad=False, or pad before the pool"
      ) { op, _ in
        op.countPadding && op.pad.contains { $0 > 0 } ? "padding \(op.pad) counts" : nil
      },
      Constraint(
        "npu-reduce-mean", on: ReduceMean.self,
        "the mean runs over height and width of one image (axes 1 and 2 of 4)",
        help: "reshape to one image whose height and width are what is averaged"
      ) { op, view in
        let rank = view.operandType(0).rank
        let axes = op.axes.map { $0 < 0 ? $0 + rank : $0 }.sorted()
        if rank == 4 && axes == [1, 2] { return Self.batch(view) }
        return "axes \(op.axes) of \(view.operandType(0).shape)"
      },
      Constraint(
        "npu-softmax", on: Softmax.self, "softmax runs over the last axis",
        help: "transpose so that the axis is the last"
      ) { op, view in
        let rank = view.operandType(0).rank
        return op.axis == -1 || op.axis == rank - 1 ? nil : "axis \(op.axis) of \(rank)"
      },
    ]
  }

  private var elementwise: [Constraint] {
    let sentence: String = "operands and result share scale and zero point"
    let help: String = "quantise all three alike, as exporters do for maximum and minimum"
    return [
      Constraint("npu-maximum", on: Maximum.self, sentence, help: help) { _, view in
        Self.oneScale(view)
      },
      Constraint("npu-minimum", on: Minimum.self, sentence, help: help) { _, view in
        Self.oneScale(view)
      },
      Constraint(
        "npu-table", on: Table.self, "the table is constant",
        help: "keep the table in the model"
      ) { _, view in
        view.constant(1) == nil ? "it is computed" : nil
      },
    ]
  }

  /// Shapes, broadcasts and movements: lowering itself says whether descriptors can express them.
  private var movement: [Constraint] {
    let configuration = configuration
    return [
      Constraint(
        "npu-descriptor", "strides and at most 1024 DMA commands express shape and movement",
        help: "merge neighbouring axes with a reshape, or let it run on the CPU"
      ) { view in
        if view.node.operation is any NPUWeighted { return nil }
        let live = view.node.operands.filter { view.graph.constant($0) == nil }
        guard view.allTypes.allSatisfy({ $0.shape.isStatic && $0.element == .i8 }),
          (Self.operations + Self.functions).contains(where: { $0 == type(of: view.node.operation) })
        else { return nil }
        do {
          var lowering = NPULowering(view.graph, configuration)
          _ = try lowering.lower(
            [view.id], inputs: Self.distinct(live), outputs: view.node.results)
          return nil
        } catch {
          return "\(error)"
        }
      }
    ]
  }
}

/// Products whose lowering copies weights; their own constraints cover what can go wrong.
private protocol NPUWeighted {}
extension Conv2D: NPUWeighted {}
extension DepthwiseConv2D: NPUWeighted {}
extension FullyConnected: NPUWeighted {}

extension NPULegality {
  private static let productSentence: String =
    "one image; kernel, stride and dilation are at most 255; weights are constant i8 with zero "
    + "point 0, the bias is constant"
  private static let productHelp: String =
    "run one image at a time (--dim or --shape); keep i8 weights in the model; larger windows: "
    + "cut the convolution into several"
  private static let windowHelp: String =
    "run one image at a time (--dim or --shape); larger windows: cut the pool into two"
  private static let windowSentence: String =
    "one image; kernel, stride and dilation are at most 255"

  private static func distinct(_ values: [Value]) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert($0).inserted }
  }

  private static func batch(_ view: OperationView) -> String? {
    let batch = view.operandType(0).shape[0]
    return batch == 1 ? nil : "\(batch) images"
  }

  private static func window(_ weights: Shape, _ steps: [[Int]]) -> String? {
    extents([weights[1], weights[2]] + steps.flatMap { $0 })
  }

  private static func extents(_ values: [Int]) -> String? {
    guard let large = values.first(where: { !(1...255).contains($0) }) else { return nil }
    return "an extent of \(large)"
  }

  private static func weights(_ view: OperationView) -> String? {
    let type = view.operandType(1)
    guard view.constant(1) != nil, type.element == .i8, let scales = type.quantization else {
      return "weights are \(type)\(view.constant(1) == nil ? ", computed" : "")"
    }
    if scales.zeroPoints.contains(where: { $0 != 0 }) { return "weights have a zero point" }
    guard view.operandCount > 2 else { return nil }
    guard let bias = view.constant(2) else { return "the bias is computed" }
    return bias.element == .i32 ? nil : "the bias is \(bias.type)"
  }

  private static func oneScale(_ view: OperationView) -> String? {
    let scales = view.allTypes.map(\.quantization)
    return scales.dropFirst().allSatisfy { $0 == scales[0] } ? nil : "they differ"
  }
}
