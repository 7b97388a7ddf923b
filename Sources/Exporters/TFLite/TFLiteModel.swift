import CProto
import IR

/// What the subgraphs of a file share: operator codes, buffers, and the list of subgraphs.
final class TFLiteModel {
  private struct Code: Hashable {
    let name: String
    let version: Int
  }

  private var codes: [Code: Int] = [:]
  private var codeTables: [FlatTable] = []
  private var buffers: [FlatTable] = [FlatTable("Buffer")]
  private var known: [Tensor: Int] = [:]
  private var subgraphs: [FlatTable?] = []
  /// Bytes of all constants.
  private(set) var constantBytes: Int = 0

  /// The index of the code for version `version` of the built-in operator `name`.
  func code(_ name: String, version: Int) -> Int {
    let code = Code(name: name, version: version)
    if let index = codes[code] { return index }
    var table = FlatTable("OperatorCode")
    table.set("builtin_code", symbol: name)
    // Readers from before the wide field take the greater of both, and 127 says "look there".
    let number = table.number("builtin_code") ?? 0
    table.set("deprecated_builtin_code", min(number, 127))
    table.set("version", version)
    codes[code] = codeTables.count
    codeTables.append(table)
    return codeTables.count - 1
  }

  /// The buffer with the bytes of `tensor`; equal tensors share one. Buffer 0 is the empty one.
  func buffer(_ tensor: Tensor) -> Int {
    let plain = tensor.reinterpreted(as: tensor.type.with(quantization: nil))
    if let index = known[plain] { return index }
    var table = FlatTable("Buffer")
    if tensor.element == .string {
      let bytes = TFLiteModel.packed(tensor.storage.strings)
      table.set("data", bytes: bytes)
      constantBytes += bytes.count
    } else if tensor.element.bitWidth < 8 {
      let bytes = TFLiteModel.packedBits(tensor)
      table.set("data", bytes: bytes)
      constantBytes += bytes.count
    } else {
      table.set("data", storage: tensor.storage)
      constantBytes += tensor.storage.byteCount
    }
    known[plain] = buffers.count
    buffers.append(table)
    return buffers.count - 1
  }

  /// A place among the subgraphs, which `fill` takes.
  func reserveSubgraph() -> Int {
    subgraphs.append(nil)
    return subgraphs.count - 1
  }

  func fill(_ index: Int, with table: FlatTable) { subgraphs[index] = table }

  /// The whole file.
  func table(signature: FlatTable) -> FlatTable {
    var model = FlatTable("Model")
    model.set("version", TFLiteWriter.schemaVersion)
    model.set("operator_codes", codeTables)
    model.set("subgraphs", subgraphs.compactMap { $0 })
    model.set("description", text: "edgecc \(Edgecc.version)")
    model.set("buffers", buffers)
    model.set("signature_defs", [signature])
    return model
  }

  /// Elements of 4 or 2 bits, the first in the low bits of a byte.
  private static func packedBits(_ tensor: Tensor) -> [UInt8] {
    let width = tensor.element.bitWidth
    let perByte = 8 / width
    let mask: UInt8 = (1 << UInt8(width)) - 1
    return tensor.withElements { (elements: UnsafeBufferPointer<UInt8>) in
      stride(from: 0, to: elements.count, by: perByte).map { start -> UInt8 in
        var byte: UInt8 = 0
        for index in start..<min(start + perByte, elements.count) {
          byte |= (elements[index] & mask) << UInt8((index - start) * width)
        }
        return byte
      }
    }
  }

  /// Strings as TFLite keeps them: their number, where each begins and the last ends, the bytes.
  /// Source: TFLite `string_util.h`.
  private static func packed(_ strings: [String]) -> [UInt8] {
    var places: [Int] = [4 * (strings.count + 2)]
    for text in strings { places.append((places.last ?? 0) + text.utf8.count) }
    var bytes: [UInt8] = []
    for number in [strings.count] + places {
      for index in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
    }
    for text in strings { bytes += Array(text.utf8) }
    return bytes
  }
}
