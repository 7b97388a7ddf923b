import IR

/// The passes that every build knows.
public let builtinPasses: [any Pass.Type] = [
  Canonicalize.self, Simplify.self, FoldConstants.self, RemoveDeadCode.self, RemoveDuplicates.self,
  FoldBatchNorm.self, Recognize.self, Fuse.self, FuseEpilogues.self, ExpandComposites.self,
  NormalizeLayout.self, ReduceStrength.self, SpaceToDepthStem.self, RemoveChannels.self,
  Prune.self, EqualizeActivations.self, SmoothActivations.self, QuantizeActivations.self,
  ConvertQDQ.self, CompressWeights.self, NormalizeSignedness.self, RoundAsTFLite.self,
  LowerTables.self, CheckSupport.self, ResetStates.self,
]

/// What every compilation runs after import, before quantisation and the target's own passes.
public let standardPipeline: String = [
  "fold-constants", "remove-duplicates", "canonicalize", "recognize", "fold-batch-norm",
  "normalize-layout", "canonicalize", "recognize", "simplify", "fuse", "reduce-strength",
  "fold-constants", "normalize-signedness", "convert-qdq", "canonicalize", "remove-duplicates",
  "normalize-layout", "convert-qdq", "fuse", "fold-constants{dequantize=true}", "simplify", "remove-channels",
  "reduce-strength", "canonicalize", "remove-duplicates", "fuse-epilogues",
].joined(separator: ",")

/// What follows where channels are to go: on layers that have nothing behind them but a clamp.
public func prunePipeline(
  ratio: Double, multiple: Int = 1, importance: ChannelImportance = .reconstruction,
  scope: ChannelScope = .global, refits: Bool = true
) -> String {
  var options = ["ratio=\(ratio)"]
  if multiple != 1 { options.append("multiple=\(multiple)") }
  if importance != .reconstruction { options.append("importance=\(importance.rawValue)") }
  if scope != .global { options.append("scope=\(scope.rawValue)") }
  if !refits { options.append("refit=false") }
  let prune = "prune{\(options.joined(separator: ","))}"
  return [
    "expand-composites{only=all}", prune, "canonicalize", "remove-duplicates", "recognize",
    "fuse-epilogues",
  ].joined(separator: ",")
}

/// What follows where a float model is to be quantised to int8: ranges from calibration, then the same
/// conversion that imported quantised models go through.
public let quantizePipeline: String = quantizePipeline(Recipe())

/// What follows where a float model is to be quantised as `recipe` says.
///
/// - Parameter isDraft: whether weights of integer layers are rounded each to its nearest, which is
///   quick and less exact: to compare recipes with.
public func quantizePipeline(_ recipe: Recipe, isDraft: Bool = false) -> String {
  let options = recipe == Recipe() ? [:] : ["recipe": recipe.text]
  var steps: [String] = []
  if recipe.isInteger {
    let hurried = isDraft ? ["weights": "nearest", "correct-bias": "false"] : [:]
    let quantize = Pipeline.Step("quantize", options.merging(hurried) { first, _ in first })
    steps += ["expand-composites{only=all}", "equalize-activations", "smooth-activations"]
    steps.append(quantize.text)
    steps += [
      "convert-qdq{rounding=single}", "fold-constants{dequantize=true}", "canonicalize",
      "remove-duplicates",
    ]
  }
  if recipe.hasWeightOnly { steps.append(Pipeline.Step("compress-weights", options).text) }
  return steps.joined(separator: ",")
}

/// Pipelines by the name that stands for them in `--pass-pipeline`.
public let builtinPipelines: [String: String] = [
  "default": standardPipeline, "default-quantize": quantizePipeline,
]
