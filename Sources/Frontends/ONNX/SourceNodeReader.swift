import IR

/// One node while it is imported: its inputs as values, its attributes, its version.
struct SourceNodeReader {
  let operation: String
  /// The version of the operator set that the model imports.
  let opset: Int
  /// nil where an optional input is left out.
  let inputs: [Value?]
  /// Empty where an optional output is left out.
  let outputs: [String]
  let attributes: AttributeReader

  /// Input `index`; nil where it is left out.
  func optional(_ index: Int) -> Value? { index < inputs.count ? inputs[index] : nil }

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
