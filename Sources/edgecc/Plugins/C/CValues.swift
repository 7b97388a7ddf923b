import CPlugin
import IR

extension CallContext {
  // MARK: Types

  func cType(_ type: TensorType) -> edgecc_type {
    var result = edgecc_type()
    result.element = type.element.cElement
    result.rank = UInt32(type.rank)
    result.extents = copy(type.shape.dimensions.map { Int64($0) })
    result.axis = -1
    if let quantization = type.quantization {
      result.scale_count = UInt32(quantization.scales.count)
      result.scales = copy(quantization.scales)
      result.zero_points = copy(quantization.zeroPoints)
      result.axis = Int32(quantization.axis ?? -1)
    }
    return result
  }

  /// - Throws: `OperationError` for what is no type.
  func tensorType(_ type: edgecc_type) throws -> TensorType {
    guard let element = ElementType(type.element) else {
      throw OperationError("\(type.element.rawValue) is no element type")
    }
    guard type.rank <= 32, type.rank == 0 || type.extents != nil else {
      throw OperationError("a type of rank \(type.rank) without extents")
    }
    let shape = Shape((0..<Int(type.rank)).map { Int(type.extents[$0]) })
    guard shape.dimensions.allSatisfy({ $0 >= Shape.unknown }), shape.isAddressable else {
      throw OperationError("the shape \(shape) is none")
    }
    return TensorType(element, shape, try quantization(type))
  }

  /// The quantisation of `type`; nil where it has none.
  func quantization(_ type: edgecc_type) throws -> Quantization? {
    guard type.scale_count > 0 else { return nil }
    guard type.scales != nil, type.zero_points != nil, type.scale_count == 1 || type.axis >= 0 else {
      throw OperationError("a quantised type needs scales, zero points and where they run along")
    }
    let count = Int(type.scale_count)
    return Quantization(
      scales: Array(UnsafeBufferPointer(start: type.scales, count: count)),
      zeroPoints: Array(UnsafeBufferPointer(start: type.zero_points, count: count)),
      axis: type.axis >= 0 ? Int(type.axis) : nil)
  }

  // MARK: Tensors

  /// Borrows the bytes of `tensor`, which outlives the call.
  func cTensor(_ tensor: Tensor) -> edgecc_tensor {
    var result = edgecc_tensor()
    result.type = cType(tensor.type)
    result.byte_count = tensor.storage.byteCount
    result.data = UnsafeMutableRawPointer(mutating: tensor.storage.bytes.baseAddress)
    return result
  }

  func tensor(_ tensor: edgecc_tensor) throws -> Tensor {
    let type = try tensorType(tensor.type)
    guard type.shape.isStatic, tensor.byte_count == type.byteCount else {
      throw OperationError("\(tensor.byte_count) bytes for a constant of type \(type)")
    }
    let storage = try Storage(byteCount: type.byteCount) { bytes in
      guard !bytes.isEmpty else { return }
      guard let data = tensor.data else { throw OperationError("a constant without data") }
      bytes.copyMemory(from: UnsafeRawBufferPointer(start: data, count: bytes.count))
    }
    return Tensor(type, storage: storage)
  }

  // MARK: Attributes

  func cAttribute(_ name: String, _ attribute: Attribute) -> edgecc_attribute {
    var result = edgecc_attribute()
    result.name = copy(name)
    switch attribute {
    case .bool(let value): (result.kind, result.integer) = (EDGECC_BOOL, value ? 1 : 0)
    case .int(let value): (result.kind, result.integer) = (EDGECC_INT, Int64(value))
    case .float(let value): (result.kind, result.real) = (EDGECC_FLOAT, Double(value))
    case .string(let value): (result.kind, result.string) = (EDGECC_STRING, copy(value))
    case .ints(let values):
      (result.kind, result.count) = (EDGECC_INTS, values.count)
      result.integers = copy(values.map { Int64($0) })
    case .floats(let values):
      (result.kind, result.count) = (EDGECC_FLOATS, values.count)
      result.reals = copy(values)
    case .strings(let values):
      (result.kind, result.count) = (EDGECC_STRINGS, values.count)
      result.strings = copy(values.map { Optional(copy($0)) })
    case .empty: result.kind = EDGECC_INTS
    }
    return result
  }
}

extension Attribute {
  /// - Throws: `OperationError` for a kind that does not exist.
  init(_ attribute: edgecc_attribute) throws {
    let count = attribute.count
    switch attribute.kind {
    case EDGECC_BOOL: self = .bool(attribute.integer != 0)
    case EDGECC_INT: self = .int(Int(attribute.integer))
    case EDGECC_FLOAT: self = .float(Float(attribute.real))
    case EDGECC_STRING: self = .string(CText.read(attribute.string) ?? "")
    case _ where count == 0: self = .empty
    case EDGECC_INTS where attribute.integers != nil:
      self = .ints((0..<count).map { Int(attribute.integers[$0]) })
    case EDGECC_FLOATS where attribute.reals != nil:
      self = .floats((0..<count).map { attribute.reals[$0] })
    case EDGECC_STRINGS where attribute.strings != nil:
      self = .strings((0..<count).map { CText.read(attribute.strings[$0]) ?? "" })
    default: throw OperationError("an attribute of kind \(attribute.kind.rawValue)")
    }
  }

  /// Whether this may stand where `other` is declared.
  func fits(_ other: Attribute) -> Bool {
    switch (self, other) {
    case (.bool, .bool), (.int, .int), (.float, .float), (.int, .float), (.string, .string),
      (.ints, .ints), (.floats, .floats), (.ints, .floats), (.strings, .strings), (.empty, .ints),
      (.empty, .floats), (.empty, .strings), (.empty, .empty), (.ints, .empty), (.floats, .empty),
      (.strings, .empty):
      true
    default: false
    }
  }

  /// What a user may write where this is the default.
  var kind: String {
    switch self {
    case .bool: Bool.attributeKind
    case .int: Int.attributeKind
    case .float: Float.attributeKind
    case .string: String.attributeKind
    case .ints: [Int].attributeKind
    case .floats: [Float].attributeKind
    case .strings: [String].attributeKind
    case .empty: "a list"
    }
  }
}

extension ElementType {
  private static let numbers: [(ElementType, edgecc_element)] = [
    (.f64, EDGECC_F64), (.f32, EDGECC_F32), (.f16, EDGECC_F16), (.bf16, EDGECC_BF16),
    (.i64, EDGECC_I64), (.i32, EDGECC_I32), (.i16, EDGECC_I16), (.i8, EDGECC_I8),
    (.u64, EDGECC_U64), (.u32, EDGECC_U32), (.u16, EDGECC_U16), (.u8, EDGECC_U8),
    (.bool, EDGECC_BOOLEAN),
  ]

  var cElement: edgecc_element {
    ElementType.numbers.first { $0.0 == self }?.1 ?? EDGECC_OTHER_ELEMENT
  }

  init?(_ element: edgecc_element) {
    guard let known = ElementType.numbers.first(where: { $0.1 == element }) else { return nil }
    self = known.0
  }
}
