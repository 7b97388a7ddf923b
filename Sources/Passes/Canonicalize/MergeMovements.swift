import IR

/// `reshape(reshape(x))` → `reshape(x)`
struct MergeReshapes: Pattern {
  static let name = "merge-reshapes"
  func rewrite(_ root: Reshape, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let node = rewriter.graph[id]
    let result = rewriter.graph[node.results[0]]
    guard let (inner, _) = rewriter.graph.defining(node.operands[0], as: Reshape.self),
      result.shape.isStatic
    else { return false }
    let location = rewriter.graph[inner].location.joined(with: node.location)
    let value = try rewriter.insertOne(
      Reshape(to: result.shape.dimensions), [rewriter.graph[inner].operands[0]], before: id,
      at: location)
    rewriter.replace(id, with: [value])
    return true
  }
}

/// `transpose(transpose(x))` → one transpose
struct MergeTransposes: Pattern {
  static let name = "merge-transposes"
  func rewrite(_ root: Transpose, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let node = rewriter.graph[id]
    guard let (inner, first) = rewriter.graph.defining(node.operands[0], as: Transpose.self) else {
      return false
    }
    let merged = first.followed(by: root)
    let source = rewriter.graph[inner].operands[0]
    guard !merged.isIdentity else {
      rewriter.replace(id, with: [source])
      return true
    }
    let location = rewriter.graph[inner].location.joined(with: node.location)
    let value = try rewriter.insertOne(merged, [source], before: id, at: location)
    rewriter.replace(id, with: [value])
    return true
  }
}

/// A transpose that moves only axes of extent 1 → `reshape`
struct TurnTransposeIntoReshape: Pattern {
  static let name = "turn-transpose-into-reshape"
  func rewrite(_ root: Transpose, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let node = rewriter.graph[id]
    let (operand, result) = (rewriter.graph[node.operands[0]], rewriter.graph[node.results[0]])
    guard operand.shape.isStatic, operand.quantization?.axis == nil, !root.isIdentity else {
      return false
    }
    let moving = root.permutation.filter { operand.shape[$0] != 1 }
    guard moving == moving.sorted() else { return false }
    let value = try rewriter.insertOne(
      Reshape(to: result.shape.dimensions), [node.operands[0]], before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }
}

/// `transpose(dequantize(@w))` → `dequantize(transpose(@w))`, so that the transpose of the integers
/// folds away
struct HoistTransposeOverDequantize: Pattern {
  static let name = "hoist-transpose-over-dequantize"
  func rewrite(_ root: Transpose, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    try hoist(root, id, &rewriter)
  }
}

/// `reshape(dequantize(x))` → `dequantize(reshape(x))` for one scale per tensor: what is between
/// `dequantize` and `quantize` then is arithmetic alone
struct HoistReshapeOverDequantize: Pattern {
  static let name = "hoist-reshape-over-dequantize"

  func rewrite(_ root: Reshape, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (inner, _) = graph.defining(node.operands[0], as: Dequantize.self) else {
      return false
    }
    let stored = graph[inner].operands[0]
    if graph.constant(stored) != nil { return try hoist(root, id, &rewriter) }
    guard graph[stored].quantization?.axis == nil else { return false }
    let moved = try rewriter.insertOne(root, [stored], before: id, at: node.location)
    let value = try rewriter.insertOne(
      Dequantize(), [moved], before: id, at: graph[inner].location)
    rewriter.replace(id, with: [value])
    return true
  }
}

/// `quantize(reshape(x))` → `reshape(quantize(x))` for one scale per tensor
struct SinkReshapeBelowQuantize: Pattern {
  static let name = "sink-reshape-below-quantize"

  func rewrite(_ root: Quantize, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let result = graph[node.results[0]]
    guard let (inner, reshape) = graph.defining(node.operands[0], as: Reshape.self),
      graph.hasOneUse(node.operands[0]), result.quantization?.axis == nil
    else { return false }
    let stored = try rewriter.insertOne(
      root, [graph[inner].operands[0]], quantization: result.quantization, before: id,
      at: node.location)
    let value = try rewriter.insertOne(
      reshape, [stored], before: id, at: graph[inner].location)
    rewriter.replace(id, with: [value])
    return true
  }
}

private func hoist(
  _ root: any Operation, _ id: OperationID, _ rewriter: inout Rewriter
) throws -> Bool {
  let node = rewriter.graph[id]
  guard let (inner, _) = rewriter.graph.defining(node.operands[0], as: Dequantize.self) else {
    return false
  }
  let stored = rewriter.graph[inner].operands[0]
  guard let tensor = rewriter.graph.constant(stored) else { return false }
  if root is Reshape && tensor.type.quantization?.axis != nil { return false }
  let type = try root.infer(OperandTypes([tensor.type]))[0]
  let moved = try root.evaluate([tensor], EvaluationContext(resultTypes: [type]))[0]
  let constant = rewriter.constant(moved, name: rewriter.graph.name(of: stored))
  let value = try rewriter.insertOne(
    Dequantize(), [constant], before: id, at: rewriter.graph[inner].location)
  rewriter.replace(id, with: [value])
  return true
}

/// `clamp(clamp(x))` → one clamp with the tighter bounds
struct MergeClamps: Pattern {
  static let name = "merge-clamps"
  func rewrite(_ root: Clamp, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let node = rewriter.graph[id]
    guard let (inner, first) = rewriter.graph.defining(node.operands[0], as: Clamp.self),
      rewriter.graph[node.operands[0]] == rewriter.graph[rewriter.graph[inner].operands[0]],
      first.minimum <= first.maximum, root.minimum <= root.maximum
    else { return false }
    var merged = root
    merged.minimum = min(max(first.minimum, root.minimum), root.maximum)
    merged.maximum = max(min(first.maximum, root.maximum), merged.minimum)
    let location = rewriter.graph[inner].location.joined(with: node.location)
    let value = try rewriter.insertOne(
      merged, [rewriter.graph[inner].operands[0]],
      quantization: rewriter.graph[node.results[0]].quantization, before: id, at: location)
    rewriter.replace(id, with: [value])
    return true
  }
}
