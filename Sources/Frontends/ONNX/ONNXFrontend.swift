import CProto
import IR

/// Reads ONNX models (IR versions 3 to 14, opsets 7 to 28).
public struct ONNXFrontend: Frontend {
  public static let name = "onnx"
  public static let summary = "ONNX models, weights inside or beside the file"

  public init() {}

  public static func recognises(_ file: ModelFile) -> Bool {
    // TFLite's identifier stands at byte 4.
    if file.bytes.count >= 8, file.bytes[4..<8].elementsEqual("TFL3".utf8) { return false }
    var probe = WireProbe(file.bytes)
    return probe.looksLikeModel() || file.fileName.lowercased().hasSuffix(".onnx")
  }

  public func load(
    _ file: ModelFile, _ options: ImportOptions, _ log: inout DiagnosticLog
  ) throws -> Module {
    do {
      return try loadModule(file, options, &log)
    } catch let diagnostic as Diagnostic {
      throw diagnostic.inFile(file.path)
    } catch let several as Diagnostics {
      throw Diagnostics(several.all.map { $0.inFile(file.path) })
    }
  }

  public func signature(
    _ file: ModelFile, _ options: ImportOptions
  ) throws -> ModelSignature {
    do {
      let unpacked = try UnpackedMessage.model(file.storage)
      defer { withExtendedLifetime(unpacked) {} }
      guard let graph = unpacked.message.pointee.graph?.pointee else {
        throw Diagnostic.error("the model has no graph")
      }
      let types = TypeReader(options: options)
      let constants = Set(
        messages(graph.initializer, graph.n_initializer).map { text($0.pointee.name) })
      func ports(_ list: [UnsafeMutablePointer<Onnx__ValueInfoProto>]) throws
        -> [ModelSignature.Port]
      {
        try list.map { info in
          ModelSignature.Port(name: text(info.pointee.name), kind: try types.kind(of: info.pointee))
        }
      }
      let inputs = messages(graph.input, graph.n_input)
        .filter { !constants.contains(text($0.pointee.name)) }
      return ModelSignature(
        inputs: try ports(inputs), outputs: try ports(messages(graph.output, graph.n_output)))
    } catch let diagnostic as Diagnostic {
      throw diagnostic.inFile(file.path)
    }
  }

  private func loadModule(
    _ file: ModelFile, _ options: ImportOptions, _ log: inout DiagnosticLog
  ) throws -> Module {
    let unpacked = try UnpackedMessage.model(file.storage)
    defer { withExtendedLifetime(unpacked) {} }
    let model = unpacked.message.pointee
    guard let graph = model.graph else { throw Diagnostic.error("the model has no graph") }
    try ONNXVersions.check(format: Int(model.ir_version))
    let tensors = TensorReader(owner: unpacked, external: ExternalData(folder: file.folder))
    let importer = ONNXGraphImporter(
      graph.pointee, opsets: try readOpsets(model), functions: try readFunctions(model),
      tensors: tensors, types: TypeReader(options: options),
      table: ONNXOperatorTable(custom: Array(options.operators.values)),
      dataBytes: file.bytes.count)
    let imported = try importer.run()
    for remark in importer.remarks + importer.cutReport { log.append(remark.inFile(file.path)) }
    let producer = [text(model.producer_name), text(model.producer_version)]
      .filter { !$0.isEmpty }.joined(separator: " ")
    let source = Module.Source(
      file: file.fileName, format: ONNXFrontend.name, producer: producer)
    return Module(
      name: identifier(file.stem), source: source,
      functions: [Function(name: Module.mainName, graph: imported)])
  }

  /// The imported operator sets by domain.
  private func readOpsets(_ model: Onnx__ModelProto) throws -> [String: Int] {
    var opsets: [String: Int] = [:]
    for entry in messages(model.opset_import, model.n_opset_import).map(\.pointee) {
      opsets[canonicalDomain(text(entry.domain))] = Int(entry.version)
    }
    guard !opsets.isEmpty else {
      throw Diagnostic.error("the model imports no operator set, so its operators have no meaning")
    }
    if let version = opsets[""] { try ONNXVersions.check(version, of: "") }
    return opsets
  }

  /// The model's own functions by domain, name and overload.
  private func readFunctions(_ model: Onnx__ModelProto) throws -> [String: Onnx__FunctionProto] {
    var functions: [String: Onnx__FunctionProto] = [:]
    for function in messages(model.functions, model.n_functions).map(\.pointee) {
      let (domain, name) = (text(function.domain), text(function.name))
      let key = functionKey(domain, name, text(function.overload))
      guard functions.updateValue(function, forKey: key) == nil else {
        throw Diagnostic.error("two functions are named '\(name)' in the domain '\(domain)'")
      }
    }
    return functions
  }

  /// `name` as a C identifier.
  private func identifier(_ name: String) -> String {
    let mapped = name.unicodeScalars.map { scalar -> Character in
      let isWord = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(Character(scalar)))
      return isWord ? Character(scalar) : "_"
    }
    guard let first = mapped.first else { return "model" }
    return ("0"..."9").contains(first) ? "_" + String(mapped) : String(mapped)
  }
}
