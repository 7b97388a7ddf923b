import CProto
import IR

/// Files with one value of a model's input or output: a tensor, or what else ONNX has.
public enum ModelValueFile {
  /// The value in the file at `path`, read as `kind` says: the bytes of ONNX's messages do not tell
  /// a tensor from a sequence or an optional. An archive (`.npz`) is a sequence of its arrays.
  ///
  /// - Returns: the tensor's own name, empty where it has none, and the value.
  /// - Throws: a `Diagnostic` naming the file.
  public static func load(
    _ path: String, as kind: ModelValueKind
  ) throws -> (name: String, value: ModelValue) {
    let file = try ModelFile.open(path: path)
    defer { withExtendedLifetime(file) {} }
    do {
      let isMessage = file.fileName.hasSuffix(".pb")
      switch kind {
      case .sequence where isMessage:
        let unpacked = try UnpackedMessage.sequence(file.bytes)
        let reader = MessageReader(owner: unpacked, folder: file.folder)
        return (
          text(unpacked.message.pointee.name), try reader.read(unpacked.message.pointee)
        )
      case .optional where isMessage:
        let unpacked = try UnpackedMessage.optional(file.bytes)
        let reader = MessageReader(owner: unpacked, folder: file.folder)
        return (
          text(unpacked.message.pointee.name), try reader.read(unpacked.message.pointee)
        )
      case .sequence:
        return ("", .sequence(try DataFile.load(path).map { .tensor($0.tensor) }))
      case .optional(let element):
        let (name, value) = try load(path, as: element)
        return (name, .optional(value))
      case .tensor:
        let arrays = try DataFile.load(path)
        guard arrays.count == 1 else {
          throw Diagnostic.error("the file holds \(arrays.count) arrays where one is needed")
        }
        return (arrays[0].name == file.stem ? "" : arrays[0].name, .tensor(arrays[0].tensor))
      }
    } catch let diagnostic as Diagnostic {
      throw diagnostic.inFile(path)
    }
  }
}

/// Reads `SequenceProto` and `OptionalProto` (ONNX `onnx-data.proto`).
private struct MessageReader {
  private let tensors: TensorReader

  init(owner: AnyObject, folder: String) {
    tensors = TensorReader(owner: owner, external: ExternalData(folder: folder))
  }

  func read(_ sequence: Onnx__SequenceProto) throws -> ModelValue {
    switch sequence.elem_type {
    case ElementKind.undefined:
      return .sequence([])
    case ElementKind.tensor:
      let list = messages(sequence.tensor_values, sequence.n_tensor_values)
      return .sequence(try list.map { .tensor(try tensors.read($0.pointee)) })
    case ElementKind.sequence:
      let list = messages(sequence.sequence_values, sequence.n_sequence_values)
      return .sequence(try list.map { try read($0.pointee) })
    case ElementKind.optional:
      let list = messages(sequence.optional_values, sequence.n_optional_values)
      return .sequence(try list.map { try read($0.pointee) })
    default:
      throw Diagnostic.unsupported("sequences of maps and of sparse tensors are not read")
    }
  }

  func read(_ optional: Onnx__OptionalProto) throws -> ModelValue {
    switch optional.elem_type {
    case ElementKind.undefined:
      return .optional(nil)
    case ElementKind.tensor:
      let element = optional.tensor_value?.pointee
      return .optional(try element.map { .tensor(try tensors.read($0)) })
    case ElementKind.sequence:
      return .optional(try (optional.sequence_value?.pointee).map { try read($0) })
    case ElementKind.optional:
      return .optional(try (optional.optional_value?.pointee).map { try read($0) })
    default:
      throw Diagnostic.unsupported("optional maps and sparse tensors are not read")
    }
  }
}

/// `SequenceProto.DataType` and `OptionalProto.DataType`, which count alike.
private enum ElementKind {
  static let undefined: Int32 = 0
  static let tensor: Int32 = 1
  static let sequence: Int32 = 3
  static let optional: Int32 = 5
}
