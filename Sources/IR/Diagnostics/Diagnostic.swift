/// Something that edgecc has to tell: a value, never printed where it arises.
///
/// Renders as `model.onnx:Conv_3: error: …` with `note:` and `help:` lines below.
public struct Diagnostic: Error, Hashable, Sendable {
  public enum Severity: String, Hashable, Sendable, Comparable {
    case remark, warning, error
    public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    private var rank: Int { self == .error ? 2 : self == .warning ? 1 : 0 }
  }

  /// What kind of trouble it is; decides the exit status of the command.
  public enum Category: String, Hashable, Sendable {
    /// Bad usage or bad input: exit status 2.
    case input
    /// A well-formed model that this build or target cannot take: exit status 1.
    case unsupported
    /// Results differ, or a budget is exceeded: exit status 1.
    case finding
    /// A fault of edgecc itself: exit status 70.
    case `internal`
  }

  public var severity: Severity
  public var category: Category
  /// A lower-case sentence without a full stop that stands on its own.
  public var message: String
  /// The file that it speaks of; filled in by the stage that knows it.
  public var file: String?
  /// The source node or place in the file.
  public var place: String?
  public var notes: [String]
  /// What the reader can do about it.
  public var help: [String]
  /// The source model's operator that it speaks of, where a frontend says so.
  public var source: SourceOperator?

  public init(
    _ severity: Severity, _ category: Category, _ message: String, file: String? = nil,
    place: String? = nil, notes: [String] = [], help: [String] = []
  ) {
    self.severity = severity
    self.category = category
    self.message = message
    self.file = file
    self.place = place
    self.notes = notes
    self.help = help
  }

  /// An error in the input.
  public static func error(
    _ message: String, file: String? = nil, place: String? = nil, notes: [String] = [],
    help: [String] = []
  ) -> Diagnostic {
    Diagnostic(.error, .input, message, file: file, place: place, notes: notes, help: help)
  }

  /// A well-formed model that asks for what is not there.
  public static func unsupported(
    _ message: String, file: String? = nil, place: String? = nil, notes: [String] = [],
    help: [String] = []
  ) -> Diagnostic {
    Diagnostic(.error, .unsupported, message, file: file, place: place, notes: notes, help: help)
  }

  public static func warning(
    _ message: String, place: String? = nil, notes: [String] = [], help: [String] = []
  ) -> Diagnostic {
    Diagnostic(.warning, .input, message, place: place, notes: notes, help: help)
  }

  /// A broken promise inside edgecc.
  public static func internalError(_ message: String, place: String? = nil) -> Diagnostic {
    Diagnostic(.error, .internal, message, place: place)
  }

  /// The same diagnostic with the file filled in where it is missing.
  public func inFile(_ name: String) -> Diagnostic {
    var copy = self
    if copy.file == nil { copy.file = name }
    return copy
  }
}

/// An operator of the source format, as a model uses it.
public struct SourceOperator: Hashable, Sendable {
  /// `ai.onnx`, `com.microsoft`, `tflite`, `custom`.
  public var domain: String
  public var name: String
  /// Of the operator set (ONNX) or the operator (TFLite); nil where it is not known.
  public var version: Int?
  /// Whether the frontend knows the operator, so that only this form of it is not taken.
  public var isKnown: Bool

  public init(domain: String, name: String, version: Int?, isKnown: Bool) {
    self.domain = domain
    self.name = name
    self.version = version
    self.isKnown = isKnown
  }
}

extension Diagnostic: CustomStringConvertible {
  public var description: String {
    var head = [file, place].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ":")
    if !head.isEmpty { head += ": " }
    let lines = notes.map { "  note: \($0)" } + help.map { "  help: \($0)" }
    return (["\(head)\(severity.rawValue): \(message)"] + lines).joined(separator: "\n")
  }
}

/// The diagnostics of one run, in order.
public struct DiagnosticLog: Sendable {
  public private(set) var diagnostics: [Diagnostic] = []

  public init() {}

  public mutating func append(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  public var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }

  /// Throws `Diagnostics` if any error was appended. Called at the border of each stage.
  public func throwIfErrors() throws {
    if !errors.isEmpty { throw Diagnostics(diagnostics) }
  }
}

/// Several diagnostics thrown together: a stage reports all it found, not just the first.
public struct Diagnostics: Error, Sendable {
  public var all: [Diagnostic]
  public init(_ all: [Diagnostic]) { self.all = all }
}
