import IR

/// What a name of an ONNX graph stands for while it is imported. The core IR has tensors only:
/// sequences and optionals are taken apart here, so a module never sees them.
indirect enum ONNXValue {
  case tensor(Value)
  case sequence([ONNXValue])
  /// nil where there is no element.
  case optional(ONNXValue?)

  /// The tensor; nil for everything else.
  var tensor: Value? {
    if case .tensor(let value) = self { return value }
    return nil
  }

  /// For diagnostics.
  var noun: String {
    switch self {
    case .tensor: "a tensor"
    case .sequence: "a sequence"
    case .optional: "an optional"
    }
  }

  /// The tensors inside, named as `ModelValue.tensors(named:)` names them.
  func tensors(named name: String) -> [(name: String, value: Value)] {
    switch self {
    case .tensor(let value): [(name, value)]
    case .sequence(let elements):
      elements.enumerated().flatMap { $1.tensors(named: "\(name)[\($0)]") }
    case .optional(let element): element?.tensors(named: name) ?? []
    }
  }
}
