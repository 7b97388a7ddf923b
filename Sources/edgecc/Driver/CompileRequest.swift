import IR

/// What the user says about how to compile.
struct CompileRequest: Sendable {
  enum Quantize: String, Sendable, CaseIterable { case int8, none }

  var target: TargetRequest
  /// nil leaves it to the target.
  var quantize: Quantize?
  /// The part of the multiply-accumulates that structured pruning removes; nil for none.
  var prune: Double?
  /// A data file or folder; nil for synthetic data.
  var calibration: String?
  var allowsFallback: Bool = true
  /// Replaces the target's pipeline.
  var pipeline: String?
  /// How four-dimensional data is laid out; nil for as the model wants it.
  var layout: DataLayout?

  /// Where compilation ends.
  var lastStage: CompileStage = .lower

  /// What becomes of memory from run to run, which no target has.
  var states: StateHandling = .reset

  init(target: TargetRequest) { self.target = target }
}
