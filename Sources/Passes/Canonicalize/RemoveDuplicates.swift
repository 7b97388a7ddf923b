import IR

/// Lets operations that compute the same share one, and equal constants too.
///
/// ```
/// %0 = transpose(%x) {permutation = [1, 0]}
/// %1 = transpose(%x) {permutation = [1, 0]}      →  uses of %1 use %0
/// ```
public struct RemoveDuplicates: Pass {
  public static let name = "remove-duplicates"
  public static let summary = "lets operations that compute the same share one"

  private static let longestLocation: Int = 32

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    shareConstants(&rewriter)
    shareOperations(&rewriter)
  }

  private func shareConstants(_ rewriter: inout Rewriter) {
    var known: [Tensor: Value] = [:]
    for value in rewriter.graph.constants() {
      guard let tensor = rewriter.graph.constant(value) else { continue }
      if let first = known[tensor] {
        rewriter.replaceUses(of: value, with: first)
      } else {
        known[tensor] = value
      }
    }
  }

  /// What makes two operations the same.
  private struct Key: Hashable {
    let block: Block
    let mnemonic: String
    let operands: [Value]
    let attributes: [String: Attribute]
    let types: [TensorType]
  }

  /// The operands of `node` in the order of their `numbers`, which grow with first sight, where it
  /// does not mind their order.
  private func ordered(_ node: Node, _ numbers: inout [Value: Int]) -> [Value] {
    switch node.operation {
    case is Add, is Multiply, is BitwiseAnd, is BitwiseOr, is BitwiseXor, is Equal:
      for value in node.operands where numbers[value] == nil { numbers[value] = numbers.count }
      return node.operands.sorted { numbers[$0, default: 0] < numbers[$1, default: 0] }
    default: return node.operands
    }
  }

  private func shareOperations(_ rewriter: inout Rewriter) {
    var known: [Key: OperationID] = [:]
    var numbers: [Value: Int] = [:]
    for id in rewriter.graph.allOperations() {
      let node = rewriter.graph[id]
      guard node.operation.isPure, node.regions.isEmpty else { continue }
      let attributes = node.operation.attributes.map { ($0.name, $0.value) }
      let key = Key(
        block: node.block, mnemonic: type(of: node.operation).mnemonic,
        operands: ordered(node, &numbers),
        attributes: Dictionary(attributes, uniquingKeysWith: { first, _ in first }),
        types: node.results.map { rewriter.graph[$0] })
      guard let first = known[key] else {
        known[key] = id
        continue
      }
      // Some names say where it came from; thousands would not say more.
      if rewriter.graph[first].location.nodes.count < RemoveDuplicates.longestLocation {
        let location = rewriter.graph[first].location.joined(with: node.location)
        rewriter.setLocation(location, of: first)
      }
      rewriter.replace(id, with: rewriter.graph[first].results)
    }
  }
}
