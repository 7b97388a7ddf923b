import CProto
import IR

/// The attributes of one node, read by name and kind. Remembers which were asked for, so that the
/// rest can be reported.
final class AttributeReader {
  private var attributes: [String: Onnx__AttributeProto] = [:]
  private var asked: Set<String> = []
  private let tensors: TensorReader

  /// - Throws: a `Diagnostic` where two attributes have one name.
  /// - Parameter bound: inside a function, the values of its attributes.
  init(
    _ node: Onnx__NodeProto, _ tensors: TensorReader,
    _ bound: [String: Onnx__AttributeProto]? = nil
  ) throws {
    self.tensors = tensors
    for attribute in messages(node.attribute, node.n_attribute).map(\.pointee) {
      let name = text(attribute.name)
      guard let value = try AttributeReader.resolved(attribute, bound) else { continue }
      guard attributes.updateValue(value, forKey: name) == nil else {
        throw Diagnostic.error("attribute '\(name)' is given twice")
      }
    }
  }

  /// An attribute that refers to one of the surrounding function's takes its value; nil where the
  /// function's caller left it out.
  static func resolved(
    _ attribute: Onnx__AttributeProto, _ bound: [String: Onnx__AttributeProto]?
  ) throws -> Onnx__AttributeProto? {
    let reference = text(attribute.ref_attr_name)
    guard !reference.isEmpty else { return attribute }
    guard let bound else {
      throw Diagnostic.error(
        "attribute '\(text(attribute.name))' refers to '\(reference)' outside a function")
    }
    return bound[reference]
  }

  /// The attributes that nobody asked for.
  var unread: [String] { attributes.keys.filter { !asked.contains($0) }.sorted() }

  func has(_ name: String) -> Bool {
    asked.insert(name)
    return attributes[name] != nil
  }

  /// The attribute `name`, which must be of `kind` where the file states a kind.
  private func find(
    _ name: String, _ kind: Onnx__AttributeProto__AttributeType
  ) throws -> Onnx__AttributeProto? {
    asked.insert(name)
    guard let attribute = attributes[name] else { return nil }
    if attribute.has_type != 0, attribute.type != kind {
      let found = kindName(attribute.type)
      throw Diagnostic.error("attribute '\(name)' is \(found) where \(kindName(kind)) belongs")
    }
    return attribute
  }

  private func kindName(_ kind: Onnx__AttributeProto__AttributeType) -> String {
    edgecc_onnx_attribute_type_name(Int32(truncatingIfNeeded: kind.rawValue))
      .map { String(cString: $0) } ?? "of kind \(kind.rawValue)"
  }

  func int(_ name: String) throws -> Int? {
    try find(name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT).map { Int($0.i) }
  }

  func int(_ name: String, default value: Int) throws -> Int { try int(name) ?? value }

  func flag(_ name: String, default value: Bool = false) throws -> Bool {
    try int(name).map { $0 != 0 } ?? value
  }

  func float(_ name: String) throws -> Float? {
    try find(name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT)?.f
  }

  func float(_ name: String, default value: Float) throws -> Float { try float(name) ?? value }

  func string(_ name: String) throws -> String? {
    try find(name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING).map { text($0.s) }
  }

  func ints(_ name: String) throws -> [Int]? {
    try find(name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS).map { attribute in
      UnsafeBufferPointer(start: attribute.ints, count: attribute.n_ints).map { Int($0) }
    }
  }

  func floats(_ name: String) throws -> [Float]? {
    try find(name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS).map { attribute in
      Array(UnsafeBufferPointer(start: attribute.floats, count: attribute.n_floats))
    }
  }

  func strings(_ name: String) throws -> [String]? {
    try find(name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS).map { attribute in
      UnsafeBufferPointer(start: attribute.strings, count: attribute.n_strings).map { text($0) }
    }
  }

  func tensor(_ name: String) throws -> Tensor? {
    guard let found = try find(name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR),
      let tensor = found.t
    else { return nil }
    return try tensors.read(tensor.pointee)
  }

  /// A sparse tensor, its zeros put in.
  func sparseTensor(_ name: String) throws -> Tensor? {
    guard let found = try find(name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__SPARSE_TENSOR),
      let sparse = found.sparse_tensor
    else { return nil }
    return try tensors.read(sparse: sparse.pointee)
  }

  func graph(_ name: String) throws -> UnsafeMutablePointer<Onnx__GraphProto>? {
    try find(name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPH)?.g
  }

  /// Every attribute whose kind text IR has, and every tensor. Others, such as graphs, stay unread.
  func all() throws -> (attributes: [String: Attribute], tensors: [String: Tensor]) {
    var result: [String: Attribute] = [:]
    var tensors: [String: Tensor] = [:]
    for (name, attribute) in attributes {
      switch attribute.type {
      case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT: result[name] = try int(name).map { .int($0) }
      case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT:
        result[name] = try float(name).map { .float($0) }
      case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING:
        result[name] = try string(name).map { .string($0) }
      case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS:
        result[name] = try ints(name).map { $0.isEmpty ? .empty : .ints($0) }
      case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS:
        result[name] = try floats(name).map { $0.isEmpty ? .empty : .floats($0) }
      case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS:
        result[name] = try strings(name).map { $0.isEmpty ? .empty : .strings($0) }
      case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR: tensors[name] = try tensor(name)
      default: continue
      }
    }
    return (result, tensors)
  }

  /// An element type given by number.
  func elementType(_ name: String) throws -> ElementType? {
    guard let number = try int(name) else { return nil }
    return try ElementType.reading(onnx: Int32(truncatingIfNeeded: number))
  }
}
