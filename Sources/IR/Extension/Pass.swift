/// A transformation or check of a whole module.
public protocol Pass: Sendable, SendableMetatype {
  /// kebab-case, as typed in `--pass-pipeline`.
  static var name: String { get }
  /// One sentence for `edgecc passes`.
  static var summary: String { get }
  /// What may stand in braces behind the name; values are checked before the pass is made.
  static var options: [PassOption] { get }
  /// Whether the pass looks at `PassContext.calibration`, which is then filled.
  static var usesCalibration: Bool { get }
  /// - Throws: `Diagnostic` for options that do not go together.
  init(options: PassOptions) throws
  /// Works on one function. Findings go to `context.log`; throws `Diagnostic` where it cannot go on.
  func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws
}

extension Pass {
  public static var options: [PassOption] { [] }
  public static var usesCalibration: Bool { false }
}
