import Foundation

/// Arrays as `.npy` files.
enum ArrayFile {
  static func write(_ values: [Float], shape: [Int], to file: URL) throws {
    try write(values.map(\.bitPattern), "<f4", shape, file)
  }

  static func write(integers values: [Int32], shape: [Int], to file: URL) throws {
    try write(values.map { UInt32(bitPattern: $0) }, "<i4", shape, file)
  }

  private static func write(
    _ words: [UInt32], _ type: String, _ shape: [Int], _ file: URL
  ) throws {
    let extents = shape.map { "\($0), " }.joined()
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }"
    while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
    header += "\n"
    var data = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0])
    data += Data([UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)])
    data += Data(header.utf8)
    for word in words { withUnsafeBytes(of: word.littleEndian) { data += Data($0) } }
    try data.write(to: file)
  }

  /// The elements of an array of float32.
  static func read(_ file: URL) throws -> [Float] {
    let npy = try Data(contentsOf: file)
    let length = Int(npy[8]) | Int(npy[9]) << 8
    let bytes = Array(npy.dropFirst(10 + length))
    return stride(from: 0, to: bytes.count, by: 4).map { place in
      let word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
      return Float(bitPattern: word)
    }
  }
}
