import IR

/// An ONNX operator that this build imports, as data: what `edgecc ops` lists and the importer looks
/// up.
struct ONNXOperator: Sendable {
  /// Makes core operations of one node; the results stand for the node's outputs, in order. May
  /// give fewer where the rest is optional.
  typealias Import = @Sendable (SourceNodeReader, GraphBuilder) throws -> [Value]
  /// The same for operators that also take or give sequences and optionals.
  typealias StructuredImport = @Sendable (SourceNodeReader, GraphBuilder) throws -> [ONNXValue]

  let domain: String
  let name: String
  /// The opset versions whose rules the importer follows.
  let opsets: ClosedRange<Int>
  let inputs: ClosedRange<Int>
  let importNode: StructuredImport

  /// The newest version of ONNX's own operator set that this build knows.
  static let newestOpset: Int = 28
  static let microsoft = "com.microsoft"
  static let learning = "ai.onnx.ml"

  /// The newest version of each domain's operator set that this build knows.
  static func newest(_ domain: String) -> Int {
    domain.isEmpty ? newestOpset : domain == learning ? 5 : 1
  }

  init(
    _ name: String, since: Int = 1, inputs: ClosedRange<Int>, domain: String = "",
    _ importNode: @escaping Import
  ) {
    self.init(name, since: since, inputs: inputs, domain: domain, structured: { node, graph in
      try node.requireTensors()
      return try importNode(node, graph).map { ONNXValue.tensor($0) }
    })
  }

  init(
    _ name: String, since: Int = 1, inputs: ClosedRange<Int>, domain: String = "",
    structured importNode: @escaping StructuredImport
  ) {
    self.name = name
    self.domain = domain
    opsets = since...ONNXOperator.newest(domain)
    self.inputs = inputs
    self.importNode = importNode
  }

  init(
    _ name: String, since: Int = 1, inputs: Int, domain: String = "",
    _ importNode: @escaping Import
  ) {
    self.init(name, since: since, inputs: inputs...inputs, domain: domain, importNode)
  }
}

/// An operator that can be imported, for listings.
public struct ImportableOperator: Hashable, Sendable {
  /// `onnx`, `tflite`.
  public let format: String
  /// Empty for ONNX's own operators.
  public let domain: String
  public let name: String
  /// Versions of the operator set (ONNX) or of the operator (TFLite).
  public let versions: ClosedRange<Int>

  public init(format: String, domain: String, name: String, versions: ClosedRange<Int>) {
    self.format = format
    self.domain = domain
    self.name = name
    self.versions = versions
  }
}
