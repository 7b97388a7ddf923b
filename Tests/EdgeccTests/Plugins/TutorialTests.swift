import Foundation
import Testing

/// The tutorials of Docs: their files are written, their commands run, their outputs compared.
///
/// A fence `swift file=NAME` is a file. In a `console` fence, a line that begins with `$ ` is a
/// command, and the lines below it are what it prints; `…` stands for anything.
struct Tutorial {
  struct Command {
    let text: String
    var output: [String]
  }
  enum Step {
    case file(name: String, text: String)
    case command(Command)
  }
  private(set) var steps: [Step] = []

  init(_ file: URL) throws {
    var fence: String?
    var lines: [String] = []
    for line in try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n") {
      if line.hasPrefix("```") {
        if let head = fence { add(head, lines) }
        fence = fence == nil ? String(line.dropFirst(3)) : nil
        lines = []
      } else {
        lines.append(line)
      }
    }
  }

  private mutating func add(_ head: String, _ lines: [String]) {
    if let name = head.split(separator: "=").dropFirst().first, head.contains(" file=") {
      steps.append(.file(name: String(name), text: lines.joined(separator: "\n") + "\n"))
    }
    guard head == "console" else { return }
    var commands: [Command] = []
    for line in lines {
      if line.hasPrefix("$ ") {
        commands.append(Command(text: String(line.dropFirst(2)), output: []))
      } else if !commands.isEmpty {
        commands[commands.count - 1].output.append(line)
      }
    }
    steps += commands.map { .command($0) }
  }

  /// Whether `line` is what `shown` says, with `…` for any text.
  static func matches(_ line: String, _ shown: String) -> Bool {
    let parts = shown.components(separatedBy: "…")
    guard parts.count > 1 else { return line == shown }
    guard line.hasPrefix(parts[0]), line.hasSuffix(parts[parts.count - 1]) else { return false }
    var rest = line.dropFirst(parts[0].count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.range(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }
}

@Suite("tutorials")
struct TutorialTests {
  private static let docs = PluginBench.examples.deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Docs")

  /// What `command` prints, standard error after standard output, in `folder`.
  private func run(_ command: String, in folder: URL) throws -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command + " 2>.errors; cat .errors >&2"]
    process.currentDirectoryURL = folder
    let tool = try Tool.path.deletingLastPathComponent().path()
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    process.environment = ProcessInfo.processInfo.environment.merging(["PATH": "\(tool):\(path)"]) {
      $1
    }
    let output = folder.appending(path: ".output")
    try Data().write(to: output)
    let handle = try FileHandle(forWritingTo: output)
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    var lines = String(decoding: try Data(contentsOf: output), as: UTF8.self)
      .components(separatedBy: "\n")
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  @Test(
    "every file and command works as shown",
    arguments: ["writing-a-pass.md", "writing-an-operation.md", "writing-a-backend.md"])
  func tutorial(name: String) throws {
    let steps = try Tutorial(Self.docs.appending(path: name)).steps
    let scratch = try Scratch()
    var commands: Int = 0
    for step in steps {
      switch step {
      case .file(let file, let text):
        try Data(text.utf8).write(to: scratch.url.appending(path: file))
      case .command(let command):
        commands += 1
        let lines = try run(command.text, in: scratch.url)
        let agrees =
          lines.count == command.output.count
          && zip(lines, command.output).allSatisfy { Tutorial.matches($0, $1) }
        #expect(agrees, "$ \(command.text)\n\(lines.joined(separator: "\n"))")
      }
    }
    #expect(commands > 3)
  }
}
