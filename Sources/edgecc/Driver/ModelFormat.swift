import Exporters
import IR

/// What a module is written as: `--emit`.
enum ModelFormat: String, Sendable, CaseIterable {
  /// edgecc's text form.
  case ir
  case onnx

  /// The format that was asked for, else the one that the file's name says.
  init(_ asked: ModelFormat?, path: String?) {
    let isONNX = path?.lowercased().hasSuffix(".onnx") ?? false
    self = asked ?? (isONNX ? .onnx : .ir)
  }

  /// The extension of its files.
  var suffix: String { self == .ir ? "eir" : "onnx" }

  /// Writes `module` to `path`: all of it, or nothing.
  ///
  /// - Parameter resources: whether text has the values of large constants.
  /// - Throws: `Diagnostics` with what the format cannot hold, naming `model`.
  func write(_ module: Module, to path: String, model: String, resources: Bool = true) throws {
    switch self {
    case .ir: try FileTree.write(Printer.print(module, resources: resources), to: path)
    case .onnx:
      do {
        try FileTree.write(try ONNXWriter().write(module), to: path)
      } catch let several as Diagnostics {
        throw Diagnostics(several.all.map { $0.inFile(model) })
      } catch let diagnostic as Diagnostic {
        throw diagnostic.inFile(model)
      }
    }
  }
}
