/// How a custom operator of a model file becomes operations.
///
///     OperatorImport.onnx("ScaledSwish", domain: "com.example", inputs: 1...1) { node, rewriter in
///       var swish = ScaledSwish()
///       swish.alpha = try node.attribute("alpha", default: swish.alpha)
///       return [try node.insert(swish, [node.input(0)], into: &rewriter)]
///     }
public struct OperatorImport: Sendable {
  /// Makes the operations of one node; one value per output that the node has.
  ///
  /// - Throws: a `Diagnostic` or an `OperationError`; the frontend adds the node's name.
  public typealias Body =
    @Sendable (_ node: CustomOperator, _ rewriter: inout Rewriter) throws -> [Value]

  /// Which operator.
  public struct Key: Hashable, Sendable, CustomStringConvertible {
    /// `onnx`, `tflite`.
    public let format: String
    /// ONNX's domain; empty for TFLite.
    public let domain: String
    /// ONNX's operator type, TFLite's custom code.
    public let name: String

    public init(format: String, domain: String, name: String) {
      self.format = format
      self.domain = domain
      self.name = name
    }

    /// `onnx:com.example:ScaledSwish`, `tflite:ScaledSwish`.
    public var description: String {
      format + (domain.isEmpty ? "" : ":" + domain) + ":" + name
    }
  }

  public let key: Key
  /// How many inputs a node may have, those left out included.
  public let inputs: ClosedRange<Int>
  public let body: Body

  public init(_ key: Key, inputs: ClosedRange<Int>, _ body: @escaping Body) {
    self.key = key
    self.inputs = inputs
    self.body = body
  }

  /// An ONNX operator; `domain` is not ONNX's own.
  public static func onnx(
    _ name: String, domain: String, inputs: ClosedRange<Int>, _ body: @escaping Body
  ) -> OperatorImport {
    OperatorImport(Key(format: "onnx", domain: domain, name: name), inputs: inputs, body)
  }

  /// A TFLite operator of type `CUSTOM`.
  public static func tflite(
    customCode: String, inputs: ClosedRange<Int>, _ body: @escaping Body
  ) -> OperatorImport {
    OperatorImport(Key(format: "tflite", domain: "", name: customCode), inputs: inputs, body)
  }
}

/// One node of a model while a plugin imports it.
public struct CustomOperator: Sendable {
  public let key: OperatorImport.Key
  /// Of the operator set (ONNX) or of the operator (TFLite).
  public let version: Int
  /// nil where an optional input is left out.
  public let inputs: [Value?]
  public let outputCount: Int
  /// What the file declares each output to be, quantisation included; nil where it does not say.
  public let outputTypes: [TensorType?]
  /// The node's attributes; for TFLite the numbers of its FlexBuffers map.
  public let attributes: [String: Attribute]
  /// ONNX attributes that are tensors.
  public let tensors: [String: Tensor]
  /// TFLite's custom options as they are in the file.
  public let options: [UInt8]
  /// Where the node is in the model.
  public let location: Location
  /// Where its operations go; nil for the function's own block.
  public let block: Block?

  public init(
    key: OperatorImport.Key, version: Int, inputs: [Value?], outputCount: Int,
    outputTypes: [TensorType?], attributes: [String: Attribute], tensors: [String: Tensor] = [:],
    options: [UInt8] = [], location: Location, block: Block?
  ) {
    self.key = key
    self.version = version
    self.inputs = inputs
    self.outputCount = outputCount
    self.outputTypes = outputTypes
    self.attributes = attributes
    self.tensors = tensors
    self.options = options
    self.location = location
    self.block = block
  }

  /// Input `index`, which the operator cannot do without.
  public func input(_ index: Int) throws -> Value {
    guard index < inputs.count, let value = inputs[index] else {
      throw OperationError("'\(key.name)' misses its input \(index)")
    }
    return value
  }

  /// The attribute `name`, which the node has to have.
  public func attribute<V: AttributeConvertible>(_ name: String, as: V.Type = V.self) throws -> V {
    guard let attribute = attributes[name] else {
      throw OperationError("'\(key.name)' misses its attribute '\(name)'")
    }
    guard let value = V(attribute: attribute) else {
      throw OperationError("'\(key.name)' needs \(V.attributeKind) for attribute '\(name)'")
    }
    return value
  }

  /// The attribute `name`, or `value` where the node leaves it out.
  public func attribute<V: AttributeConvertible>(_ name: String, default value: V) throws -> V {
    attributes[name] == nil ? value : try attribute(name)
  }

  /// Adds `operation` with one result at the node's place. `quantization` is what the result is
  /// asked to have; by default what the file declares for output 0.
  public func insert(
    _ operation: any Operation, _ operands: [Value], quantization: Quantization? = nil,
    into rewriter: inout Rewriter
  ) throws -> Value {
    let asked = quantization ?? outputTypes.first.flatMap { $0 }?.quantization
    return try rewriter.insertOne(
      operation, operands, quantization: asked, in: block, at: location)
  }
}
