/// What a pass is given besides the graph, and where it leaves findings.
public struct PassContext: Sendable {
  public var log = DiagnosticLog()
  /// The function at hand.
  public var functionName: String = Module.mainName
  /// What the target can do; empty where there is no target.
  public var constraints: [Constraint]
  /// Samples for calibration: each has one tensor per input of `main`. Empty where none were given.
  public var calibration: [[Tensor]]
  /// What passes took from the samples; where it is replayed, what they take in their place.
  public var record = CalibrationRecord()
  /// Reads samples for `main` from a file that a pass's option names; nil where files cannot be read.
  public var readSamples: (@Sendable (_ path: String) throws -> [[Tensor]])?
  /// Told how far a long pass is, as done and total.
  public var progress: (@Sendable (_ title: String, _ done: Int, _ total: Int) -> Void)?
  /// The rewrites made so far, and how many may be made.
  public var rewrites = RewriteCounter()
  /// Whether `remarks` is filled.
  public var collectsRemarks: Bool = false
  /// What rewrites were made and missed, in order.
  public internal(set) var remarks: [Remark] = []

  public init(
    constraints: [Constraint] = [], calibration: [[Tensor]] = [],
    progress: (@Sendable (String, Int, Int) -> Void)? = nil
  ) {
    self.constraints = constraints
    self.calibration = calibration
    self.progress = progress
  }
}
