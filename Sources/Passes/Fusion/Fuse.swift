import IR

/// Joins a layer with the bias and the activation behind it, and turns products with constant
/// matrices into fully connected layers.
public struct Fuse: Pass {
  public static let name = "fuse"
  public static let summary = "joins convolutions and products with their bias and activation"

  static let patterns: [AnyPattern] = [
    AnyPattern(TurnMatMulIntoFullyConnected()),
    AnyPattern(MoveAddOverReshape()),
    AnyPattern(FuseBias<Conv2D>()), AnyPattern(FuseBias<DepthwiseConv2D>()),
    AnyPattern(FuseBias<FullyConnected>()),
    AnyPattern(FuseClamp<Conv2D>()), AnyPattern(FuseClamp<DepthwiseConv2D>()),
    AnyPattern(FuseClamp<FullyConnected>()), AnyPattern(FuseClamp<Add>()),
    AnyPattern(FuseClamp<Subtract>()), AnyPattern(FuseClamp<Multiply>()),
    AnyPattern(FusePadIntoConvolution<Conv2D>()),
    AnyPattern(FusePadIntoConvolution<DepthwiseConv2D>()),
    AnyPattern(FusePadIntoConvolution<MaxPool2D>()),
    AnyPattern(FusePadIntoConvolution<AveragePool2D>()),
    AnyPattern(TurnGlobalPoolIntoMean()), AnyPattern(DropReducedAxes()),
    AnyPattern(TurnPreluIntoLeakyRelu()),
  ]

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    try PatternDriver(Fuse.patterns + Canonicalize.patterns).run(on: &rewriter)
    RemoveDeadCode.sweep(&rewriter)
  }
}
