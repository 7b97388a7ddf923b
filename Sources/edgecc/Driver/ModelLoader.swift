import Frontends
import IR

/// A model as it was imported.
struct LoadedModel: Sendable {
  /// As the user gave it.
  let path: String
  let fileName: String
  let byteCount: Int
  let sha256: String
  let module: Module
  let log: DiagnosticLog
  /// What was decided without being told.
  var assumptions: [String] = []

  /// The same file after passes.
  func with(_ module: Module, _ log: DiagnosticLog) -> LoadedModel {
    LoadedModel(
      path: path, fileName: fileName, byteCount: byteCount, sha256: sha256, module: module, log: log
    )
  }
}

/// What the user says about how to read a model.
struct ImportRequest: Sendable {
  var options = ImportOptions()
  /// The module's name; nil for the file's stem.
  var name: String?
}

/// Reads model files of every format that the registry knows, and text IR.
struct ModelLoader: Sendable {
  let registry: Registry

  /// - Throws: `Diagnostic` or `Diagnostics` naming the file.
  func load(_ path: String, _ request: ImportRequest = ImportRequest()) throws -> LoadedModel {
    if FileTree.isFolder(path) {
      let isArtifact = FileTree.exists(FileTree.join(path, Manifest.fileName))
      throw Diagnostic.error(
        isArtifact ? "this is an artifact, where a model is expected" : "this is a folder",
        file: path, help: ["name the model file itself"])
    }
    let file = try ModelFile.open(path: path)
    do {
      let model = try load(file, request)
      try BindingCheck(request).check(model) { try load(file, $0).module.interface }
      return model
    } catch let diagnostic as Diagnostic {
      throw diagnostic.inFile(file.path)
    } catch let diagnostics as Diagnostics {
      throw Diagnostics(diagnostics.all.map { $0.inFile(file.path) })
    } catch let error as OperationError {
      throw Diagnostic.error(error.message, file: file.path)
    }
  }

  /// What the model declares about its inputs and outputs.
  ///
  /// - Throws: `Diagnostic` or `Diagnostics` naming the file.
  func signature(_ path: String, _ request: ImportRequest) throws -> ModelSignature {
    let file = try ModelFile.open(path: path)
    if ModelLoader.isText(file) { return ModelSignature(try load(path, request).module) }
    return try registry.frontend(for: file).signature(file, options(request))
  }

  /// With the custom operators that plugins read.
  private func options(_ request: ImportRequest) -> ImportOptions {
    var options = request.options
    options.operators = registry.operatorImports
    return options
  }

  private func load(_ file: ModelFile, _ request: ImportRequest) throws -> LoadedModel {
    let digest = PendingDigest(file)
    var log = DiagnosticLog()
    var module: Module
    if ModelLoader.isText(file) {
      module = try parse(file, request)
    } else {
      module = try registry.frontend(for: file).load(file, options(request), &log)
      module.name = ModelLoader.identifier(file.stem)
      try Verifier(registry).verify(module)
    }
    if let name = request.name { module.name = try ModelLoader.checked(name) }
    return LoadedModel(
      path: file.path, fileName: file.fileName, byteCount: file.bytes.count,
      sha256: digest.value, module: module, log: log)
  }

  private func parse(_ file: ModelFile, _ request: ImportRequest) throws -> Module {
    guard request.options.dimensions.isEmpty, request.options.shapes.isEmpty else {
      throw Diagnostic.error(
        "--dim and --shape bind the dimensions of a model that is imported",
        help: ["text IR states its shapes: change them there"])
    }
    guard let text = String(validating: file.bytes, as: UTF8.self) else {
      throw Diagnostic.error("text IR is UTF-8, this is not")
    }
    return try Parser.parse(text, registry)
  }

  /// Text IR by its extension, or by its first word.
  static func isText(_ file: ModelFile) -> Bool {
    if file.fileName.hasSuffix(".eir") { return true }
    return file.bytes.prefix(8).elementsEqual("module @".utf8)
  }

  /// `stem` as a C identifier in lower case where it is not one already.
  static func identifier(_ stem: String) -> String {
    var result = ""
    for character in stem.unicodeScalars {
      let keeps = character.isASCII && (character.properties.isAlphabetic || isDigit(character))
      result.unicodeScalars.append(keeps ? character : "_")
    }
    if let first = result.unicodeScalars.first, isDigit(first) { result = "model_" + result }
    return result.isEmpty ? "model" : result
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 48 && scalar.value <= 57
  }

  private static func checked(_ name: String) throws -> String {
    guard identifier(name) == name else {
      throw Diagnostic.error(
        "'\(name)' cannot be the name of symbols and files",
        help: ["letters, digits and '_', first a letter: --name \(identifier(name))"])
    }
    return name
  }
}
