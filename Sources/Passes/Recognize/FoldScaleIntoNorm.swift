import IR

/// A normalisation with a scale as operand 1.
protocol ScaledNorm: Operation {
  var axis: Int { get }
}

extension LayerNorm: ScaledNorm {}
extension RMSNorm: ScaledNorm {}

extension ScaledNorm {
  /// Whether `scale` has an element for each normalised one of `x`, as the kernels need it.
  func fits(_ scale: TensorType, _ x: TensorType) -> Bool {
    let first = axis < 0 ? axis + x.rank : axis
    return scale.shape.dimensions == Array(x.shape.dimensions[first...])
  }
}

/// `mul(layer_norm(x, @ones), s)` → `layer_norm(x, s)`
struct FoldScaleIntoNorm<Norm: ScaledNorm>: Pattern {
  static var name: String { "fold-scale-into-\(Norm.mnemonic)" }

  func rewrite(_ root: Multiply, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard root.isUnbounded else { return false }
    for (side, other) in [(0, 1), (1, 0)] {
      guard let (inner, norm) = graph.defining(node.operands[side], as: Norm.self),
        graph[inner].operands.count == 2, graph.hasOneUse(node.operands[side]),
        let old = graph.constant(graph[inner].operands[1]), old.doubles().allSatisfy({ $0 == 1 })
      else { continue }
      let (x, scale) = (graph[inner].operands[0], node.operands[other])
      guard norm.fits(graph[scale], graph[x]) else {
        rewriter.declined(id, by: Self.name, because: "the factor is not one per normalised element")
        return false
      }
      let location = graph[inner].location.joined(with: node.location)
      let value = try rewriter.insertOne(norm, [x, scale], before: id, at: location)
      rewriter.replace(id, with: [value])
      return true
    }
    return false
  }
}

/// `add(layer_norm(x, s), b)` → `layer_norm(x, s, b)`
struct FoldBiasIntoLayerNorm: Pattern {
  static let name = "fold-bias-into-layer-norm"

  func rewrite(_ root: Add, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard root.isUnbounded else { return false }
    for (side, other) in [(0, 1), (1, 0)] {
      guard let (inner, norm) = graph.defining(node.operands[side], as: LayerNorm.self),
        graph[inner].operands.count == 2, graph.hasOneUse(node.operands[side])
      else { continue }
      let operands = graph[inner].operands + [node.operands[other]]
      guard norm.fits(graph[operands[2]], graph[operands[0]]) else { continue }
      let location = graph[inner].location.joined(with: node.location)
      let value = try rewriter.insertOne(norm, operands, before: id, at: location)
      rewriter.replace(id, with: [value])
      return true
    }
    return false
  }
}
