import Foundation
import IR
import Testing

@testable import Backends

/// Firmware under QEMU against the interpreter.
@Suite struct MCUBackendTests {
  static let seed = UInt64.random(in: 0...UInt64.max)
  static var hasTools: Bool {
    let tools = ["arm-none-eabi-gcc", "arm-none-eabi-size", "qemu-system-arm"]
    return tools.allSatisfy { Subprocess.find($0) != nil }
  }

  private func check(_ model: CTestModel, core: String = "cortex-m4") throws {
    guard Self.hasTools else {
      print("skipped: arm-none-eabi-gcc or qemu-system-arm is not installed")
      return
    }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("edgecc-test-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    var log = DiagnosticLog()
    let backend = try MCUBackend(options: TargetOptions(["core": core]))
    let artifact = try backend.emit(model.module, &log)
    try BuildFolder.write(artifact.files, to: folder)
    let runner = try backend.makeRunner(folder: folder.path, interface: model.module.interface)
    let found = try runner.run(model.samples)
    for (sample, pair) in zip(try model.expected(), found).enumerated() {
      for (index, tensors) in zip(pair.0, pair.1).enumerated() {
        let place = "\(model.module.name), sample \(sample), output \(index), seed \(Self.seed)"
        CTestComparison.check(tensors.0, tensors.1, tolerance: 1e-5, place)
      }
    }
    for key in ["flash_bytes", "ram_bytes", "stack_bytes"] {
      #expect(runner.metrics.contains { $0.key == key && $0.value > 0 }, "\(key)")
    }
  }

  @Test(arguments: Rounding.allCases) func integerLayers(_ rounding: Rounding) throws {
    try check(CTestModels.integerLayers(rounding, seed: Self.seed))
  }

  @Test(arguments: Rounding.allCases) func integerArithmetic(_ rounding: Rounding) throws {
    try check(CTestModels.integerArithmetic(rounding, seed: Self.seed))
  }

  @Test(arguments: Rounding.allCases) func wideLayers(_ rounding: Rounding) throws {
    try check(CTestModels.wideLayers(rounding, seed: Self.seed))
  }

  @Test func wideArithmetic() throws {
    try check(CTestModels.wideArithmetic(.single, seed: Self.seed))
  }

  @Test func wideShapes() throws { try check(CTestModels.wideShapes(seed: Self.seed)) }

  @Test(arguments: [ElementType.f16, .i8, .i4]) func storedWeights(_ element: ElementType) throws {
    try check(CTestModels.storedWeights(element, seed: Self.seed))
  }

  @Test(arguments: MCUCore.allCases) func everyCore(_ core: MCUCore) throws {
    try check(CTestModels.integerShapes(seed: Self.seed), core: core.rawValue)
  }

  @Test func conversions() throws { try check(CTestModels.conversions(seed: Self.seed)) }
  @Test func floatLayers() throws { try check(CTestModels.floatLayers(seed: Self.seed)) }

  @Test func floatWorkIsNoted() throws {
    var log = DiagnosticLog()
    let model = try CTestModels.floatShapes(seed: 1)
    let backend = try MCUBackend(options: TargetOptions(["core": "m0"]))
    let notes = try backend.emit(model.module, &log).notes
    #expect(notes.contains { $0.contains("in software") })
  }

  @Test func unknownCoresAndOptionsAreRefused() {
    #expect(throws: Diagnostic.self) { try MCUBackend(options: TargetOptions(["core": "z80"])) }
    #expect(throws: Diagnostic.self) { try MCUBackend(options: TargetOptions(["cores": "m4"])) }
  }
}
