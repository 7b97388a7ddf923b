import Foundation
import IR
import Testing

@testable import Backends

/// The compiled artifact against the interpreter.
@Suite struct CPUBackendTests {
  static let seed = UInt64.random(in: 0...UInt64.max)

  private func check(_ model: CTestModel, tolerance: Float? = nil) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("edgecc-test-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    var log = DiagnosticLog()
    let backend = try CPUBackend(options: TargetOptions())
    let artifact = try backend.emit(model.module, &log)
    try BuildFolder.write(artifact.files, to: folder)
    let runner = try backend.makeRunner(folder: folder.path, interface: model.module.interface)
    let found = try runner.run(model.samples)
    let expected = try model.expected()
    for (sample, pair) in zip(expected, found).enumerated() {
      for (index, tensors) in zip(pair.0, pair.1).enumerated() {
        let place = "\(model.module.name), sample \(sample), output \(index), seed \(Self.seed)"
        CTestComparison.check(tensors.0, tensors.1, tolerance: tolerance, place)
      }
    }
    #expect(runner.metrics.contains { $0.key == "latency_us" && $0.value > 0 })
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

  @Test(arguments: Rounding.allCases) func wideArithmetic(_ rounding: Rounding) throws {
    try check(CTestModels.wideArithmetic(rounding, seed: Self.seed))
  }

  @Test func wideShapes() throws { try check(CTestModels.wideShapes(seed: Self.seed)) }

  @Test(arguments: [ElementType.f16, .i8, .i4]) func storedWeights(_ element: ElementType) throws {
    try check(CTestModels.storedWeights(element, seed: Self.seed), tolerance: 1e-5)
  }

  @Test func integerShapes() throws { try check(CTestModels.integerShapes(seed: Self.seed)) }
  @Test func conversions() throws { try check(CTestModels.conversions(seed: Self.seed)) }

  @Test func floatLayers() throws {
    try check(CTestModels.floatLayers(seed: Self.seed), tolerance: 1e-5)
  }

  @Test func epilogues() throws {
    // Sums in another order, and functions of them that are steeper than one.
    try check(CTestModels.epilogues(seed: Self.seed), tolerance: 3e-5)
  }

  @Test func floatArithmetic() throws {
    try check(CTestModels.floatArithmetic(seed: Self.seed), tolerance: 1e-5)
  }

  @Test func floatShapes() throws {
    try check(CTestModels.floatShapes(seed: Self.seed), tolerance: 1e-5)
  }

  @Test func everyOperationOfTheTestModelsMeetsTheConstraints() throws {
    for model in try CTestModels.all(seed: Self.seed) {
      let graph = model.module.main.graph
      for id in graph.allOperations() {
        for constraint in CConstraints.all {
          #expect(constraint.violation(at: id, in: graph)?.seen == nil, "\(constraint.code)")
        }
      }
    }
  }

  @Test func emittingTwiceGivesTheSameBytes() throws {
    var log = DiagnosticLog()
    for model in try CTestModels.all(seed: Self.seed) {
      let backend = try CPUBackend(options: TargetOptions())
      let first = try backend.emit(model.module, &log).files
      #expect(try backend.emit(model.module, &log).files == first)
    }
  }

  @Test func largeWeightsBecomeABinaryFile() throws {
    var builder = CTestBuilder(seed: Self.seed)
    let x = builder.input(TensorType(.f32, [1, 1100]))
    let weights = builder.constant(TensorType(.f32, [1024, 1100]), name: "large")
    builder.output(try builder.apply(FullyConnected(), [x, weights]))
    let model = builder.finish("large", samples: 1)
    var log = DiagnosticLog()
    let files = try CPUBackend(options: TargetOptions()).emit(model.module, &log).files
    #expect(files.contains { $0.path == "large_weights.bin" && $0.contents.count == 4_505_600 })
    try check(model, tolerance: 1e-5)
  }

  @Test func anUnknownOptionIsRefused() {
    #expect(throws: Diagnostic.self) { try CPUBackend(options: TargetOptions(["fast": "yes"])) }
  }
}

extension CTestModels {
  static func all(seed: UInt64) throws -> [CTestModel] {
    var models = [
      try integerShapes(seed: seed), try conversions(seed: seed), try floatLayers(seed: seed),
      try floatArithmetic(seed: seed), try floatShapes(seed: seed), try epilogues(seed: seed),
      try wideShapes(seed: seed), try storedWeights(.i4, seed: seed),
    ]
    for rounding in Rounding.allCases {
      models.append(try integerLayers(rounding, seed: seed))
      models.append(try integerArithmetic(rounding, seed: seed))
      models.append(try wideLayers(rounding, seed: seed))
      models.append(try wideArithmetic(rounding, seed: seed))
    }
    return models
  }
}

enum CTestComparison {
  /// Integers are equal; floats differ by `tolerance` of the largest magnitude at most.
  static func check(_ expected: Tensor, _ found: Tensor, tolerance: Float?, _ place: String) {
    guard expected.element == .f32, let tolerance else {
      let differing = zip(expected.storage.bytes, found.storage.bytes).filter { $0 != $1 }.count
      #expect(differing == 0, "\(place): \(differing) bytes differ")
      return
    }
    let (a, b) = (expected.floats(), found.floats())
    let scale = a.map(\.magnitude).filter(\.isFinite).max() ?? 1
    let worst = zip(a, b).map { x, y in x == y ? 0 : (x - y).magnitude }.max() ?? 0
    #expect(worst <= tolerance * max(scale, 1), "\(place): off by \(worst)")
  }
}
