import IR

/// Fills a step with the kernel calls of its operation.
typealias Lowering = @Sendable (inout StepBuilder) throws -> Void

/// The lowering of every operation that has kernels.
struct LoweringTable: Sendable {
  private let entries: [String: Lowering]

  init() {
    var entries: [String: Lowering] = [
      Conv2D.mnemonic: lowerConv2D, DepthwiseConv2D.mnemonic: lowerDepthwiseConv2D,
      FullyConnected.mnemonic: lowerFullyConnected, MatMul.mnemonic: lowerMatMul,
      AveragePool2D.mnemonic: lowerAveragePool, MaxPool2D.mnemonic: lowerMaxPool,
      ReduceMean.mnemonic: lowerReduceMean, ReduceSum.mnemonic: lowerReduceSum,
      ReduceMax.mnemonic: lowerReduceMax, ReduceMin.mnemonic: lowerReduceMin,
      Softmax.mnemonic: lowerSoftmax, LayerNorm.mnemonic: lowerLayerNorm,
      BroadcastTo.mnemonic: lowerBroadcastTo,
      Transpose.mnemonic: lowerTranspose, Slice.mnemonic: lowerSlice,
      Concat.mnemonic: lowerConcat, Pad.mnemonic: lowerPad, Gather.mnemonic: lowerGather,
      Quantize.mnemonic: lowerQuantize, Dequantize.mnemonic: lowerDequantize,
      Rescale.mnemonic: lowerRescale, Table.mnemonic: lowerTable,
    ]
    entries.merge(LoweringTable.elementwise) { $1 }
    self.entries = entries
  }

  private static var elementwise: [String: Lowering] {
    [
      Add.mnemonic: lowerAdd, Subtract.mnemonic: lowerSubtract, Multiply.mnemonic: lowerMultiply,
      Clamp.mnemonic: lowerClamp,
      Divide.mnemonic: lowerFloatBinary("div"), Power.mnemonic: lowerFloatBinary("pow"),
      Maximum.mnemonic: lowerExtremumOfTwo("max"), Minimum.mnemonic: lowerExtremumOfTwo("min"),
      Prelu.mnemonic: lowerFloatBinary("prelu"),
      Sigmoid.mnemonic: lowerUnary("sigmoid"), Tanh.mnemonic: lowerUnary("tanh"),
      Exponential.mnemonic: lowerUnary("exp"), Logarithm.mnemonic: lowerUnary("log"),
      SquareRoot.mnemonic: lowerUnary("sqrt"), ReciprocalSquareRoot.mnemonic: lowerUnary("rsqrt"),
      Reciprocal.mnemonic: lowerUnary("reciprocal"), ErrorFunction.mnemonic: lowerUnary("erf"),
      Negate.mnemonic: lowerUnary("neg"), Absolute.mnemonic: lowerUnary("abs"),
      Floor.mnemonic: lowerUnary("floor"), Ceil.mnemonic: lowerUnary("ceil"),
      Round.mnemonic: lowerUnary("round"), Sign.mnemonic: lowerUnary("sign"),
      Sine.mnemonic: lowerUnary("sin"), Cosine.mnemonic: lowerUnary("cos"),
      HardSwish.mnemonic: lowerUnary("hard_swish"), Softplus.mnemonic: lowerUnary("softplus"),
      Silu.mnemonic: lowerUnary("silu"),
      Gelu.mnemonic: lowerUnary("gelu") { _ in ["0"] },
      ApproximateGelu.mnemonic: lowerUnary("gelu") { _ in ["1"] },
      HardSigmoid.mnemonic: lowerUnary("hard_sigmoid") { operation in
        guard let op = operation as? HardSigmoid else { return [] }
        return [CLiteral.float(op.alpha), CLiteral.float(op.beta)]
      },
      LeakyRelu.mnemonic: lowerUnary("leaky_relu") { operation in
        [CLiteral.float((operation as? LeakyRelu)?.alpha ?? 0)]
      },
      Elu.mnemonic: lowerUnary("elu") { operation in
        [CLiteral.float((operation as? Elu)?.alpha ?? 1)]
      },
    ]
  }

  /// The lowering of `mnemonic`; nil where no kernel computes it.
  subscript(mnemonic: String) -> Lowering? { entries[mnemonic] }

  /// The lowering of `operation`: by its kernel, or by the C that it brings itself.
  subscript(operation: any Operation) -> Lowering? {
    if let known = entries[type(of: operation).mnemonic] { return known }
    return operation is any CEmittable ? lowerPluginOperation : nil
  }

  /// Operations that only give the same bytes another type, and need no code.
  static func isAlias(_ operation: any Operation) -> Bool {
    operation is Reshape || operation is StorageCast
  }

  /// The operands that a result may replace in place: the kernel reads each element before it
  /// writes the element at that place, and never again.
  static func overwrites(_ node: Node, _ graph: Graph) -> [Int] {
    guard let result = node.results.first else { return [] }
    let isElementwise =
      inPlaceMnemonics.contains(type(of: node.operation).mnemonic)
      && graph[result].element.storageSize == graph[node.operands[0]].element.storageSize
    guard isElementwise else { return [] }
    return node.operands.indices.filter { index in
      let operand = node.operands[index]
      return graph.constant(operand) == nil && graph[operand].shape == graph[result].shape
        && graph[operand].element.storageSize == graph[result].element.storageSize
    }
  }

  private static let inPlaceMnemonics: Set<String> = Set(elementwise.keys).union([
    Rescale.mnemonic, Table.mnemonic,
  ])

  /// The mnemonics that a program may hold.
  var mnemonics: Set<String> {
    Set(entries.keys).union([Reshape.mnemonic, StorageCast.mnemonic])
  }
}
