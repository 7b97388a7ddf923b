import IR

/// Reads TensorFlow Lite files: subgraph 0 becomes `@main`.
///
/// Layouts are kept (NHWC, OHWI); `SAME` and `VALID` become explicit padding, fused activations
/// become bounds. Integer operators get the rounding of TFLite's reference kernels.
public struct TFLiteFrontend: Frontend {
  public static let name = "tflite"
  public static let summary = "TensorFlow Lite flatbuffers (.tflite), schema version 3"

  public init() {}

  public static func recognises(_ file: ModelFile) -> Bool {
    let identifier = file.bytes.dropFirst(4).prefix(4)
    return identifier.elementsEqual("TFL3".utf8) || file.fileName.hasSuffix(".tflite")
  }

  public func load(
    _ file: ModelFile, _ options: ImportOptions, _ log: inout DiagnosticLog
  ) throws -> Module {
    do {
      return try read(file, options, &log)
    } catch let error as Diagnostic {
      throw error.inFile(file.path)
    } catch let errors as Diagnostics {
      throw Diagnostics(errors.all.map { $0.inFile(file.path) })
    } catch let error as UnsupportedFeature {
      throw Diagnostic.unsupported("\(error.what) is not supported", file: file.path)
    } catch let error as OperationError {
      throw Diagnostic.error(error.message, file: file.path)
    }
  }

  private func read(
    _ file: ModelFile, _ options: ImportOptions, _ log: inout DiagnosticLog
  ) throws -> Module {
    let model = try TFLiteFile(file.bytes)
    var table: [String: OperatorEntry] = [:]
    for entry in tfliteOperators { table[entry.name] = entry }
    for (key, rule) in options.operators where key.format == TFLiteFrontend.name {
      if table[key.name] == nil { table[key.name] = OperatorEntry(custom: rule) }
    }
    var importer = GraphImporter(model, subgraph: 0, table)
    try importer.run(options, &log)
    let main = Function(name: Module.mainName, graph: importer.rewriter.graph)
    let source = Module.Source(
      file: file.fileName, format: "tflite", producer: model.description)
    return Module(name: identifier(file.stem), source: source, functions: [main])
  }

  /// `text` as an identifier: other characters become underscores.
  private func identifier(_ text: String) -> String {
    let word = text.unicodeScalars.map { scalar -> Character in
      let plain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      return plain ? Character(scalar) : "_"
    }
    guard let first = word.first else { return "model" }
    return (first.isNumber ? "m" : "") + String(word)
  }
}
