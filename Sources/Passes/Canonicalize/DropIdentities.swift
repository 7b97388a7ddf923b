import IR

/// `reshape(x)` to x's own shape → `x`
struct DropIdentityReshape: Pattern {
  static let name = "drop-identity-reshape"
  func rewrite(_ root: Reshape, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    dropIfSameType(id, &rewriter)
  }
}

/// `transpose(x) {permutation = [0, 1, …]}` → `x`
struct DropIdentityTranspose: Pattern {
  static let name = "drop-identity-transpose"
  func rewrite(_ root: Transpose, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    root.isIdentity && dropIfSameType(id, &rewriter)
  }
}

/// `clamp(x)` without bounds → `x`
struct DropIdentityClamp: Pattern {
  static let name = "drop-identity-clamp"
  func rewrite(_ root: Clamp, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    root.minimum == -.infinity && root.maximum == .infinity && dropIfSameType(id, &rewriter)
  }
}

/// `cast(x)` to x's own type → `x`
struct DropIdentityCast: Pattern {
  static let name = "drop-identity-cast"
  func rewrite(_ root: Cast, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    dropIfSameType(id, &rewriter)
  }
}

/// `slice(x)` of all of x → `x`
struct DropIdentitySlice: Pattern {
  static let name = "drop-identity-slice"
  func rewrite(_ root: Slice, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let all = root.start.indices.allSatisfy { root.start[$0] == 0 && root.step($0) == 1 }
    return all && dropIfSameType(id, &rewriter)
  }
}

/// `pad(x)` by nothing → `x`
struct DropIdentityPad: Pattern {
  static let name = "drop-identity-pad"
  func rewrite(_ root: Pad, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let nothing = (root.before + root.after).allSatisfy { $0 == 0 }
    return nothing && dropIfSameType(id, &rewriter)
  }
}

/// `concat(x)` → `x`
struct DropSingleConcat: Pattern {
  static let name = "drop-single-concat"
  func rewrite(_ root: Concat, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    rewriter.graph[id].operands.count == 1 && dropIfSameType(id, &rewriter)
  }
}

/// `rescale(x)` to x's own type → `x`
struct DropIdentityRescale: Pattern {
  static let name = "drop-identity-rescale"
  func rewrite(_ root: Rescale, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    dropIfSameType(id, &rewriter)
  }
}

/// `storage_cast(x)` to x's own type → `x`; of a constant → the constant
struct DropStorageCast: Pattern {
  static let name = "drop-storage-cast"
  func rewrite(_ root: StorageCast, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    dropIfSameType(id, &rewriter)
  }
}

/// `quantize(dequantize(x))` back to x's own type → `x`: the integers come back exactly.
struct DropQuantizeOfDequantize: Pattern {
  static let name = "drop-quantize-of-dequantize"
  func rewrite(_ root: Quantize, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let node = rewriter.graph[id]
    guard let (inner, _) = rewriter.graph.defining(node.operands[0], as: Dequantize.self) else {
      return false
    }
    let source = rewriter.graph[inner].operands[0]
    guard rewriter.graph[source] == rewriter.graph[node.results[0]] else { return false }
    rewriter.replace(id, with: [source])
    return true
  }
}

/// Replaces an operation by its first operand where both have one type.
func dropIfSameType(_ id: OperationID, _ rewriter: inout Rewriter) -> Bool {
  let node = rewriter.graph[id]
  guard rewriter.graph[node.operands[0]] == rewriter.graph[node.results[0]] else { return false }
  rewriter.replace(id, with: [node.operands[0]])
  return true
}
