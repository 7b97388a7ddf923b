/// A model file as bytes, and the folder that it may refer to.
public struct ModelFile: Sendable {
  /// As the user gave it, for diagnostics.
  public let path: String
  /// The bytes; kept mapped as long as something borrows from them.
  public let storage: Storage

  public init(path: String, storage: Storage) {
    self.path = path
    self.storage = storage
  }

  public var bytes: UnsafeRawBufferPointer { storage.bytes }

  /// The last path component.
  public var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }
  /// The folder the file is in; external data may not leave it.
  public var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
  /// The name without folders and extension.
  public var stem: String {
    guard let dot = fileName.lastIndex(of: "."), dot != fileName.startIndex else { return fileName }
    return String(fileName[..<dot])
  }
}

/// What the user says about how to read a model.
public struct ImportOptions: Sendable {
  /// Extents for symbolic dimensions: `--dim batch=1`.
  public var dimensions: [String: Int] = [:]
  /// Shapes for inputs: `--shape x=1x3x224x224`.
  public var shapes: [String: Shape] = [:]
  /// Values for inputs that are the same in every run (axes, target shapes); they become constants
  /// and are no inputs of the module any more.
  public var constants: [String: ModelValue] = [:]
  /// Whether a node that cannot be imported is cut out of the model instead of ending the import:
  /// what it makes becomes inputs, what it reads results, of the types that the model declares, and
  /// the log gets the error. For looking at the rest of such a model; not for running it.
  public var cutsUnsupported: Bool = false
  /// How operators are read that the frontend does not know: what plugins registered.
  public var operators: [OperatorImport.Key: OperatorImport] = [:]
  public init() {}
}

/// What a model file declares about its inputs and outputs, read without importing it.
public struct ModelSignature: Sendable {
  /// A declared input or output.
  public struct Port: Sendable {
    public let name: String
    public let kind: ModelValueKind

    public init(name: String, kind: ModelValueKind) {
      self.name = name
      self.kind = kind
    }
  }

  /// Inputs whose values are in the file are not among them.
  public let inputs: [Port]
  public let outputs: [Port]

  public init(inputs: [Port], outputs: [Port]) {
    self.inputs = inputs
    self.outputs = outputs
  }

  /// What `module` has.
  public init(_ module: Module) {
    func port(_ name: String, _ type: TensorType) -> Port { Port(name: name, kind: .tensor(type)) }
    inputs = module.main.inputs.map { port($0.name, $0.type) }
    outputs = module.main.outputs.map { port($0.name, $0.type) }
  }
}

/// Reads a model format.
public protocol Frontend: Sendable, SendableMetatype {
  static var name: String { get }
  static var summary: String { get }
  init()
  /// Whether `file` is of this format, by its first bytes before its extension.
  static func recognises(_ file: ModelFile) -> Bool
  /// - Throws: `Diagnostic` or `Diagnostics`, naming file and node.
  func load(_ file: ModelFile, _ options: ImportOptions, _ log: inout DiagnosticLog) throws
    -> Module
  /// What `file` declares, also where it cannot be imported without knowing what comes in.
  ///
  /// - Throws: as `load`.
  func signature(_ file: ModelFile, _ options: ImportOptions) throws -> ModelSignature
}

extension Frontend {
  /// The interface that the imported module has: right for formats that have tensors only.
  public func signature(
    _ file: ModelFile, _ options: ImportOptions
  ) throws -> ModelSignature {
    var log = DiagnosticLog()
    return ModelSignature(try load(file, options, &log))
  }
}
