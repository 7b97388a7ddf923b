import IR

/// A gather by constant indices in even steps → a slice. Exact.
///
/// ```
/// gather(%x, @[4, 5, 6]) {axis = 1}  →  slice(%x) {start = [0, 4], size = [n, 3]}
/// gather(%x, @3) {axis = 0}          →  reshape(slice(%x) {start = [3, 0], size = [1, m]})
/// ```
struct TurnGatherIntoSlice: Pattern {
  static let name = "turn-gather-into-slice"

  func rewrite(_ root: Gather, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let shape = graph[node.operands[0]].shape
    guard let tensor = graph.constant(node.operands[1]), tensor.rank <= 1, tensor.count > 0,
      shape.isStatic
    else { return false }
    let axis = root.axis < 0 ? root.axis + shape.rank : root.axis
    let extent = shape[axis]
    let indices = tensor.integers().map { $0 < 0 ? $0 + extent : $0 }
    guard indices.allSatisfy({ (0..<extent).contains($0) }) else { return false }
    let step = indices.count > 1 ? indices[1] - indices[0] : 1
    let isEven = zip(indices, indices.dropFirst()).allSatisfy { $1 - $0 == step }
    guard isEven, step != 0 else { return false }
    var slice = Slice(start: [Int](repeating: 0, count: shape.rank), size: shape.dimensions)
    slice.start[axis] = indices[0]
    slice.size[axis] = indices.count
    if step != 1 {
      slice.stride = [Int](repeating: 1, count: shape.rank)
      slice.stride[axis] = step
    }
    var value = try rewriter.insertOne(slice, [node.operands[0]], before: id, at: node.location)
    if tensor.rank == 0 {
      let flat = graph[node.results[0]].shape.dimensions
      value = try rewriter.insertOne(Reshape(to: flat), [value], before: id, at: node.location)
    }
    rewriter.replace(id, with: [value])
    return true
  }
}
