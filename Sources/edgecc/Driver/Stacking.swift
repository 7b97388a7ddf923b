import IR

/// The results of many samples as one tensor per output.
enum Stacking {
  /// Each output of all samples along its first dimension where that is the batch (1 in every
  /// sample), else along a new first dimension.
  ///
  /// - Throws: a `Diagnostic` where samples gave different shapes.
  static func columns(_ results: [[Tensor]]) throws -> [Tensor] {
    guard let first = results.first else { return [] }
    return try first.indices.map { index in try stack(results.map { $0[index] }) }
  }

  private static func stack(_ parts: [Tensor]) throws -> Tensor {
    let first = parts[0]
    guard parts.allSatisfy({ $0.type == first.type }) else {
      throw Diagnostic.error(
        "the samples' outputs have different shapes and cannot be stacked",
        help: ["run them one by one with --input and --output-dir"])
    }
    let inner =
      first.rank > 0 && first.shape[0] == 1
      ? Array(first.shape.dimensions.dropFirst()) : first.shape.dimensions
    let shape = Shape([parts.count] + inner)
    if first.element == .string {
      return Tensor(shape, strings: parts.flatMap(\.storage.strings))
    }
    let size = first.storage.bytes.count
    let storage = Storage(byteCount: size * parts.count) { out in
      for (index, part) in parts.enumerated() where size > 0 {
        UnsafeMutableRawBufferPointer(rebasing: out[index * size..<(index + 1) * size])
          .copyMemory(from: part.storage.bytes)
      }
    }
    return Tensor(TensorType(first.element, shape), storage: storage)
  }

  /// An output's name as a file name: what would leave the folder is replaced.
  static func fileName(_ name: String) -> String {
    let safe = String(name.map { $0 == "/" || $0 == "\0" || $0 == ":" ? "_" : $0 })
    return safe.isEmpty || safe == "." || safe == ".." ? "output" : safe
  }
}
