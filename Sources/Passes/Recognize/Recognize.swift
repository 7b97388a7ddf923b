import IR

/// Finds the operations that exporters write out: normalisations, attention and activations that
/// have no operator in the model's operator set.
public struct Recognize: Pass {
  public static let name = "recognize"
  public static let summary =
    "finds layer norm, RMS norm, attention, GELU, SiLU and hard swish in their written-out forms"

  static let patterns: [AnyPattern] = [
    AnyPattern(RecognizeLayerNorm<Divide>()), AnyPattern(RecognizeLayerNorm<Multiply>()),
    AnyPattern(FoldScaleIntoNorm<LayerNorm>()), AnyPattern(FoldBiasIntoLayerNorm()),
    AnyPattern(RecognizeRMSNorm<Divide>()), AnyPattern(RecognizeRMSNorm<Multiply>()),
    AnyPattern(FoldScaleIntoNorm<RMSNorm>()),
    AnyPattern(RecognizeGelu<Multiply>()), AnyPattern(RecognizeGelu<Divide>()),
    AnyPattern(RecognizeApproximateGelu()),
    AnyPattern(RecognizeHardSwish<Multiply>()), AnyPattern(RecognizeHardSwish<Divide>()),
    AnyPattern(RecognizeSilu()), AnyPattern(RecognizeAttention()),
  ]

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    let movements: [AnyPattern] = [
      AnyPattern(MergeTransposes()), AnyPattern(DropIdentityTranspose()),
      AnyPattern(MergeAfterTranspose()),
    ]
    try PatternDriver(Recognize.patterns + movements).run(on: &rewriter)
    RemoveDeadCode.sweep(&rewriter)
  }
}
