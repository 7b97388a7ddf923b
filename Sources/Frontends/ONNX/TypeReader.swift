import CProto
import IR

/// Reads the declared types of a graph's inputs and outputs.
struct TypeReader {
  let options: ImportOptions

  /// Elements of a tensor. TFLite counts in 32 bits; no model for a device has more.
  static let maximumCount: Int = 1 << 31

  /// The type of input `name`, with symbolic dimensions bound by the options; unknown where nothing
  /// binds them.
  ///
  /// - Throws: a `Diagnostic` without a place.
  func read(_ info: Onnx__ValueInfoProto) throws -> TensorType {
    guard let type = info.type, type.pointee.value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE,
      let tensor = type.pointee.tensor_type
    else {
      throw Diagnostic.unsupported("it is no tensor")
    }
    let element = try ElementType.reading(onnx: tensor.pointee.elem_type)
    let shape = try readShape(text(info.name), tensor.pointee)
    if let count = shape.checkedCount ?? (shape.isStatic ? nil : 0), count <= TypeReader.maximumCount {
      return TensorType(element, shape)
    }
    throw Diagnostic.error("the shape \(shape) is too large")
  }

  /// What sort of value `info` declares.
  ///
  /// - Throws: a `Diagnostic` without a place for maps and sparse tensors.
  func kind(of info: Onnx__ValueInfoProto) throws -> ModelValueKind {
    if info.type?.pointee.value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE {
      return .tensor(try? read(info))
    }
    return try kind(of: info.type)
  }

  private func kind(
    of type: UnsafeMutablePointer<Onnx__TypeProto>?
  ) throws -> ModelValueKind {
    guard let type = type?.pointee else { return .tensor(nil) }
    switch type.value_case {
    case ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE: return .tensor(nil)
    case ONNX__TYPE_PROTO__VALUE_SEQUENCE_TYPE:
      return .sequence(try kind(of: type.sequence_type?.pointee.elem_type))
    case ONNX__TYPE_PROTO__VALUE_OPTIONAL_TYPE:
      return .optional(try kind(of: type.optional_type?.pointee.elem_type))
    default:
      throw Diagnostic.unsupported("maps and sparse tensors cannot be inputs and outputs")
    }
  }

  /// Throws where `value` is not what `info` declares.
  func check(_ value: ModelValue, _ info: Onnx__ValueInfoProto) throws {
    let declared = try kind(of: info)
    let fits: Bool
    switch (value, declared) {
    case (.tensor(let tensor), .tensor(let type)):
      fits = type.map {
        $0.element == tensor.element && $0.shape.isCompatible(with: tensor.shape)
      } ?? true
      if !fits {
        throw Diagnostic.error("the value given for it is a \(tensor.type), the model has \(declared)")
      }
    case (.sequence, .sequence), (.optional, .optional): fits = true
    default: fits = false
    }
    if !fits { throw Diagnostic.error("the value given for it is no \(declared)") }
  }

  private func readShape(_ name: String, _ tensor: Onnx__TypeProto__Tensor) throws -> Shape {
    let override = options.shapes[name]
    guard let declared = tensor.shape else {
      if let override { return override }
      throw Diagnostic.unsupported(
        "its number of dimensions is not in the model", help: ["give it with --shape \(name)=…"])
    }
    let dimensions = messages(declared.pointee.dim, declared.pointee.n_dim)
    guard dimensions.count <= TensorReader.maximumRank else {
      throw Diagnostic.error("a tensor of \(dimensions.count) dimensions")
    }
    var shape = Shape(try dimensions.map { try extent($0.pointee) })
    guard let override else { return shape }
    guard override.rank == shape.rank else {
      throw Diagnostic.error("--shape gives \(override.rank) dimensions, the model has \(shape.rank)")
    }
    for axis in 0..<shape.rank where override[axis] != Shape.unknown {
      guard shape[axis] == Shape.unknown || shape[axis] == override[axis] else {
        throw Diagnostic.error(
          "--shape gives \(override[axis]) for dimension \(axis), the model has \(shape[axis])")
      }
      shape[axis] = override[axis]
    }
    return shape
  }

  private func extent(_ dimension: Onnx__TensorShapeProto__Dimension) throws -> Int {
    switch dimension.value_case {
    case ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE:
      // Some exporters write −1 for "free".
      guard dimension.dim_value >= 0 else { return Shape.unknown }
      return Int(dimension.dim_value)
    case ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM:
      return options.dimensions[text(dimension.dim_param)] ?? Shape.unknown
    default:
      return Shape.unknown
    }
  }
}
