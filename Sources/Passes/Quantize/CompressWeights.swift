import IR

/// Stores the weights of layers that go on computing in float in fewer bits.
///
/// ```
/// %1 = conv2d(%0, @w, @b)      →      %1 = conv2d(%0, @w : i8, scale per output channel, @b)
/// ```
/// As the recipe says of each layer: halves, or integers of 8 or 4 bits with a scale per output
/// channel. Needs no calibration.
public struct CompressWeights: Pass {
  public static let name = "compress-weights"
  public static let summary = "stores weights of float layers in 16, 8 or 4 bits"
  public static let options: [PassOption] = [
    PassOption(
      "recipe", .text("weights-int8;last=float32"), default: Precision.weightsInt8.rawValue,
      help: "the precision of all operations, and rules for some")
  ]

  private let recipe: Recipe

  public init(options: PassOptions) throws {
    recipe = try Recipe(parsing: try options.text("recipe"))
  }

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    let choices = RecipeChoices(recipe, rewriter.graph)
    // Where activations become integers, too, the pass that does it has told already.
    if !recipe.isInteger { choices.warnings.forEach { context.log.append($0) } }
    for id in rewriter.graph.allOperations() {
      let precision = choices.precision(of: id)
      if precision.isWeightOnly { compress(id, precision, &rewriter) }
    }
  }

  private func compress(_ id: OperationID, _ precision: Precision, _ rewriter: inout Rewriter) {
    let graph = rewriter.graph
    let node = graph[id]
    guard RecipeChoices.isLayer(id, graph), graph[node.operands[0]].element == .f32,
      let weights = graph.constant(node.operands[1]), weights.element == .f32
    else { return }
    let axis = node.operation is DepthwiseConv2D ? 3 : 0
    guard let stored = CompressWeights.stored(weights, axis: axis, precision) else {
      rewriter.declined(id, by: Self.name, because: "weights are beyond the range of 16-bit floats")
      return
    }
    let value = rewriter.constant(stored, name: graph.name(of: node.operands[1]))
    rewriter.setOperand(1, of: id, to: value)
  }

  /// nil where the format cannot hold the weights.
  static func stored(_ weights: Tensor, axis: Int, _ precision: Precision) -> Tensor? {
    switch precision {
    case .float16:
      let largest = weights.floats().reduce(0) { max($0, $1.magnitude) }
      // The largest finite half; what lies behind it by less than half a step rounds to it.
      return largest < 65520 ? weights.converted(to: .f16) : nil
    case .weightsInt8:
      let scales = WeightScales.symmetric(weights, axis: axis)
      return weights.quantized(as: TensorType(.i8, weights.shape, scales), .even)
    case .weightsInt4:
      let scales = WeightScales.leastSquares(weights, axis: axis, limit: 7)
      return weights.quantized(as: TensorType(.i4, weights.shape, scales), .even)
    default: return weights
    }
  }
}
