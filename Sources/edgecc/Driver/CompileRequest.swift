import IR
import Passes

/// What the user says about how to compile.
struct CompileRequest: Sendable {
  enum Quantize: String, Sendable, CaseIterable {
    case int8, int16x8, float16
    case weightsInt8 = "weights-int8"
    case weightsInt4 = "weights-int4"
    case none

    /// nil for none.
    var precision: Precision? { Precision(name: rawValue) }
  }

  var target: TargetRequest
  /// nil leaves it to the target.
  var quantize: Quantize?
  /// What precision each operation is given, in place of one for all.
  var recipe: Recipe?
  /// How what the model returns is stored; nil as the recipe says.
  var output: Precision?
  /// Whether weights are rounded each to its nearest, so that many recipes can be tried.
  var isDraft: Bool = false
  /// How much structured pruning removes; nil for none.
  var prune: PruneRequest?
  /// A data file or folder; nil for synthetic data.
  var calibration: String?
  /// Where to write what quantisation takes from the samples; nil for nowhere.
  var savesCalibration: String?
  var allowsFallback: Bool = true
  /// Replaces the target's pipeline.
  var pipeline: String?
  /// How four-dimensional data is laid out; nil for as the model wants it.
  var layout: DataLayout?
  /// How pictures and sounds become samples.
  var preprocessing = Preprocessing()

  /// Where compilation ends.
  var lastStage: CompileStage = .lower

  /// What becomes of memory from run to run, which no target has.
  var states: StateHandling = .reset

  init(target: TargetRequest) { self.target = target }
}
