import IR

/// negate(negate(x)) → x
///
///     %0 = negate(%x)            return %x
///     %1 = negate(%0)      →
///     return %1
struct FoldNegatePair: Pattern {
  static let name = "fold-negate-pair"

  func rewrite(_ root: Negate, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let operand = rewriter.graph[id].operands[0]
    guard let (inner, _) = rewriter.graph.defining(operand, as: Negate.self) else { return false }
    let x = rewriter.graph[inner].operands[0]
    // A quantised pair may round on the way.
    guard rewriter.graph[x] == rewriter.graph[rewriter.graph[id].results[0]] else {
      rewriter.declined(id, by: Self.name, because: "the result has another type than the operand")
      return false
    }
    rewriter.replace(id, with: [x])
    return true
  }
}

@_cdecl("edgecc_swift_plugin_register")
public func register(_ host: UnsafeMutableRawPointer) {
  registerPlugin("fold-negate-pair", version: "1.0.0", in: host) { registry in
    registry.register(pattern: FoldNegatePair.self)
  }
}
