import Foundation
import IR

/// The raw files that harnesses read and write: sample after sample, each its tensors one after the
/// other, little-endian and dense.
enum SampleFile {
  /// - Throws: `Diagnostic` where a sample does not fit the ports.
  static func encode(_ samples: [[Tensor]], _ ports: [Interface.Port]) throws -> Data {
    var data = Data()
    for sample in samples {
      guard sample.count == ports.count else {
        throw Diagnostic.error("\(sample.count) inputs where the model has \(ports.count)")
      }
      for (tensor, port) in zip(sample, ports) {
        guard tensor.element == port.type.element, tensor.shape == port.type.shape else {
          throw Diagnostic.error("input '\(port.name)' is \(port.type), not \(tensor.type)")
        }
        data.append(contentsOf: tensor.storage.bytes)
      }
    }
    return data
  }

  static func decode(_ data: Data, _ ports: [Interface.Port], count: Int) throws -> [[Tensor]] {
    let size = ports.reduce(0) { $0 + $1.type.byteCount }
    guard data.count == size * count else {
      throw Diagnostic.internalError(
        "the program wrote \(data.count) bytes where \(size * count) were expected")
    }
    var next = data.startIndex
    return (0..<count).map { _ in
      ports.map { port in
        let bytes = data[next..<(next + port.type.byteCount)]
        next += port.type.byteCount
        let storage = Storage(byteCount: port.type.byteCount) { $0.copyBytes(from: bytes) }
        return Tensor(port.type, storage: storage)
      }
    }
  }
}
