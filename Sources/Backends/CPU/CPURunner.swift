import Foundation
import IR

/// Compiles an artifact with its harness, and runs samples through it in a process of its own.
final class CPURunner: Runner {
  private let interface: Interface
  private let program: String
  private(set) var metrics: [Metric] = []

  /// Flags for the machine that compiles; floats may be contracted, integer results do not change.
  static let flags = ["-std=c11", "-O3", "-march=native", "-ffp-contract=fast"]

  /// - Throws: `Diagnostic` if there is no compiler, or the code does not compile.
  init(folder: String, interface: Interface) throws {
    self.interface = interface
    let files = try BuildFolder.read(folder, suffixes: [".c", ".h", ".S", ".bin"])
    let compiler = try CCompiler.host()
    let sources = files.map(\.path).filter { path in
      !path.contains("/") && (path.hasSuffix(".c") || path.hasSuffix(".S"))
    }
    let arguments = CPURunner.flags + ["-I.", "-o", "harness"] + sources + ["-lm"]
    let build = BuildFolder(files, recipe: ([compiler.path] + arguments).joined(separator: " "))
    program = try build.product("harness") { try compiler.compile(arguments, in: $0) }
  }

  func run(_ samples: [[Tensor]]) throws -> [[Tensor]] {
    guard !samples.isEmpty else { return [] }
    let scratch = FileManager.default.temporaryDirectory
      .appendingPathComponent("edgecc-run-\(UUID().uuidString)", isDirectory: true)
    let input = scratch.appendingPathComponent("input.bin")
    let output = scratch.appendingPathComponent("output.bin")
    do {
      try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
      try SampleFile.encode(samples, interface.inputs).write(to: input)
    } catch let error as CocoaError {
      throw Diagnostic.unsupported("cannot write '\(input.path)': \(error.localizedDescription)")
    }
    defer { try? FileManager.default.removeItem(at: scratch) }
    let outcome = try Subprocess.run(program, [input.path, output.path, "1000"], in: scratch)
    guard outcome.status == 0, let data = try? Data(contentsOf: output) else {
      throw Diagnostic.internalError(
        "the compiled model ended with status \(outcome.status): \(outcome.errors)")
    }
    metrics = CPURunner.parse(outcome.output)
    return try SampleFile.decode(data, interface.outputs, count: samples.count)
  }

  /// `median_ns 1234` and so on, as the harness prints them.
  private static func parse(_ text: String) -> [Metric] {
    var values: [String: Double] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, let value = Double(words[1]) { values[String(words[0])] = value }
    }
    let titles = [
      ("median_ns", "latency_us", "latency, median"), ("p99_ns", "latency_p99_us", "latency, p99"),
      ("worst_ns", "latency_worst_us", "latency, worst"),
    ]
    return titles.compactMap { key, name, title in
      values[key].map { Metric(name, title, $0 / 1000, "µs") }
    }
  }
}
