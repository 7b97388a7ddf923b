import IR

/// One node while it is imported: its inputs as values, its attributes, its version.
struct SourceNodeReader {
  let operation: String
  /// The version of the operator set that the model imports.
  let opset: Int
  /// nil where an optional input is left out.
  let inputs: [ONNXValue?]
  /// Empty where an optional output is left out.
  let outputs: [String]
  let attributes: AttributeReader

  /// Input `index`, a tensor; nil where it is left out.
  func optional(_ index: Int) -> Value? { value(index)?.tensor }

  /// Input `index`, whatever it is; nil where it is left out.
  func value(_ index: Int) -> ONNXValue? { index < inputs.count ? inputs[index] : nil }

  /// Input `index`, whatever it is, which the operator cannot do without.
  func anyInput(_ index: Int) throws -> ONNXValue {
    guard let value = value(index) else { return .tensor(try input(index)) }
    return value
  }

  /// The elements of input `index`, which is a sequence.
  func sequence(_ index: Int) throws -> [ONNXValue] {
    guard case .sequence(let elements) = value(index) else {
      throw invalid("its input \(index) has to be a sequence")
    }
    return elements
  }

  /// Throws where an input is no tensor, for operators that take nothing else.
  func requireTensors() throws {
    for (index, value) in inputs.enumerated() {
      guard let value, value.tensor == nil else { continue }
      throw invalid("its input \(index) is \(value.noun), where a tensor belongs")
    }
  }

  /// Input `index`, which the operator cannot do without.
  func input(_ index: Int) throws -> Value {
    guard let value = optional(index) else {
      throw Diagnostic.error("'\(operation)' misses its input \(index)")
    }
    return value
  }

  /// All inputs, none left out.
  func allInputs() throws -> [Value] { try inputs.indices.map { try input($0) } }

  /// Whether somebody wants output `index`.
  func wants(output index: Int) -> Bool { index < outputs.count && !outputs[index].isEmpty }

  func unsupported(_ reason: String, help: [String] = []) -> Diagnostic {
    .unsupported("'\(operation)': \(reason)", help: help)
  }

  func invalid(_ reason: String) -> Diagnostic { .error("'\(operation)': \(reason)") }
}
