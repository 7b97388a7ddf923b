import CProto
import IR

// Types and constants of the file. Nothing in a tensor is to be trusted beyond what the reader
// verified: extents, lengths and quantisation lists are checked here, before any `Tensor` is made.

/// The largest number of elements that a value may have.
let elementLimit: Int = 1 << 31

private let elementTypes: [String: ElementType] = [
  "FLOAT32": .f32, "FLOAT64": .f64, "FLOAT16": .f16, "BFLOAT16": .bf16,
  "INT64": .i64, "INT32": .i32, "INT16": .i16, "INT8": .i8, "INT4": .i4, "INT2": .i2,
  "UINT64": .u64, "UINT32": .u32, "UINT16": .u16, "UINT8": .u8, "BOOL": .bool,
]

/// The core element type for a TFLite type number.
func elementType(_ number: Int32) throws -> ElementType {
  let name = edgecc_tflite_type_name(number).map { String(cString: $0) } ?? "number \(number)"
  guard let element = elementTypes[name] else {
    throw UnsupportedFeature("the element type \(name)")
  }
  return element
}

extension edgecc_tflite_tensor {
  var title: String { String(cString: name) }

  /// Whether the elements are complex numbers of two floats.
  var isComplex: Bool {
    edgecc_tflite_type_name(type).map { String(cString: $0) == "COMPLEX64" } ?? false
  }

  func readShape() throws -> Shape {
    let shape = Shape(list(self.shape))
    guard shape.dimensions.allSatisfy({ $0 >= 0 }) else {
      throw Diagnostic.error("tensor '\(title)' has a negative extent: \(shape.dimensions)")
    }
    guard let count = shape.checkedCount, count <= elementLimit else {
      throw Diagnostic.error("tensor '\(title)' of \(shape) has too many elements")
    }
    return shape
  }

  /// The tensor's type. Quantisation is read for integers of at most 16 bits; wider ones (biases,
  /// shapes, indices) mean themselves.
  func readType() throws -> TensorType {
    let element = try elementType(type)
    let shape = try readShape()
    guard element.isInteger, element.bitWidth <= 16 else {
      try checkQuantizationLists()
      return TensorType(element, shape)
    }
    return TensorType(element, shape, try readQuantization(element, shape))
  }

  /// The lists' lengths alone, for tensors whose parameters are not used.
  private func checkQuantizationLists() throws {
    let (scales, zeros) = (quantization.scale.count, quantization.zero_point.count)
    guard quantization.present, scales > 0, quantization.details == 0 else { return }
    guard zeros <= 1 || zeros == scales else {
      throw Diagnostic.error("tensor '\(title)' has \(scales) scales but \(zeros) zero points")
    }
  }

  private func readQuantization(_ element: ElementType, _ shape: Shape) throws -> Quantization? {
    let raw = quantization
    guard raw.present else { return nil }
    guard raw.details == 0 else {
      throw UnsupportedFeature("the quantisation of '\(title)', which is not affine")
    }
    let scales = Array(UnsafeBufferPointer(start: raw.scale.values, count: raw.scale.count))
    guard !scales.isEmpty else { return nil }
    let points = raw.zero_point
    var zeros = Array(UnsafeBufferPointer(start: points.values, count: points.count))
    if zeros.isEmpty { zeros = [0] }
    if zeros.count == 1 { zeros = Array(repeating: zeros[0], count: scales.count) }
    guard zeros.count == scales.count else {
      throw Diagnostic.error(
        "tensor '\(title)' has \(scales.count) scales but \(zeros.count) zero points")
    }
    guard scales.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw Diagnostic.error("tensor '\(title)' has a scale that is not positive and finite")
    }
    let range = element.integerRange ?? 0...0
    guard zeros.allSatisfy({ $0 >= range.lowerBound && $0 <= range.upperBound }) else {
      throw Diagnostic.error("tensor '\(title)' has a zero point outside \(element.rawValue)")
    }
    if element == .i16, zeros.contains(where: { $0 != 0 }) {
      throw UnsupportedFeature("the zero point of the 16-bit tensor '\(title)'")
    }
    let zeroPoints = zeros.map { Int32($0) }
    guard scales.count > 1 else { return Quantization(scale: scales[0], zeroPoint: zeroPoints[0]) }
    let axis = Int(raw.dimension)
    guard (0..<shape.rank).contains(axis), shape[axis] == scales.count else {
      throw Diagnostic.error(
        "tensor '\(title)' of [\(shape)] has \(scales.count) scales along axis \(axis)")
    }
    return Quantization(scales: scales, zeroPoints: zeroPoints, axis: axis)
  }

  /// The value of a constant, `index` in `subgraph`; nil where the tensor has no bytes in the file.
  func readConstant(owner: TFLiteFile, _ subgraph: Int, _ index: Int) throws -> Tensor? {
    guard external_buffer == 0 else {
      throw UnsupportedFeature("data outside the file, of tensor '\(title)'")
    }
    guard data.count > 0 else { return nil }
    let type = try readType()
    let bytes = UnsafeRawBufferPointer(start: data.values, count: data.count)
    if is_sparse {
      guard type.element.bitWidth >= 8,
        let dense = try SparseTensor(type, title, owner.sparsity(index, in: subgraph)).dense(bytes)
      else { throw Diagnostic.error("tensor '\(title)' of \(type) has the wrong sparse elements") }
      return dense
    }
    let packed = type.element.bitWidth < 8
    let bits = type.shape.count * type.element.bitWidth
    guard bytes.count == (packed ? (bits + 7) / 8 : type.byteCount) else {
      throw Diagnostic.error("tensor '\(title)' of \(type) has \(bytes.count) bytes")
    }
    if packed { return unpack(bytes, type) }
    if type.element == .bool, bytes.contains(where: { $0 > 1 }) {
      throw Diagnostic.error("tensor '\(title)' has a bool that is neither 0 nor 1")
    }
    let alignment = max(type.element.storageSize, 1)
    return Tensor(type, storage: Storage(borrowing: bytes, alignment: alignment, owner: owner))
  }

  /// Elements of 4 or 2 bits, the first in the low bits of a byte.
  private func unpack(_ bytes: UnsafeRawBufferPointer, _ type: TensorType) -> Tensor {
    let width = type.element.bitWidth
    let perByte = 8 / width
    let values = (0..<type.shape.count).map { index -> Int in
      Int(bytes[index / perByte]) >> (index % perByte * width)
    }
    return Tensor.from(integers: values, type.element, type.shape).reinterpreted(as: type)
  }
}
