import CProto
import IR

/// Reads `TensorProto`s into tensors: raw bytes are borrowed from the message or the mapped file,
/// typed lists are converted.
///
/// Source: ONNX `onnx.proto`, `TensorProto`.
struct TensorReader {
  /// Keeps the message alive that the tensors borrow from.
  let owner: AnyObject
  let external: ExternalData

  /// Axes of a tensor; more than any model has, few enough for every shape computation.
  static let maximumRank: Int = 32

  /// - Throws: a `Diagnostic` without a place.
  func read(_ tensor: Onnx__TensorProto) throws -> Tensor {
    guard tensor.segment == nil else {
      throw Diagnostic.unsupported("a tensor in segments is not supported")
    }
    let element = try ElementType.reading(onnx: tensor.data_type)
    let shape = try readShape(tensor)
    let type = TensorType(element, shape)
    // Both checked: the count by `readShape`, the size by the comparison with the data below.
    let count = shape.count
    if element == .string { return try readStrings(tensor, type) }
    if tensor.has_data_location != 0, tensor.data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL {
      let entries = messages(tensor.external_data, tensor.n_external_data)
      let (bytes, owner) = try external.bytes(entries)
      return try readRaw(bytes, type, owner)
    }
    if tensor.has_raw_data != 0 {
      let raw = UnsafeRawBufferPointer(start: tensor.raw_data.data, count: tensor.raw_data.len)
      return try readRaw(raw, type, owner)
    }
    if count == 0 { return Tensor(type, storage: Storage(byteCount: 0) { _ in }) }
    return try readList(tensor, type)
  }

  private func readShape(_ tensor: Onnx__TensorProto) throws -> Shape {
    guard tensor.n_dims <= TensorReader.maximumRank else {
      throw Diagnostic.error("a tensor of \(tensor.n_dims) dimensions")
    }
    let dimensions = UnsafeBufferPointer(start: tensor.dims, count: tensor.n_dims).map { Int($0) }
    let shape = Shape(dimensions)
    guard dimensions.allSatisfy({ $0 >= 0 }), let count = shape.checkedCount, count <= 1 << 48 else {
      throw Diagnostic.error("a tensor with the impossible shape \(dimensions)")
    }
    return shape
  }

  private func wrongSize(_ type: TensorType, _ found: Int, _ unit: String) -> Diagnostic {
    .error("a \(type) with \(found) \(unit) of data")
  }

  // MARK: Raw bytes

  private func readRaw(
    _ raw: UnsafeRawBufferPointer, _ type: TensorType, _ owner: AnyObject
  ) throws -> Tensor {
    let bits = type.element.bitWidth
    if bits < 8 { return try unpackNarrow(raw.map { $0 }, type) }
    guard raw.count == type.shape.count * type.element.storageSize else {
      throw wrongSize(type, raw.count, "bytes")
    }
    if type.element == .bool {
      // Any byte but 0 is true; the rest of the program relies on 0 and 1.
      return Tensor.from(integers: raw.map { $0 == 0 ? 0 : 1 }, .bool, type.shape)
    }
    let storage = Storage(borrowing: raw, alignment: type.element.storageSize, owner: owner)
    return Tensor(type, storage: storage)
  }

  /// Elements of 2 or 4 bits, the first in the low bits of the first byte.
  private func unpackNarrow(_ bytes: [UInt8], _ type: TensorType) throws -> Tensor {
    let bits = type.element.bitWidth
    let perByte = 8 / bits
    let count = type.shape.count
    guard bytes.count == (count + perByte - 1) / perByte else {
      throw wrongSize(type, bytes.count, "bytes")
    }
    let mask: UInt8 = (1 << UInt8(bits)) - 1
    let signed = type.element.isSignedInteger
    return Tensor.make(type) { (out: UnsafeMutableBufferPointer<UInt8>) in
      for index in 0..<count {
        let field = bytes[index / perByte] >> UInt8(index % perByte * bits) & mask
        let isNegative = signed && field >> UInt8(bits - 1) == 1
        out[index] = isNegative ? field | ~mask : field
      }
    }
  }

  // MARK: Typed lists

  private func readList(_ tensor: Onnx__TensorProto, _ type: TensorType) throws -> Tensor {
    switch type.element {
    case .f32:
      return try make(type, UnsafeBufferPointer(start: tensor.float_data, count: tensor.n_float_data)) { $0 }
    case .f64:
      return try make(type, UnsafeBufferPointer(start: tensor.double_data, count: tensor.n_double_data)) { $0 }
    case .i64:
      return try make(type, UnsafeBufferPointer(start: tensor.int64_data, count: tensor.n_int64_data)) { $0 }
    case .u64:
      return try make(type, UnsafeBufferPointer(start: tensor.uint64_data, count: tensor.n_uint64_data)) { $0 }
    case .u32:
      return try make(type, UnsafeBufferPointer(start: tensor.uint64_data, count: tensor.n_uint64_data)) {
        UInt32(truncatingIfNeeded: $0)
      }
    default: break
    }
    let list = UnsafeBufferPointer(start: tensor.int32_data, count: tensor.n_int32_data)
    if type.element.bitWidth < 8 {
      return try unpackNarrow(list.map { UInt8(truncatingIfNeeded: $0) }, type)
    }
    switch type.element.storageSize {
    case 4: return try make(type, list) { $0 }
    case 2: return try make(type, list) { UInt16(truncatingIfNeeded: $0) }
    default:
      let isBool = type.element == .bool
      return try make(type, list) { isBool ? ($0 == 0 ? 0 : 1) : UInt8(truncatingIfNeeded: $0) }
    }
  }

  private func make<S, T: BitwiseCopyable>(
    _ type: TensorType, _ list: UnsafeBufferPointer<S>, _ convert: (S) -> T
  ) throws -> Tensor {
    guard list.count == type.shape.count else { throw wrongSize(type, list.count, "elements") }
    return Tensor.make(type) { (out: UnsafeMutableBufferPointer<T>) in
      for index in list.indices { out[index] = convert(list[index]) }
    }
  }

  private func readStrings(_ tensor: Onnx__TensorProto, _ type: TensorType) throws -> Tensor {
    guard tensor.n_string_data == type.shape.count else {
      throw wrongSize(type, tensor.n_string_data, "strings")
    }
    let list = UnsafeBufferPointer(start: tensor.string_data, count: tensor.n_string_data)
    return Tensor(type, storage: Storage(strings: list.map { text($0) }))
  }
}
