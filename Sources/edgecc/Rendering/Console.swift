import IR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where text goes: results to standard output, diagnostics and progress to standard error.
struct Console: Sendable {
  enum ColorChoice: String, Sendable, CaseIterable { case auto, always, never }

  private let outputColor: Bool
  private let errorColor: Bool
  /// Whether somebody watches standard error.
  let showsProgress: Bool

  /// `auto` colours a stream that is a terminal, unless `NO_COLOR` is set (no-color.org) or the
  /// terminal is dumb.
  init(_ choice: ColorChoice, quiet: Bool, environment: [String: String]) {
    let plain = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
    func decide(_ descriptor: Int32) -> Bool {
      switch choice {
      case .always: true
      case .never: false
      case .auto: !plain && isatty(descriptor) == 1
      }
    }
    outputColor = decide(STDOUT_FILENO)
    errorColor = decide(STDERR_FILENO)
    showsProgress = !quiet && isatty(STDERR_FILENO) == 1
  }

  /// Writes to standard output. A reader that has gone away (`| head`) is not an error.
  func print(_ text: String) { Console.write(text, to: STDOUT_FILENO) }

  /// Writes to standard error.
  func note(_ text: String) { Console.write(text, to: STDERR_FILENO) }

  func bold(_ text: String) -> String { Console.paint(text, "1", outputColor) }
  func green(_ text: String) -> String { Console.paint(text, "32", outputColor) }
  func red(_ text: String) -> String { Console.paint(text, "31", outputColor) }
  func dim(_ text: String) -> String { Console.paint(text, "2", outputColor) }

  /// Text for standard error.
  func errorText(_ text: String, _ code: String) -> String { Console.paint(text, code, errorColor) }

  private static func paint(_ text: String, _ code: String, _ enabled: Bool) -> String {
    enabled && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        #if canImport(Glibc)
          let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        #elseif canImport(Musl)
          let count = Musl.write(descriptor, rest.baseAddress, rest.count)
        #else
          let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
        #endif
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }
}
