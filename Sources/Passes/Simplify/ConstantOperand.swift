import IR

// What simplifications ask about constants, types and uses.

extension Tensor {
  /// Whether there are elements and all are `value`; −0 is 0.
  func isFilled(with value: Double) -> Bool {
    guard count > 0, element.isFloat || element.isInteger, !type.isQuantized else { return false }
    return doubles().allSatisfy { $0 == value }
  }

  /// The one value that all elements have; nil where they differ, are none, or are no plain numbers.
  var filling: Double? {
    guard count > 0, element.isFloat || element.isInteger, !type.isQuantized else { return nil }
    // Large constants that differ do so early, and are left alone without being decoded.
    let values = doubles()
    guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
    return first
  }
}

extension Graph {
  /// The constant operand of a binary operation that is neither quantised nor both constants, and
  /// which side it stands on.
  func constantSide(of node: Node) -> (side: Int, tensor: Tensor)? {
    guard node.operands.count == 2 else { return nil }
    let sides = node.operands.map { constant($0) }
    if let right = sides[1], sides[0] == nil, !right.type.isQuantized { return (1, right) }
    if let left = sides[0], sides[1] == nil, !left.type.isQuantized { return (0, left) }
    return nil
  }

  /// Whether `value` is never below zero and never −∞, as far as its producers show.
  func isNonNegative(_ value: Value, depth: Int = 4) -> Bool {
    if let tensor = constant(value) {
      return tensor.element.isFloat && tensor.doubles().allSatisfy { $0 >= 0 }
    }
    guard depth > 0, let id = producer(of: value) else { return false }
    let node = self[id]
    let all = { node.operands.allSatisfy { self.isNonNegative($0, depth: depth - 1) } }
    switch node.operation {
    case is Absolute, is Exponential, is Sigmoid, is SquaredDifference, is Softmax: return true
    case let clamp as Clamp: return clamp.minimum >= 0
    case is Multiply: return node.operands[0] == node.operands[1] || all()
    case is Add, is ReduceMean, is ReduceSum, is ReduceMax, is Reshape, is Transpose, is Maximum:
      return all()
    default: return false
    }
  }
}

/// Bounds of a fused activation that are there.
func hasBounds(_ minimum: Float, _ maximum: Float) -> Bool {
  minimum > -.infinity || maximum < .infinity
}

/// Replaces `id` by `value`, clamped where the operation at `id` had a fused activation.
func replace(
  _ id: OperationID, with value: Value, clampedTo bounds: (Float, Float),
  _ rewriter: inout Rewriter
) throws {
  guard hasBounds(bounds.0, bounds.1) else {
    rewriter.replace(id, with: [value])
    return
  }
  var clamp = Clamp()
  (clamp.minimum, clamp.maximum) = bounds
  let location = rewriter.graph[id].location
  let bounded = try rewriter.insertOne(clamp, [value], before: id, at: location)
  rewriter.replace(id, with: [bounded])
}
