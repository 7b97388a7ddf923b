import Foundation
import Testing

/// Plugins, built from outside the package by the built binary.
enum PluginBench {
  static let examples = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Examples/Plugins")

  static let names: [String] = [
    "fold-negate-pair", "drop-repeated-clamp", "scaled-swish", "soft-shrink", "tape-machine",
  ]

  /// The folder of the examples' libraries, beside the binary; built once for all tests.
  private static let built: Result<URL, any Error> = Result {
    let folder = try Tool.path.deletingLastPathComponent().appending(path: "plugin-tests")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in names {
      try build(examples.appending(path: name), to: folder.appending(path: "lib\(name).so"))
    }
    return folder
  }

  /// The library of an example.
  static func library(_ name: String) throws -> String {
    try built.get().appending(path: "lib\(name).so").path()
  }

  static func example(_ name: String, _ file: String) -> String {
    examples.appending(path: name).appending(path: file).path()
  }

  static func build(_ source: URL, to library: URL) throws {
    let outcome = try Tool.run(["plugin", "build", source.path(), "-o", library.path()])
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  /// A plugin from source text; returns its library.
  static func build(_ text: String, _ file: String, in scratch: Scratch) throws -> String {
    let source = scratch.url.appending(path: file)
    try Data(text.utf8).write(to: source)
    let library = scratch.url.appending(path: "lib\(file).so")
    try build(source, to: library)
    return library.path()
  }

  /// Runs a program that the tests need besides edgecc.
  static func shell(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(
      process.terminationStatus == 0, "\(arguments): \(String(decoding: text, as: UTF8.self))")
  }
}
