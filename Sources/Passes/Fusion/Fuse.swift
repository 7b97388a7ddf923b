import IR

/// Joins a layer with the bias and the activation behind it, and turns products with constant
/// matrices into fully connected layers.
public struct Fuse: Pass {
  public static let name = "fuse"
  public static let summary = "joins convolutions and products with their bias and activation"

  public static let options: [PassOption] = [
    PassOption(
      "activations", .choices(FuseClampKind.allCases.map(\.rawValue)), default: "all",
      help: "which activations become a layer's bounds; clamp is any other pair of bounds")
  ]

  private let activations: Set<FuseClampKind>

  public init(options: PassOptions) throws {
    let names = try options.choices("activations")
    activations = Set(FuseClampKind.allCases.filter { names.contains($0.rawValue) })
  }

  private var patterns: [AnyPattern] {
    Fuse.layers + [
      AnyPattern(FuseClamp<Conv2D>(activations)), AnyPattern(FuseClamp<DepthwiseConv2D>(activations)),
      AnyPattern(FuseClamp<FullyConnected>(activations)), AnyPattern(FuseClamp<Add>(activations)),
      AnyPattern(FuseClamp<Subtract>(activations)), AnyPattern(FuseClamp<Multiply>(activations)),
    ]
  }

  private static let layers: [AnyPattern] = [
    AnyPattern(TurnMatMulIntoFullyConnected()),
    AnyPattern(MoveAddOverReshape()),
    AnyPattern(FuseBias<Conv2D>()), AnyPattern(FuseBias<DepthwiseConv2D>()),
    AnyPattern(FuseBias<FullyConnected>()),
    AnyPattern(FusePadIntoConvolution<Conv2D>()),
    AnyPattern(FusePadIntoConvolution<DepthwiseConv2D>()),
    AnyPattern(FusePadIntoConvolution<MaxPool2D>()),
    AnyPattern(FusePadIntoConvolution<AveragePool2D>()),
    AnyPattern(TurnGlobalPoolIntoMean()), AnyPattern(DropReducedAxes()),
    AnyPattern(TurnPreluIntoLeakyRelu()),
  ]

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    try PatternDriver(patterns + Canonicalize.patterns).run(on: &rewriter)
    RemoveDeadCode.sweep(&rewriter)
  }
}
