import CProto
import IR

/// A message that protobuf-c unpacked, freed with the last tensor that borrows from it.
///
/// `@unchecked Sendable` holds because nothing writes to the message after it was unpacked.
final class UnpackedMessage<Message>: @unchecked Sendable {
  let message: UnsafeMutablePointer<Message>
  /// What the message borrows large tensors from; nil where it owns all.
  let source: Storage?
  private let release: (UnsafeMutablePointer<Message>?) -> Void

  private init(
    _ message: UnsafeMutablePointer<Message>, _ source: Storage?,
    _ release: @escaping (UnsafeMutablePointer<Message>?) -> Void
  ) {
    self.message = message
    self.source = source
    self.release = release
  }

  deinit { release(message) }

  private typealias Unpack = (
    UnsafeRawPointer?, Int, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<Int>
  ) -> UnsafeMutablePointer<Message>?

  private static func unpack(
    _ bytes: UnsafeRawBufferPointer, as what: String, source: Storage? = nil, _ unpack: Unpack,
    _ release: @escaping (UnsafeMutablePointer<Message>?) -> Void
  ) throws -> UnpackedMessage {
    var reason = [CChar](repeating: 0, count: 256)
    var offset = 0
    guard let message = unpack(bytes.baseAddress, bytes.count, &reason, reason.count, &offset)
    else {
      let sentence = String(decoding: reason.map(UInt8.init(bitPattern:)).prefix { $0 != 0 }, as: UTF8.self)
      throw Diagnostic.error("not \(what): \(sentence)", place: "byte \(offset)")
    }
    return UnpackedMessage(message, source, release)
  }
}

extension UnpackedMessage where Message == Onnx__ModelProto {
  /// The model in `source`, from which it borrows its large tensors.
  ///
  /// - Throws: a `Diagnostic` with the byte at which the bytes stop being a model.
  static func model(_ source: Storage) throws -> UnpackedMessage {
    let bytes = source.bytes
    return try unpack(bytes, as: "an ONNX model", source: source, edgecc_onnx_model_unpack) {
      edgecc_onnx_model_free($0, bytes.baseAddress, bytes.count)
    }
  }
}

extension UnpackedMessage where Message == Onnx__TensorProto {
  /// - Throws: a `Diagnostic` with the byte at which the bytes stop being a tensor.
  static func tensor(_ bytes: UnsafeRawBufferPointer) throws -> UnpackedMessage {
    try unpack(bytes, as: "an ONNX tensor", edgecc_onnx_tensor_unpack, edgecc_onnx_tensor_free)
  }
}

extension UnpackedMessage where Message == Onnx__SequenceProto {
  /// - Throws: a `Diagnostic` with the byte at which the bytes stop being a sequence.
  static func sequence(_ bytes: UnsafeRawBufferPointer) throws -> UnpackedMessage {
    try unpack(
      bytes, as: "an ONNX sequence", edgecc_onnx_sequence_unpack, edgecc_onnx_sequence_free)
  }
}

extension UnpackedMessage where Message == Onnx__OptionalProto {
  /// - Throws: a `Diagnostic` with the byte at which the bytes stop being an optional.
  static func optional(_ bytes: UnsafeRawBufferPointer) throws -> UnpackedMessage {
    try unpack(
      bytes, as: "an ONNX optional", edgecc_onnx_optional_unpack, edgecc_onnx_optional_free)
  }
}

/// A repeated message field as an array of pointers.
func messages<T>(
  _ list: UnsafeMutablePointer<UnsafeMutablePointer<T>?>?, _ count: Int
) -> [UnsafeMutablePointer<T>] {
  guard let list else { return [] }
  return (0..<count).compactMap { list[$0] }
}

/// A repeated string field.
func strings(_ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ count: Int) -> [String] {
  guard let list else { return [] }
  return (0..<count).map { text(list[$0]) }
}

/// A string field; empty where it is absent. Bytes that are no UTF-8 are replaced.
func text(_ field: UnsafeMutablePointer<CChar>?) -> String {
  field.map { String(cString: $0) } ?? ""
}

/// A bytes field as a string.
func text(_ field: ProtobufCBinaryData) -> String {
  String(decoding: UnsafeBufferPointer(start: field.data, count: field.len), as: UTF8.self)
}
