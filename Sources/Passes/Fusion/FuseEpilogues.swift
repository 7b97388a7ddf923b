import IR

/// Lets float layers go on with their sums: residual additions, activations and the layout of images
/// at the borders of the model join the layer. Runs last, since quantised layers have none of these;
/// `expand-composites` takes them apart again.
public struct FuseEpilogues: Pass {
  public static let name = "fuse-epilogues"
  public static let summary =
    "joins float layers with residual additions, activations and transposes of images"

  public static let options: [PassOption] = [
    PassOption(
      "activations",
      .choices(Activation.allCases.filter { $0 != .none }.map(\.rawValue)), default: "all",
      help: "which activations join a layer")
  ]

  private let activations: Set<String>

  public init(options: PassOptions) throws { activations = try options.choices("activations") }

  private var patterns: [AnyPattern] {
    let layers =
      joining(Conv2D.self) + joining(DepthwiseConv2D.self) + joining(FullyConnected.self)
    return layers + [
      AnyPattern(ReadPlanarImage<Transpose>()), AnyPattern(ReadPlanarImage<Reshape>()),
      AnyPattern(ReducePlanarImage()), AnyPattern(MergeReshapes()),
      AnyPattern(DropIdentityReshape()),
    ]
  }

  /// What joins one kind of layer: a residual, then an activation, then a clamp.
  private func joining<Layer: LayerWithEpilogue & Clamping>(_: Layer.Type) -> [AnyPattern] {
    let functions: [(Activation, AnyPattern)] = [
      (.sigmoid, AnyPattern(FuseActivation<Layer, Sigmoid>())),
      (.tanh, AnyPattern(FuseActivation<Layer, Tanh>())),
      (.silu, AnyPattern(FuseActivation<Layer, Silu>())),
      (.gelu, AnyPattern(FuseActivation<Layer, Gelu>())),
      (.hardSwish, AnyPattern(FuseActivation<Layer, HardSwish>())),
      (.approximateGelu, AnyPattern(FuseActivation<Layer, ApproximateGelu>())),
      (.leakyRelu, AnyPattern(FuseActivation<Layer, LeakyRelu>())),
    ]
    let chosen = functions.filter { activations.contains($0.0.rawValue) }.map(\.1)
    return [AnyPattern(FuseResidual<Layer>())] + chosen + [AnyPattern(FuseClamp<Layer>())]
  }

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    try PatternDriver(patterns).run(on: &rewriter)
    RemoveDeadCode.sweep(&rewriter)
  }
}
