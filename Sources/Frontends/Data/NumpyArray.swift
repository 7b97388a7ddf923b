import IR

/// Arrays in NumPy's `.npy` format, versions 1 to 3.
///
/// Source: NumPy Enhancement Proposal 1 and `numpy.lib.format`.
public enum NumpyArray {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The array in `bytes`.
  ///
  /// - Parameter owner: keeps `bytes` alive; the tensor borrows from them where they are aligned.
  /// - Throws: a `Diagnostic` without a file.
  public static func read(_ bytes: UnsafeRawBufferPointer, owner: AnyObject) throws -> Tensor {
    let (text, offset) = try headerText(bytes)
    let header = try NumpyHeader(parsing: text)
    guard let count = header.shape.checkedCount, count <= 1 << 48 else {
      throw Diagnostic.error("a .npy array with the impossible shape \(header.shape)")
    }
    let size = count * header.element.storageSize
    guard bytes.count - offset >= size else {
      throw Diagnostic.error(
        "a .npy array of \(size) bytes in a file with \(bytes.count - offset) bytes behind the header")
    }
    let data = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + size)])
    let type = TensorType(header.element, header.shape)
    let plain = tensor(data, type, header, owner)
    return header.isFortran ? transposed(plain, header.shape) : plain
  }

  private static func headerText(
    _ bytes: UnsafeRawBufferPointer
  ) throws -> (text: String, end: Int) {
    guard bytes.count >= 10, bytes.prefix(6).elementsEqual(magic) else {
      throw Diagnostic.error("not a .npy file: it does not start with \\x93NUMPY")
    }
    let version = bytes[6]
    guard (1...3).contains(version) else {
      throw Diagnostic.error("a .npy file of version \(version); versions 1 to 3 are known")
    }
    let start = version == 1 ? 10 : 12
    guard bytes.count >= start else { throw Diagnostic.error("the .npy header is cut off") }
    var length = Int(bytes[8]) | Int(bytes[9]) << 8
    if version > 1 { length |= Int(bytes[10]) << 16 | Int(bytes[11]) << 24 }
    guard length <= bytes.count - start, length <= 1 << 20 else {
      throw Diagnostic.error("the .npy header is cut off")
    }
    let text = String(decoding: bytes[start..<(start + length)], as: UTF8.self)
    return (text, start + length)
  }

  private static func tensor(
    _ data: UnsafeRawBufferPointer, _ type: TensorType, _ header: NumpyHeader, _ owner: AnyObject
  ) -> Tensor {
    let size = type.element.storageSize
    if header.isSwapped {
      let storage = Storage(byteCount: data.count) { out in
        for index in data.indices { out[index] = data[index / size * size + size - 1 - index % size] }
      }
      return Tensor(type, storage: storage)
    }
    if type.element == .bool {
      return Tensor.from(integers: data.map { $0 == 0 ? 0 : 1 }, .bool, type.shape)
    }
    return Tensor(type, storage: Storage(borrowing: data, alignment: size, owner: owner))
  }

  /// Column-major bytes in row-major order.
  private static func transposed(_ tensor: Tensor, _ shape: Shape) -> Tensor {
    let size = tensor.element.storageSize
    var strides: [Int] = []
    var step = 1
    for extent in shape.dimensions {
      strides.append(step)
      step *= extent
    }
    let source = tensor.storage.bytes
    let storage = Storage(byteCount: source.count) { out in
      var index = [Int](repeating: 0, count: shape.rank)
      for element in 0..<tensor.count {
        let from = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 } * size
        for byte in 0..<size { out[element * size + byte] = source[from + byte] }
        var axis = shape.rank - 1
        while axis >= 0 {
          index[axis] += 1
          if index[axis] < shape[axis] { break }
          index[axis] = 0
          axis -= 1
        }
      }
    }
    return Tensor(tensor.type, storage: storage)
  }

  /// `tensor` as the bytes of a `.npy` file, version 1. Types that NumPy lacks are written as what
  /// stores them: bf16 and 8-bit floats as their bits, sub-byte integers as bytes.
  ///
  /// - Throws: a `Diagnostic` for strings.
  public static func bytes(of tensor: Tensor) throws -> [UInt8] {
    guard let code = NumpyHeader.code(of: tensor.element) else {
      throw Diagnostic.unsupported("a \(tensor.type) cannot be written as .npy")
    }
    let extents = tensor.shape.dimensions.map { "\($0)" }.joined(separator: ", ")
    let tuple = tensor.rank == 1 ? "(\(extents),)" : "(\(extents))"
    var header = "{'descr': '\(code)', 'fortran_order': False, 'shape': \(tuple), }"
    // Header and data together start at a multiple of 64, as NumPy does it.
    let padding = (64 - (10 + header.utf8.count + 1) % 64) % 64
    header += String(repeating: " ", count: padding) + "\n"
    let length = header.utf8.count
    guard length <= 65535 else {
      throw Diagnostic.unsupported("a tensor of rank \(tensor.rank) cannot be written as .npy")
    }
    var result: [UInt8] = magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
    result += Array(header.utf8)
    result += Array(tensor.storage.bytes)
    return result
  }

  /// Writes `tensor` to the file at `path`.
  ///
  /// - Throws: a `Diagnostic` naming the file.
  public static func write(_ tensor: Tensor, to path: String) throws {
    do {
      try writeFile(try bytes(of: tensor), to: path)
    } catch let diagnostic as Diagnostic {
      throw diagnostic.inFile(path)
    }
  }
}
