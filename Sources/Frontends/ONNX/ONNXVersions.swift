import CProto
import IR

/// The versions of the format and of its operator sets that this build knows.
enum ONNXVersions {
  /// Versions of the file format; operator sets have their own. Source: `onnx.proto`, `Version`.
  static let format: ClosedRange<Int> = 3...14

  /// - Throws: a `Diagnostic` where the model's format is not one of those known.
  static func check(format version: Int) throws {
    guard version != 0 else {
      throw Diagnostic.error(
        "the model states no IR version; this build knows \(shown(format))",
        help: ["set model.ir_version with the onnx package"])
    }
    guard format.contains(version) else {
      throw Diagnostic.unsupported(
        "the model has IR version \(version); this build knows \(shown(format))",
        help: ["set model.ir_version, or save it with another release of the onnx package"])
    }
  }

  /// - Throws: a `Diagnostic` where `version` of the operators of `domain` is not known.
  static func check(_ version: Int, of domain: String) throws {
    let known = 1...ONNXOperator.newest(domain)
    guard !known.contains(version) else { return }
    let title = domain.isEmpty ? "opset" : "version"
    let suffix = domain.isEmpty ? "" : " of the operators '\(domain)'"
    throw Diagnostic.unsupported(
      "the model needs \(title) \(version)\(suffix); this build knows \(shown(known))",
      help: domain.isEmpty ? ["export with opset_version=\(known.upperBound) or lower"] : [])
  }

  private static func shown(_ range: ClosedRange<Int>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }
}
