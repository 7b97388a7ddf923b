import IR

/// Brings operations into their simplest form and removes what is dead.
public struct Canonicalize: Pass {
  public static let name = "canonicalize"
  public static let summary = "brings operations into their simplest form and removes dead ones"

  /// The simplifications, each in its own file.
  static let patterns: [AnyPattern] = identities + movements + arithmetic + choices

  private static let identities: [AnyPattern] = [
    AnyPattern(DropIdentityReshape()), AnyPattern(DropIdentityTranspose()),
    AnyPattern(DropIdentityClamp()), AnyPattern(DropIdentityCast()),
    AnyPattern(DropIdentitySlice()), AnyPattern(DropIdentityPad()),
    AnyPattern(DropSingleConcat()), AnyPattern(DropIdentityRescale()),
    AnyPattern(DropQuantizeOfDequantize()), AnyPattern(DropStorageCast()),
    AnyPattern(DropIdentityBroadcast()),
  ]

  private static let movements: [AnyPattern] = [
    AnyPattern(MergeReshapes()), AnyPattern(MergeTransposes()),
    AnyPattern(TurnTransposeIntoReshape()), AnyPattern(HoistTransposeOverDequantize()),
    AnyPattern(HoistReshapeOverDequantize()), AnyPattern(SinkReshapeBelowQuantize()),
    AnyPattern(FoldTransposeIntoWeights()),
    AnyPattern(SplitBeforeTranspose()), AnyPattern(MergeAfterTranspose()),
    AnyPattern(MergeSlices()), AnyPattern(ReadPartOfConcat()), AnyPattern(SliceWithinPad()),
    AnyPattern(JoinSlices()), AnyPattern(MergeConcats()), AnyPattern(DropEmptyParts()),
    AnyPattern(MergePads()), AnyPattern(TurnCropIntoSlice()), AnyPattern(TurnGatherIntoSlice()),
    AnyPattern(MergeReshapesAround<Clamp>()), AnyPattern(MergeReshapesAround<Sigmoid>()),
    AnyPattern(MergeReshapesAround<Tanh>()), AnyPattern(MergeReshapesAround<HardSwish>()),
    AnyPattern(MergeReshapesAround<Gelu>()), AnyPattern(MergeReshapesAround<LeakyRelu>()),
    AnyPattern(DropBroadcastBelow<Add>()), AnyPattern(DropBroadcastBelow<Subtract>()),
    AnyPattern(DropBroadcastBelow<Multiply>()), AnyPattern(DropBroadcastBelow<Divide>()),
    AnyPattern(DropBroadcastBelow<Maximum>()), AnyPattern(DropBroadcastBelow<Minimum>()),
    AnyPattern(DropBroadcastBelow<Select>()),
  ]

  private static let arithmetic: [AnyPattern] = [
    AnyPattern(MergeClamps()), AnyPattern(DropAdditionOfZero()),
    AnyPattern(DropSubtractionOfZero()), AnyPattern(DropMultiplicationByOne()),
    AnyPattern(DropDivisionByOne()), AnyPattern(DropPowerOfOne()),
    AnyPattern(TurnIntegerProductIntoZero()), AnyPattern(TurnIntegerDifferenceIntoZero()),
    AnyPattern(CancelNegations()), AnyPattern(CancelNots()),
    AnyPattern(DropNegationBelowAbsolute()), AnyPattern(TurnMaximumIntoClamp()),
    AnyPattern(TurnMinimumIntoClamp()),
    AnyPattern(DropRepeatedFunction<Absolute>()), AnyPattern(DropRepeatedFunction<Floor>()),
    AnyPattern(DropRepeatedFunction<Ceil>()), AnyPattern(DropRepeatedFunction<Round>()),
    AnyPattern(DropRepeatedFunction<Sign>()),
    AnyPattern(DropEqualOperands<Maximum>()), AnyPattern(DropEqualOperands<Minimum>()),
    AnyPattern(DropEqualOperands<BitwiseAnd>()), AnyPattern(DropEqualOperands<BitwiseOr>()),
    AnyPattern(DropReductionOfOne<ReduceMean>()), AnyPattern(DropReductionOfOne<ReduceSum>()),
    AnyPattern(DropReductionOfOne<ReduceMax>()), AnyPattern(DropReductionOfOne<ReduceMin>()),
    AnyPattern(DropReductionOfOne<ReduceProduct>()),
  ]

  private static let choices: [AnyPattern] = [
    AnyPattern(DropKnownSelection()), AnyPattern(TurnSelectionAround()), AnyPattern(MergeCasts()),
  ]

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    try PatternDriver(Canonicalize.patterns).run(on: &rewriter)
    RemoveDeadCode.sweep(&rewriter)
  }
}
