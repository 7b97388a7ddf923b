import IR

/// How passes are watched and held: what is printed, told, counted and kept.
struct PassSettings: Sendable {
  var printing = IRPrintSettings()
  /// Whether the module is verified after each pass.
  var verifiesEach: Bool = true
  var tellsTime: Bool = false
  /// Rewrites to make before stopping; nil for all.
  var rewriteLimit: Int?
  /// Where the module before the pass at work is kept, in case that pass brings edgecc down.
  var reproducer: String?
  var remarks = RemarkFilter()
  /// Where all remarks are written, as JSON or YAML by the file's extension.
  var remarksFile: String?

  /// Nothing is watched.
  static let plain = PassSettings()
}

/// When the IR is printed around passes.
struct IRPrintSettings: Sendable {
  var before: Set<String> = []
  var after: Set<String> = []
  var beforeAll: Bool = false
  var afterAll: Bool = false
  var afterChange: Bool = false
  var afterFailure: Bool = false
  /// A folder that takes a file per print; nil for standard error.
  var folder: String?

  var isSilent: Bool {
    before.isEmpty && after.isEmpty && !beforeAll && !afterAll && !afterChange && !afterFailure
  }
}

/// The remarks that are shown: for each kind a regular expression for the names of passes and
/// patterns; nil for none.
struct RemarkFilter: Sendable {
  private var expressions: [Remark.Kind: String] = [:]

  var isEmpty: Bool { expressions.isEmpty }

  /// - Throws: a `Diagnostic` where `expression` is none.
  mutating func show(_ kind: Remark.Kind, _ expression: String?) throws {
    guard let expression else { return }
    do { _ = try Regex(expression) } catch {
      throw Diagnostic.error(
        "'\(expression)' is no regular expression", help: ["-Rpass=fuse shows what 'fuse' did"])
    }
    expressions[kind] = expression
  }

  /// Those of `remarks` that are to be shown.
  func shown(_ remarks: [Remark]) -> [Remark] {
    let compiled = expressions.compactMapValues { try? Regex($0) }
    return remarks.filter { remark in
      guard let expression = compiled[remark.kind] else { return false }
      return remark.pass.contains(expression) || remark.name.contains(expression)
    }
  }
}
