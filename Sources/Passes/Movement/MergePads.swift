import IR

/// `pad(pad(x))` with one constant and nothing cropped → one pad. Exact.
struct MergePads: Pattern {
  static let name = "merge-pads"
  func rewrite(_ root: Pad, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (innerID, inner) = graph.defining(node.operands[0], as: Pad.self),
      root.mode == .constant, inner.mode == .constant, root.value == inner.value,
      (inner.before + inner.after + root.before + root.after).allSatisfy({ $0 >= 0 })
    else { return false }
    let axes = root.before.indices
    let merged = Pad(
      before: axes.map { inner.before[$0] + root.before[$0] },
      after: axes.map { inner.after[$0] + root.after[$0] }, value: root.value)
    let value = try rewriter.insertOne(
      merged, [graph[innerID].operands[0]], before: id,
      at: graph[innerID].location.joined(with: node.location))
    rewriter.replace(id, with: [value])
    return true
  }
}

/// A pad that only crops → `slice`. Exact.
struct TurnCropIntoSlice: Pattern {
  static let name = "turn-crop-into-slice"
  func rewrite(_ root: Pad, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let result = graph[node.results[0]].shape
    guard (root.before + root.after).allSatisfy({ $0 <= 0 }), result.isStatic,
      graph[node.operands[0]].shape.isStatic, result.count > 0,
      (root.before + root.after).contains(where: { $0 < 0 })
    else { return false }
    let slice = Slice(start: root.before.map { -$0 }, size: result.dimensions)
    let value = try rewriter.insertOne(slice, [node.operands[0]], before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }
}

/// A slice that takes nothing of what a constant pad adds reads what was padded. Exact.
struct SliceWithinPad: Pattern {
  static let name = "slice-within-pad"
  func rewrite(_ root: Slice, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (innerID, pad) = graph.defining(node.operands[0], as: Pad.self) else { return false }
    let source = graph[innerID].operands[0]
    let shape = graph[source].shape
    guard shape.isStatic else { return false }
    var slice = root
    for axis in root.start.indices {
      let first = root.start[axis] - pad.before[axis]
      let last = first + max(root.size[axis] - 1, 0) * root.step(axis)
      guard root.size[axis] > 0, (0..<shape[axis]).contains(first),
        (0..<shape[axis]).contains(last)
      else { return false }
      slice.start[axis] = first
    }
    let value = try rewriter.insertOne(slice, [source], before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }
}
