import Backends
import Foundation
import Frontends
import IR
import Passes

/// The models that the tests of the whole road run on.
enum ModelSet {
  /// The checkout.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Everything that a build knows.
  static var registry: Registry {
    var registry = Registry()
    for pass in builtinPasses { registry.register(pass: pass) }
    for frontend in builtinFrontends { registry.register(frontend: frontend) }
    for backend in builtinBackends { registry.register(backend: backend) }
    return registry
  }

  /// The project's own models; those of unsupported operators, and those that can only be imported
  /// with their inputs, left out.
  static var own: [String] {
    let special = ["/onnx_unsupported", "/refused_", "/steered_"]
    return files(below: root.appendingPathComponent("Tests/Models"))
      .filter { path in !special.contains { path.contains($0) } }
      + [root.appendingPathComponent("Examples/digits/digits.onnx").path]
  }

  /// The models beside the checkout; empty where they are absent, and then said.
  static var shared: [String] {
    let folder = root.deletingLastPathComponent().appendingPathComponent("shared/models")
    guard FileManager.default.fileExists(atPath: folder.path) else {
      print("skipped: \(folder.lastPathComponent) beside the checkout is absent")
      return []
    }
    return files(below: folder).filter { !$0.contains("import_only") }
  }

  /// The architectures of the ONNX conformance suite beside the checkout; empty where they are
  /// absent, and then said.
  static var light: [String] {
    let folder = root.deletingLastPathComponent()
      .appendingPathComponent("shared/conformance/onnx/light")
    guard FileManager.default.fileExists(atPath: folder.path) else {
      print("skipped: conformance/onnx/light beside the checkout is absent")
      return []
    }
    return files(below: folder)
  }

  private static func files(below folder: URL) -> [String] {
    let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return all.filter { $0.hasSuffix(".onnx") || $0.hasSuffix(".tflite") }.sorted()
      .map { folder.appendingPathComponent($0).path }
  }

  /// A model as imported, symbolic dimensions bound to 1.
  static func load(_ path: String) throws -> Module {
    let file = try ModelFile.open(path: path)
    var options = ImportOptions()
    for name in ["batch", "N", "batch_size"] { options.dimensions[name] = 1 }
    var log = DiagnosticLog()
    return try registry.frontend(for: file).load(file, options, &log)
  }

  /// Repeatable inputs for `module`: floats in −1 … 1, stored integers over their whole range.
  static func samples(for module: Module, count: Int, seed: UInt64) -> [[Tensor]] {
    var state = seed
    func next() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33)
    }
    return (0..<count).map { _ in
      module.main.inputs.map { input in
        let type = input.type
        if type.element.isFloat {
          let values = (0..<type.shape.count).map { _ in Double(next() % 2001 - 1000) / 1000 }
          return Tensor.from(doubles: values, type.element, type.shape)
        }
        let range = type.isQuantized ? type.element.integerRange ?? 0...7 : 0...7
        let values = (0..<type.shape.count).map { _ in range.lowerBound + next() % range.count }
        return Tensor.from(integers: values, type.element, type.shape).reinterpreted(as: type)
      }
    }
  }
}
