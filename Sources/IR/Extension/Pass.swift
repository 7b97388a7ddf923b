/// A transformation or check of a whole module.
public protocol Pass: Sendable, SendableMetatype {
  /// kebab-case, as typed in `--pass-pipeline`.
  static var name: String { get }
  /// One sentence for `edgecc passes`.
  static var summary: String { get }
  static var options: [PassOption] { get }
  /// - Throws: `Diagnostic` for an option it does not take.
  init(options: PassOptions) throws
  /// Works on one function. Findings go to `context.log`; throws `Diagnostic` where it cannot go on.
  func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws
}

extension Pass {
  public static var options: [PassOption] { [] }
}

/// An option that a pass declares.
public struct PassOption: Sendable {
  public let name: String
  /// What may be written: `int8|int16x8`, `<number>`.
  public let values: String
  public let defaultValue: String
  public let help: String

  public init(_ name: String, values: String, defaultValue: String, help: String) {
    self.name = name
    self.values = values
    self.defaultValue = defaultValue
    self.help = help
  }
}

/// Options as written: `name{key=value,flag}`.
public struct PassOptions: Hashable, Sendable {
  public var values: [String: String]
  public init(_ values: [String: String] = [:]) { self.values = values }
  public subscript(name: String) -> String? { values[name] }
}

/// What a pass is given besides the graph, and where it leaves findings.
public struct PassContext: Sendable {
  public var log = DiagnosticLog()
  /// The function at hand.
  public var functionName: String = Module.mainName
  /// What the target can do; empty where there is no target.
  public var constraints: [Constraint]
  /// Samples for calibration: each has one tensor per input of `main`. Empty where none were given.
  public var calibration: [[Tensor]]
  /// Told how far a long pass is, as done and total.
  public var progress: (@Sendable (_ title: String, _ done: Int, _ total: Int) -> Void)?

  public init(
    constraints: [Constraint] = [], calibration: [[Tensor]] = [],
    progress: (@Sendable (String, Int, Int) -> Void)? = nil
  ) {
    self.constraints = constraints
    self.calibration = calibration
    self.progress = progress
  }
}
