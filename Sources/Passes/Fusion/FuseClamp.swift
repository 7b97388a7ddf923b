import IR

/// An operation with a fused activation's bounds.
protocol Clamping: Operation {
  var minimum: Float { get set }
  var maximum: Float { get set }
}

extension Conv2D: Clamping {}
extension DepthwiseConv2D: Clamping {}
extension FullyConnected: Clamping {}
extension Add: Clamping {}
extension Subtract: Clamping {}
extension Multiply: Clamping {}

/// What a clamp is called as an activation.
enum FuseClampKind: String, Sendable, CaseIterable {
  case relu, relu6, clamp

  init(_ clamp: Clamp) {
    switch (clamp.minimum, clamp.maximum) {
    case (0, .infinity): self = .relu
    case (0, 6): self = .relu6
    default: self = .clamp
    }
  }
}

/// `clamp(op(…))` → `op(…) {minimum, maximum}`
///
/// A quantised clamp fuses only where it keeps its operand's parameters: the integers are the same.
struct FuseClamp<Inner: Clamping>: Pattern {
  static var name: String { "fuse-clamp-into-\(Inner.mnemonic)" }

  private let kinds: Set<FuseClampKind>

  init() { kinds = Set(FuseClampKind.allCases) }
  init(_ kinds: Set<FuseClampKind>) { self.kinds = kinds }

  func rewrite(_ root: Clamp, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (inner, operation) = graph.defining(node.operands[0], as: Inner.self) else {
      return false
    }
    let type = graph[node.operands[0]]
    guard type.element.isFloat || type.isQuantized, kinds.contains(FuseClampKind(root)) else {
      return false
    }
    guard graph.hasOneUse(node.operands[0]) else {
      rewriter.declined(id, by: Self.name, because: "the result before the clamp is used too")
      return false
    }
    guard type == graph[node.results[0]], root.minimum <= root.maximum else {
      rewriter.declined(id, by: Self.name, because: "the clamp changes the quantisation")
      return false
    }
    var clamped = operation
    clamped.minimum = min(max(operation.minimum, root.minimum), root.maximum)
    clamped.maximum = max(min(operation.maximum, root.maximum), clamped.minimum)
    let source = graph[inner]
    let value = try rewriter.insertOne(
      clamped, source.operands, quantization: type.quantization, before: id,
      at: source.location.joined(with: node.location))
    rewriter.replace(id, with: [value])
    return true
  }
}
