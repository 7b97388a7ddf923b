import IR

let spaceAndBatchOperators: [OperatorEntry] = [
  OperatorEntry("SPACE_TO_BATCH_ND", version: 4, 3) { call, graph in
    let blocks = try graph.blocks(call)
    let x = try graph.operand(0, call)
    let rank = graph.type(of: x).rank
    let amounts = try graph.spans(2, call, blocks.count)
    let rest = rank - 1 - blocks.count
    let quantization = graph.type(of: x).quantization
    let zeros = [Int](repeating: 0, count: rest)
    let pad = Pad(before: [0] + amounts.map(\.0) + zeros, after: [0] + amounts.map(\.1) + zeros)
    let padded = try graph.add(pad, [x], quantization: quantization, call)
    let shape = graph.type(of: padded).shape.dimensions
    let cells = try blocks.indices.map { index -> Int in
      guard shape[index + 1] % blocks[index] == 0 else {
        throw Diagnostic.error("SPACE_TO_BATCH_ND cannot cut \(shape) into blocks of \(blocks)")
      }
      return shape[index + 1] / blocks[index]
    }
    let inner = Array(shape.suffix(rest))
    let pairs = blocks.indices.flatMap { [cells[$0], blocks[$0]] }
    let split = try graph.reshape(padded, to: [shape[0]] + pairs + inner, call)
    let order = blocks.indices.map { 2 * $0 + 2 } + [0] + blocks.indices.map { 2 * $0 + 1 }
      + (0..<rest).map { 1 + 2 * blocks.count + $0 }
    let mixed = try graph.permute(split, order, call)
    let batch = blocks.reduce(shape[0], *)
    return [try graph.reshape(mixed, to: [batch] + cells + inner, call)]
  },
  OperatorEntry("BATCH_TO_SPACE_ND", version: 4, 3) { call, graph in
    let blocks = try graph.blocks(call)
    let x = try graph.operand(0, call)
    let shape = graph.type(of: x).shape.dimensions
    let crops = try graph.spans(2, call, blocks.count)
    let (count, rest) = (blocks.count, shape.count - 1 - blocks.count)
    let whole = blocks.reduce(1, *)
    guard shape[0] % whole == 0 else {
      throw Diagnostic.error("BATCH_TO_SPACE_ND cannot share \(shape[0]) among blocks of \(blocks)")
    }
    let split = try graph.reshape(x, to: blocks + [shape[0] / whole] + shape.dropFirst(), call)
    let order = [count] + (0..<count).flatMap { [count + 1 + $0, $0] }
      + (0..<rest).map { 2 * count + 1 + $0 }
    let mixed = try graph.permute(split, order, call)
    var size = [shape[0] / whole] + blocks.indices.map { shape[$0 + 1] * blocks[$0] }
      + shape.suffix(rest)
    let joined = try graph.reshape(mixed, to: size, call)
    var start = [Int](repeating: 0, count: size.count)
    for (index, crop) in crops.enumerated() {
      start[index + 1] = crop.0
      size[index + 1] -= crop.0 + crop.1
    }
    let slice = Slice(start: start, size: size)
    return [try graph.add(slice, [joined], quantization: graph.type(of: x).quantization, call)]
  },
]

extension GraphImporter {
  /// The block sizes of operand 1, for the axes behind the first.
  fileprivate mutating func blocks(_ call: OperatorCall) throws -> [Int] {
    let blocks = try integers(1, call)
    let shape = type(of: try operand(0, call)).shape
    guard !blocks.isEmpty, blocks.count < shape.rank,
      blocks.allSatisfy({ (1...(1 << 15)).contains($0) }),
      Shape(blocks + [shape[0]]).checkedCount != nil
    else { throw Diagnostic.error("\(call.name) cannot use blocks of \(blocks) on [\(shape)]") }
    return blocks
  }

  /// Pairs of amounts before and behind, one per block.
  fileprivate mutating func spans(
    _ index: Int, _ call: OperatorCall, _ count: Int
  ) throws -> [(Int, Int)] {
    let amounts = try integers(index, call)
    guard amounts.count == 2 * count, amounts.allSatisfy({ (0...(1 << 30)).contains($0) }) else {
      throw Diagnostic.error("\(call.name) needs two amounts for each of \(count) axes")
    }
    return (0..<count).map { (amounts[2 * $0], amounts[2 * $0 + 1]) }
  }
}
