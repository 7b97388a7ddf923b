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

/// Arrays of float32 as `.npy` files.
enum FloatArrayFile {
  static func write(_ values: [Float], shape: [Int], to file: URL) throws {
    let extents = shape.map { "\($0), " }.joined()
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
    while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
    header += "\n"
    var data = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0])
    data += Data([UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)])
    data += Data(header.utf8)
    for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data += Data($0) } }
    try data.write(to: file)
  }

  static func read(_ file: URL) throws -> [Float] {
    let npy = try Data(contentsOf: file)
    let length = Int(npy[8]) | Int(npy[9]) << 8
    let bytes = Array(npy.dropFirst(10 + length))
    return stride(from: 0, to: bytes.count, by: 4).map { place in
      let word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
      return Float(bitPattern: word)
    }
  }
}
