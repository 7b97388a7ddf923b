import IR

/// `cast(cast(x, A), B)` → `cast(x, B)` where A holds every value of x's type. Exact.
struct MergeCasts: Pattern {
  static let name = "merge-casts"
  func rewrite(_ root: Cast, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (inner, first) = graph.defining(node.operands[0], as: Cast.self) else { return false }
    let source = graph[inner].operands[0]
    guard holds(first.element, valuesOf: graph[source].element), root.element != .string else {
      return false
    }
    let value = try rewriter.insertOne(
      root, [source], before: id, at: graph[inner].location.joined(with: node.location))
    rewriter.replace(id, with: [value])
    return true
  }

  /// Whether `wide` holds every value of `narrow` as itself.
  private func holds(_ wide: ElementType, valuesOf narrow: ElementType) -> Bool {
    if wide == narrow { return true }
    if narrow == .string || wide == .string || wide == .bool { return false }
    // 0 and 1; turned on into another type they stay 0 and 1.
    if narrow == .bool { return wide.isInteger || wide.isFloat && wide.bitWidth >= 16 }
    let mantissa: [ElementType: Int] = [.f64: 53, .f32: 24, .f16: 11, .bf16: 8]
    if narrow.isInteger, wide.isInteger {
      if narrow.isSignedInteger == wide.isSignedInteger { return wide.bitWidth >= narrow.bitWidth }
      return wide.isSignedInteger && wide.bitWidth > narrow.bitWidth
    }
    if narrow.isInteger, let bits = mantissa[wide] {
      let significant = narrow.bitWidth - (narrow.isSignedInteger ? 1 : 0)
      return significant <= bits && (wide != .f16 || narrow.bitWidth <= 8)
    }
    if narrow.isFloat {
      if wide == .f64 { return true }
      return wide == .f32 && narrow.bitWidth <= 16
    }
    return false
  }
}
