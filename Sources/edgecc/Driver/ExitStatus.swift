import IR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the process reports when it ends.
enum ExitStatus: Int32, Sendable {
  case success = 0
  /// Something was found: unsupported, over budget, a mismatch.
  case finding = 1
  /// Bad usage or bad input.
  case usage = 2
  /// A fault of edgecc itself (`EX_SOFTWARE` of sysexits.h).
  case internalError = 70

  /// The status that `diagnostics` ask for: a fault of edgecc weighs most, then bad input.
  init(_ diagnostics: [Diagnostic]) {
    let errors = diagnostics.filter { $0.severity == .error }
    if errors.contains(where: { $0.category == .internal }) {
      self = .internalError
    } else if errors.contains(where: { $0.category == .input }) {
      self = .usage
    } else {
      self = errors.isEmpty ? .success : .finding
    }
  }

  /// Ends the process.
  func end() -> Never { exit(rawValue) }

  /// From here on, writing to a pipe that nobody reads fails instead of ending the process.
  static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}
