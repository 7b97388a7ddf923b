import Foundation
import Frontends
import IR
import Passes
import Testing

/// A damaged model is accepted or refused with a diagnostic, but never brings the program down.
@Suite struct CorruptionTests {
  @Test(arguments: [
    "Examples/digits/digits.onnx", "Tests/Models/tflite_net_int8/model.tflite",
    "Tests/Models/onnx_qdq_int8/model.onnx", "Tests/Models/tflite_net_f32/model.tflite",
  ])
  func damagedModelsAreDiagnosed(relative: String) throws {
    let path = ModelSet.root.appendingPathComponent(relative).path
    let original = try Data(contentsOf: URL(fileURLWithPath: path))
    var refused = 0
    for seed in 0..<200 {
      var generator = Generator(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1)
      let damaged = damage(original, &generator)
      if isRefused(damaged, path, seed) { refused += 1 }
    }
    // Half of the damage is truncation, of which nearly all must be seen.
    #expect(refused >= 80, "only \(refused) of 200 were refused")
  }

  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  private func damage(_ original: Data, _ generator: inout Generator) -> Data {
    if Bool.random(using: &generator) {
      return original.prefix(Int.random(in: 0..<original.count, using: &generator))
    }
    var copy = original
    for _ in 0..<Int.random(in: 1...24, using: &generator) {
      let place = Int.random(in: 0..<copy.count, using: &generator)
      copy[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    }
    return copy
  }

  /// Whether the road from file to optimised module ends with a diagnostic.
  private func isRefused(_ damaged: Data, _ path: String, _ seed: Int) -> Bool {
    let storage = Storage(byteCount: damaged.count) { $0.copyBytes(from: damaged) }
    let file = ModelFile(path: path, storage: storage)
    do {
      var log = DiagnosticLog()
      let registry = ModelSet.registry
      var module = try registry.frontend(for: file).load(file, ImportOptions(), &log)
      var context = PassContext()
      try PassManager(registry).run(
        Pipeline(parsing: standardPipeline), on: &module, &context)
      return false
    } catch let diagnostic as Diagnostic {
      #expect(diagnostic.category != .internal, "seed \(seed): \(diagnostic)")
      return true
    } catch let diagnostics as Diagnostics {
      #expect(!diagnostics.all.isEmpty, "seed \(seed)")
      return true
    } catch {
      Issue.record("seed \(seed): not a diagnostic: \(error)")
      return true
    }
  }
}
