import CProto
import IR

/// An open TFLite file. Constants borrow its bytes, so it closes when the last of them is gone.
///
/// `@unchecked Sendable` holds because nothing writes to the reader's memory after `init`.
final class TFLiteFile: @unchecked Sendable {
  private let reader: OpaquePointer

  /// - Throws: a `Diagnostic` with the reader's reason where the bytes are no sound TFLite file.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    var reason = [CChar](repeating: 0, count: 256)
    guard let reader = edgecc_tflite_open(bytes.baseAddress, bytes.count, &reason, reason.count)
    else {
      let text = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw Diagnostic.error("not a sound TFLite file: \(String(decoding: text, as: UTF8.self))")
    }
    self.reader = reader
  }

  deinit { edgecc_tflite_close(reader) }

  /// What wrote the file, as it says itself.
  var description: String { String(cString: edgecc_tflite_description(reader)) }

  var subgraphCount: Int { edgecc_tflite_subgraph_count(reader) }

  /// The sparsity of a sparse tensor and its levels.
  func sparsity(
    _ tensor: Int, in subgraph: Int
  ) -> (edgecc_tflite_sparsity, [edgecc_tflite_sparse_dimension]) {
    let sparsity = edgecc_tflite_sparsity_of(reader, subgraph, tensor)
    let levels = (0..<sparsity.dimension_count).map {
      edgecc_tflite_sparse_dimension_at(reader, subgraph, tensor, $0)
    }
    return (sparsity, levels)
  }

  func subgraph(_ index: Int) -> Subgraph {
    let raw = edgecc_tflite_subgraph_at(reader, index)
    return Subgraph(
      inputs: list(raw.inputs), outputs: list(raw.outputs), operatorCount: raw.operator_count)
  }

  func tensor(_ index: Int, in subgraph: Int) -> edgecc_tflite_tensor {
    edgecc_tflite_tensor_at(reader, subgraph, index)
  }

  func call(_ index: Int, in subgraph: Int) -> OperatorCall {
    let raw = edgecc_tflite_operator_at(reader, subgraph, index)
    let builtin = raw.builtin_name.map { String(cString: $0) } ?? "\(raw.builtin_code)"
    let outputs = list(raw.outputs)
    let named = outputs.first.map { String(cString: tensor($0, in: subgraph).name) } ?? ""
    return OperatorCall(
      place: named.isEmpty ? "\(builtin)_\(index)" : named, name: builtin,
      customCode: String(cString: raw.custom_code), version: Int(raw.version),
      inputs: list(raw.inputs), outputs: outputs, intermediates: list(raw.intermediates),
      customOptions: Array(
        UnsafeBufferPointer(start: raw.custom_options.values, count: raw.custom_options.count)),
      options: OperatorOptions(
        (0..<raw.option_count).map { edgecc_tflite_option_at(reader, subgraph, index, $0) },
        unknown: raw.has_unknown_options))
  }

  /// The names that the chosen signature of `subgraph` gives its tensors; empty without one.
  func signatureNames(of subgraph: Int) -> [Int: String] {
    guard let signature = chosenSignature(of: subgraph) else { return [:] }
    let counts = edgecc_tflite_signature_at(reader, signature)
    let entries =
      (0..<counts.input_count).map { edgecc_tflite_signature_input(reader, signature, $0) }
      + (0..<counts.output_count).map { edgecc_tflite_signature_output(reader, signature, $0) }
    var names: [Int: String] = [:]
    for entry in entries { names[Int(entry.tensor)] = String(cString: entry.name) }
    return names
  }

  /// Of several signatures for `subgraph` the one that converters take for the usual, or the first.
  private func chosenSignature(of subgraph: Int) -> Int? {
    let all = (0..<edgecc_tflite_signature_count(reader)).filter {
      edgecc_tflite_signature_at(reader, $0).subgraph == subgraph
    }
    return all.first { signatureKey($0) == "serving_default" } ?? all.first
  }

  private func signatureKey(_ index: Int) -> String {
    String(cString: edgecc_tflite_signature_at(reader, index).key)
  }

  /// The signature that is imported for `subgraph`, and the file's others.
  func signatures(of subgraph: Int) -> (chosen: String, others: [String])? {
    guard let chosen = chosenSignature(of: subgraph) else { return nil }
    let others = (0..<edgecc_tflite_signature_count(reader)).filter { $0 != chosen }
    return (signatureKey(chosen), others.map { signatureKey($0) })
  }
}

/// One graph of the file; numbers are tensor indices.
struct Subgraph {
  let inputs: [Int]
  let outputs: [Int]
  let operatorCount: Int
}

/// One operator of the file, with what its importer needs.
struct OperatorCall: Sendable {
  /// The name of the first output tensor: TFLite operators have no names of their own.
  let place: String
  /// `CONV_2D`.
  let name: String
  /// The name of a custom operator; empty for a built-in one.
  let customCode: String
  let version: Int
  /// Tensor indices; −1 where an optional operand is left out.
  let inputs: [Int]
  let outputs: [Int]
  /// Tensors that hold scales of inner results of recurrent operators.
  let intermediates: [Int]
  /// The bytes that a custom operator has for options.
  let customOptions: [UInt8]
  let options: OperatorOptions

  var location: Location {
    Location(name: place, operation: customCode.isEmpty ? name : customCode)
  }
}

func list(_ raw: edgecc_int32_list) -> [Int] {
  UnsafeBufferPointer(start: raw.values, count: raw.count).map { Int($0) }
}
