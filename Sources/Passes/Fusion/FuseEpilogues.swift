import IR

/// Lets float layers go on with their sums: residual additions, activations and the layout of images
/// at the borders of the model join the layer. Runs last, since quantised layers have none of these;
/// `expand-composites` takes them apart again.
public struct FuseEpilogues: Pass {
  public static let name = "fuse-epilogues"
  public static let summary =
    "joins float layers with residual additions, activations and transposes of images"

  static let patterns: [AnyPattern] = [
    AnyPattern(FuseResidual<Conv2D>()), AnyPattern(FuseResidual<DepthwiseConv2D>()),
    AnyPattern(FuseResidual<FullyConnected>()),
    AnyPattern(FuseActivation<Conv2D, Sigmoid>()), AnyPattern(FuseActivation<Conv2D, Tanh>()),
    AnyPattern(FuseActivation<Conv2D, Silu>()), AnyPattern(FuseActivation<Conv2D, Gelu>()),
    AnyPattern(FuseActivation<Conv2D, HardSwish>()),
    AnyPattern(FuseActivation<Conv2D, ApproximateGelu>()),
    AnyPattern(FuseActivation<Conv2D, LeakyRelu>()),
    AnyPattern(FuseActivation<DepthwiseConv2D, Sigmoid>()),
    AnyPattern(FuseActivation<DepthwiseConv2D, Tanh>()),
    AnyPattern(FuseActivation<DepthwiseConv2D, Silu>()),
    AnyPattern(FuseActivation<DepthwiseConv2D, Gelu>()),
    AnyPattern(FuseActivation<DepthwiseConv2D, HardSwish>()),
    AnyPattern(FuseActivation<DepthwiseConv2D, ApproximateGelu>()),
    AnyPattern(FuseActivation<DepthwiseConv2D, LeakyRelu>()),
    AnyPattern(FuseActivation<FullyConnected, Sigmoid>()),
    AnyPattern(FuseActivation<FullyConnected, Tanh>()),
    AnyPattern(FuseActivation<FullyConnected, Silu>()),
    AnyPattern(FuseActivation<FullyConnected, Gelu>()),
    AnyPattern(FuseActivation<FullyConnected, HardSwish>()),
    AnyPattern(FuseActivation<FullyConnected, ApproximateGelu>()),
    AnyPattern(FuseActivation<FullyConnected, LeakyRelu>()),
    AnyPattern(FuseClamp<Conv2D>()), AnyPattern(FuseClamp<DepthwiseConv2D>()),
    AnyPattern(FuseClamp<FullyConnected>()),
    AnyPattern(ReadPlanarImage<Transpose>()), AnyPattern(ReadPlanarImage<Reshape>()),
    AnyPattern(ReducePlanarImage()), AnyPattern(MergeReshapes()),
    AnyPattern(DropIdentityReshape()),
  ]

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    try PatternDriver(FuseEpilogues.patterns).run(on: &rewriter)
    RemoveDeadCode.sweep(&rewriter)
  }
}
