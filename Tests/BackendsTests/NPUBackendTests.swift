import Foundation
import IR
import Testing

@testable import Backends

/// The artifact as files: emitted, read back, run.
@Suite struct NPUBackendTests {
  private func floatModule(seed: UInt64) throws -> Module {
    var maker = NPUGraphMaker(seed: seed)
    let real = maker.floatInput([1, 9, 8, 3])
    let x = try maker.insert(Quantize(to: .i8, ties: .even), [real])
    let y = try maker.convolution(x, channels: 12, kernel: 3, rounding: .floatEven)
    let z = try maker.depthwise(y, rounding: .single)
    let w = try maker.insertKeeping(Dequantize(), [z])
    let graph = maker.finish([w])
    return Module(name: "tiny", functions: [Function(name: "main", graph: graph)])
  }

  private func write(_ artifact: Artifact) throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("npu-test-\(UUID().uuidString)", isDirectory: true)
    for file in artifact.files {
      let target = folder.appendingPathComponent(file.path)
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.contents).write(to: target)
    }
    return folder
  }

  @Test func theArtifactRunsAsTheInterpreterDoes() throws {
    let module = try floatModule(seed: 3)
    var log = DiagnosticLog()
    let backend = try NPUBackend(options: TargetOptions(["config": "enpu-128", "memory": "dram"]))
    let artifact = try backend.emit(module, &log)
    let folder = try write(artifact)
    defer { try? FileManager.default.removeItem(at: folder) }
    let runner = try backend.makeRunner(folder: folder.path, interface: module.interface)
    var maker = NPUGraphMaker(seed: 8)
    let type = TensorType(.f32, [1, 9, 8, 3])
    let samples = (0..<3).map { _ in [maker.tensor(type)] }
    let expected = try samples.map { try Interpreter(module.main).run($0) }
    #expect(try runner.run(samples) == expected)
    let causes = runner.metrics.filter { $0.key.hasPrefix("cycles_") }.map(\.value)
    let cycles = try #require(runner.metrics.first { $0.key == "cycles" })
    #expect(causes.reduce(0, +) == cycles.value)
  }

  @Test func emittingTwiceGivesTheSameFiles() throws {
    var log = DiagnosticLog()
    let backend = try NPUBackend(options: TargetOptions())
    let first = try backend.emit(try floatModule(seed: 4), &log)
    let second = try backend.emit(try floatModule(seed: 4), &log)
    #expect(first.files == second.files)
    let paths = Set(first.files.map(\.path))
    #expect(paths.isSuperset(of: ["tiny.enpu", "tiny.plan", "tiny.h", "tiny.c", "tiny.trace.json"]))
  }

  @Test func aDamagedArtifactIsAnError() throws {
    let module = try floatModule(seed: 5)
    var log = DiagnosticLog()
    let backend = try NPUBackend(options: TargetOptions())
    let folder = try write(try backend.emit(module, &log))
    defer { try? FileManager.default.removeItem(at: folder) }
    let stream = folder.appendingPathComponent("tiny.enpu")
    var bytes = Array(try Data(contentsOf: stream))
    bytes[bytes.count / 2] ^= 4
    try Data(bytes).write(to: stream)
    #expect(throws: Diagnostic.self) {
      try backend.makeRunner(folder: folder.path, interface: module.interface)
    }
    let plan = folder.appendingPathComponent("tiny.plan")
    try Data("enpu-plan 1\nnpu ../x [0] [9]\n".utf8).write(to: plan)
    #expect(throws: Diagnostic.self) {
      try backend.makeRunner(folder: folder.path, interface: module.interface)
    }
  }

  @Test func theDriverCompilesWithoutWarnings() throws {
    let module = try floatModule(seed: 6)
    var log = DiagnosticLog()
    let artifact = try NPUBackend(options: TargetOptions()).emit(module, &log)
    let folder = try write(artifact)
    defer { try? FileManager.default.removeItem(at: folder) }
    let compiler = try CCompiler.host()
    let flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-c", "tiny.c", "-o", "t.o"]
    try compiler.compile(flags, in: folder)
  }

  @Test func optionsAreChecked() throws {
    for (key, value) in [("config", "enpu-9"), ("sram", "7"), ("memory", "tape"), ("speed", "1")] {
      #expect(throws: Diagnostic.self) { try NPUBackend(options: TargetOptions([key: value])) }
    }
    let sentences = try NPUBackend(options: TargetOptions()).constraints.map(\.code)
    #expect(Set(sentences).count == sentences.count)
  }
}
