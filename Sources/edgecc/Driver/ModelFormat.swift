import Exporters
import IR

/// What a module is written as: `--emit`.
enum ModelFormat: String, Sendable, CaseIterable {
  /// edgecc's text form.
  case ir
  case onnx
  case tflite

  /// The format that was asked for, else the one that the file's name says.
  init(_ asked: ModelFormat?, path: String?) {
    let name = path?.lowercased() ?? ""
    let said = ModelFormat.allCases.first { name.hasSuffix(".\($0.suffix)") }
    self = asked ?? said ?? .ir
  }

  /// The extension of its files.
  var suffix: String { self == .ir ? "eir" : rawValue }

  /// Whether its files are bytes that no terminal shows.
  var isBinary: Bool { self != .ir }

  /// Writes `module` to `path`: all of it, or nothing.
  ///
  /// - Parameter resources: whether text has the values of large constants.
  /// - Throws: `Diagnostics` with what the format cannot hold, naming `model`.
  func write(_ module: Module, to path: String, model: String, resources: Bool = true) throws {
    switch self {
    case .ir: try FileTree.write(Printer.print(module, resources: resources), to: path)
    case .onnx, .tflite:
      do {
        try FileTree.write(try bytes(module), to: path)
      } catch let several as Diagnostics {
        throw Diagnostics(several.all.map { $0.inFile(model) })
      } catch let diagnostic as Diagnostic {
        throw diagnostic.inFile(model)
      }
    }
  }

  private func bytes(_ module: Module) throws -> [UInt8] {
    self == .tflite ? try TFLiteWriter().write(module) : try ONNXWriter().write(module)
  }
}
