import CProto
import IR

// Calls of the model's own functions, whose bodies are put in place.

extension ONNXGraphImporter {
  /// The results of a call of one of the model's own functions, its body put in place.
  func importFunction(
    _ function: Onnx__FunctionProto, _ node: Onnx__NodeProto, _ arguments: [String],
    _ place: String
  ) throws -> [ONNXValue] {
    var opsets: [String: Int] = [:]
    for entry in messages(function.opset_import, function.n_opset_import).map(\.pointee) {
      opsets[canonicalDomain(text(entry.domain))] = Int(entry.version)
    }
    let inner = ONNXScope(
      calledIn: scope, place, opsets: opsets, attributes: try attributes(of: function, node))
    let parameters = strings(function.input, function.n_input)
    guard arguments.count <= parameters.count else {
      throw Diagnostic.error(
        "'\(text(function.name))' takes \(parameters.count) inputs, not \(arguments.count)")
    }
    for (parameter, argument) in zip(parameters, arguments) {
      guard let value = scope.value(argument) else { continue }
      guard inner.define(parameter, value) else {
        throw Diagnostic.error("two inputs of the function are named '\(parameter)'")
      }
    }
    let results = try nested(inner) {
      importNodes(messages(function.node, function.n_node).map(\.pointee))
      return strings(function.output, function.n_output)
    }
    return try results ?? reported()
  }

  /// The values that a call gives to the function's attributes, defaults filled in.
  private func attributes(
    of function: Onnx__FunctionProto, _ node: Onnx__NodeProto
  ) throws -> [String: Onnx__AttributeProto] {
    var values: [String: Onnx__AttributeProto] = [:]
    for attribute in messages(function.attribute_proto, function.n_attribute_proto).map(\.pointee) {
      values[text(attribute.name)] = attribute
    }
    for attribute in messages(node.attribute, node.n_attribute).map(\.pointee) {
      let name = text(attribute.name)
      if let value = try AttributeReader.resolved(attribute, scope.attributes) { values[name] = value }
    }
    return values
  }
}
