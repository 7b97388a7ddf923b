import CProto
import IR

/// A lone ONNX `TensorProto` in a file (`.pb`), as ONNX's test data have them.
public enum TensorProtoFile {
  /// The tensor and its name, which is often empty.
  ///
  /// - Throws: a `Diagnostic` without a file.
  public static func read(
    _ bytes: UnsafeRawBufferPointer, folder: String
  ) throws -> (name: String, tensor: Tensor) {
    let unpacked = try UnpackedMessage.tensor(bytes)
    defer { withExtendedLifetime(unpacked) {} }
    let reader = TensorReader(owner: unpacked, external: ExternalData(folder: folder))
    return (text(unpacked.message.pointee.name), try reader.read(unpacked.message.pointee))
  }
}
