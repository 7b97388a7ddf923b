import IR

/// A slice that lies within one part of a concatenation reads that part alone. Exact.
///
/// ```
/// %0 = concat(%a, %b) {axis = 1}                         →  %1 = slice(%b) {start = [0, 0], …}
/// %1 = slice(%0) {start = [0, 3], size = [1, 2]}
/// ```
struct ReadPartOfConcat: Pattern {
  static let name = "read-part-of-concat"
  func rewrite(_ root: Slice, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (innerID, concat) = graph.defining(node.operands[0], as: Concat.self) else {
      return false
    }
    let rank = root.start.count
    let axis = concat.axis < 0 ? concat.axis + rank : concat.axis
    guard root.size[axis] > 0 else { return false }
    let reach = root.start[axis] + (root.size[axis] - 1) * root.step(axis)
    let (first, last) = (min(root.start[axis], reach), max(root.start[axis], reach))
    var offset = 0
    for part in graph[innerID].operands {
      let extent = graph[part].shape[axis]
      guard extent != Shape.unknown else { return false }
      if first >= offset, last < offset + extent {
        var slice = root
        slice.start[axis] -= offset
        let value = try rewriter.insertOne(slice, [part], before: id, at: node.location)
        rewriter.replace(id, with: [value])
        return true
      }
      offset += extent
    }
    return false
  }
}
