/// What a model takes or gives when it runs. Nearly always a tensor; ONNX also has sequences and
/// optionals (`onnx.proto`, `TypeProto`), which frontends take apart while they import.
public indirect enum ModelValue: Hashable, Sendable {
  case tensor(Tensor)
  case sequence([ModelValue])
  /// nil where there is no element.
  case optional(ModelValue?)

  /// The tensor; nil for everything else.
  public var tensor: Tensor? {
    if case .tensor(let tensor) = self { return tensor }
    return nil
  }

  /// The tensors inside with the names that tell where they stand: `name` itself, `name[0]` for an
  /// element of a sequence. Empty sequences and optionals have none.
  public func tensors(named name: String) -> [(name: String, tensor: Tensor)] {
    switch self {
    case .tensor(let tensor): [(name, tensor)]
    case .sequence(let elements):
      elements.enumerated().flatMap { $1.tensors(named: "\(name)[\($0)]") }
    case .optional(let element): element?.tensors(named: name) ?? []
    }
  }
}

/// Which sort of value a model declares for an input or output.
public indirect enum ModelValueKind: Hashable, Sendable {
  /// nil where the file does not state element type and number of dimensions.
  case tensor(TensorType?)
  case sequence(ModelValueKind)
  case optional(ModelValueKind)

  /// Whether it is a tensor in every run.
  public var isTensor: Bool {
    if case .tensor = self { return true }
    return false
  }
}

extension ModelValueKind: CustomStringConvertible {
  /// `tensor<?x8xf32>`, `sequence of tensor<…>`.
  public var description: String {
    switch self {
    case .tensor(let type): type.map { "\($0)" } ?? "tensor of any shape"
    case .sequence(let element): "sequence of \(element)"
    case .optional(let element): "optional \(element)"
    }
  }
}
