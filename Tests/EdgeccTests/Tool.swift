import Foundation
import Testing

/// The built binary, as a user runs it.
struct Tool {
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
    let outputBytes: Data
  }

  /// SwiftPM puts executables beside the test bundle.
  static var path: URL {
    get throws {
      var folders = [Bundle.main.executableURL, URL(filePath: CommandLine.arguments[0])]
      for argument in CommandLine.arguments where argument.hasSuffix(".xctest") {
        folders.append(URL(filePath: argument))
      }
      for case let file? in folders {
        let tool = file.deletingLastPathComponent().appending(path: "edgecc")
        if FileManager.default.isExecutableFile(atPath: tool.path()) { return tool }
      }
      throw Missing()
    }
  }

  struct Missing: Error {}

  /// The models of the tests.
  static let models = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Models")

  static func model(_ name: String) throws -> String {
    let format = name.hasPrefix("tflite") ? "tflite" : "onnx"
    let file = models.appending(path: name).appending(path: "model.\(format)")
    try #require(FileManager.default.fileExists(atPath: file.path()), "\(file.path()) is missing")
    return file.path()
  }

  static func run(
    _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:],
    mayTrap: Bool = false
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = try path
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = folder }
    // Files, not pipes: a full pipe would stop the process that nobody reads yet.
    let scratch = try Scratch()
    let output = scratch.url.appending(path: "stdout")
    let errors = scratch.url.appending(path: "stderr")
    for file in [output, errors] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    // A signal is no exit status: only a test of traps expects one.
    try #require(
      mayTrap || process.terminationReason == .exit,
      "ended by signal \(process.terminationStatus)")
    let bytes = try Data(contentsOf: output)
    return Outcome(
      status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self), outputBytes: bytes)
  }
}

/// A folder that goes with its owner.
final class Scratch {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "edgecc-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Every file below, by its path.
  func files(below name: String) throws -> [String: Data] {
    let root = url.appending(path: name)
    var result: [String: Data] = [:]
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path())
    for path in paths {
      let file = root.appending(path: path)
      var isFolder: ObjCBool = false
      FileManager.default.fileExists(atPath: file.path(), isDirectory: &isFolder)
      if !isFolder.boolValue { result[path] = try Data(contentsOf: file) }
    }
    return result
  }
}
