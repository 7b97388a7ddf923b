import Foundation
import IR

/// Runs a program and waits for it.
public struct Subprocess {
  /// What it said.
  public struct Outcome {
    public let status: Int32
    public let output: String
    public let errors: String
  }

  /// - Parameter timeout: in seconds; the program is ended after it.
  /// - Throws: `Diagnostic` if it cannot be started or takes too long.
  public static func run(
    _ program: String, _ arguments: [String], in folder: URL, timeout: Double = 600
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    // Files cannot fill up and block the program, as pipes can.
    let unique = UUID().uuidString
    let logs = ["out", "err"].map { folder.appendingPathComponent("\(unique).\($0)") }
    defer { for log in logs { try? FileManager.default.removeItem(at: log) } }
    do {
      for log in logs { try Data().write(to: log) }
      process.standardOutput = try FileHandle(forWritingTo: logs[0])
      process.standardError = try FileHandle(forWritingTo: logs[1])
      let finished = DispatchSemaphore(value: 0)
      process.terminationHandler = { _ in finished.signal() }
      try process.run()
      if finished.wait(timeout: .now() + timeout) == .timedOut {
        process.terminate()
        throw Diagnostic.unsupported("'\(program)' did not end within \(Int(timeout)) seconds")
      }
    } catch let diagnostic as Diagnostic {
      throw diagnostic
    } catch {
      throw Diagnostic.unsupported("'\(program)' cannot be run: \(error.localizedDescription)")
    }
    let texts = logs.map { String(decoding: (try? Data(contentsOf: $0)) ?? Data(), as: UTF8.self) }
    return Outcome(status: process.terminationStatus, output: texts[0], errors: texts[1])
  }

  /// The path of the program `name` on the search path; nil where there is none.
  public static func find(_ name: String) -> String? {
    if name.contains("/") {
      return FileManager.default.isExecutableFile(atPath: name) ? name : nil
    }
    let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    for folder in folders.split(separator: ":") {
      let path = "\(folder)/\(name)"
      if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    return nil
  }
}
