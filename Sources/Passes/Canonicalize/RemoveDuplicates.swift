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

  private func shareOperations(_ rewriter: inout Rewriter) {
    var known: [Key: OperationID] = [:]
    for id in rewriter.graph.allOperations() {
      let node = rewriter.graph[id]
      guard node.operation.isPure, node.regions.isEmpty else { continue }
      let attributes = node.operation.attributes.map { ($0.name, $0.value) }
      let key = Key(
        block: node.block, mnemonic: type(of: node.operation).mnemonic, operands: node.operands,
        attributes: Dictionary(attributes, uniquingKeysWith: { first, _ in first }),
        types: node.results.map { rewriter.graph[$0] })
      guard let first = known[key] else {
        known[key] = id
        continue
      }
      let location = rewriter.graph[first].location.joined(with: node.location)
      rewriter.setLocation(location, of: first)
      rewriter.replace(id, with: rewriter.graph[first].results)
    }
  }
}
