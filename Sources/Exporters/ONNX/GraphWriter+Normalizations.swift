import IR

extension GraphWriter {
  /// Writes a normalisation; false where `node` is none.
  mutating func emitNormalization(_ node: Node) throws -> Bool {
    let x = node.operands.first
    switch node.operation {
    case let op as Softmax:
      guard let x else { return false }
      var scores = real(x)
      if op.beta != 1 {
        scores = add("Mul", [scores, scalar(op.beta, realElement(x))])
      }
      define(node.results[0], add("Softmax", [scores], [.int("axis", op.axis)]))
    case is LogSoftmax:
      guard let x else { return false }
      define(node.results[0], add("LogSoftmax", [real(x)], [.int("axis", -1)]))
    case let op as L2Normalize:
      guard let x else { return false }
      let element = realElement(x)
      let values = real(x)
      let length = add("ReduceL2", [values, integers([-1])], [.int("keepdims", 1)])
      let bounded = add("Max", [length, scalar(op.epsilon, element)])
      define(node.results[0], add("Div", [values, bounded]))
    case let op as LayerNorm: try emit(op, node)
    case let op as RMSNorm: emit(op, node)
    case let op as BatchNorm: try emit(op, node)
    default: return false
    }
    return true
  }

  private func realElement(_ value: Value) -> ElementType {
    graph[value].isQuantized ? .f32 : graph[value].element
  }

  /// ONNX's scale and bias have the shape that is normalised; others are applied behind it.
  private mutating func emit(_ op: LayerNorm, _ node: Node) throws {
    let type = graph[node.operands[0]]
    let axis = op.axis < 0 ? op.axis + type.rank : op.axis
    let normalised = Shape(Array(type.shape.dimensions[axis...]))
    guard normalised.isStatic else {
      throw OperationError("the extents that it normalises over are not known")
    }
    let attributes: [NodeAttribute] = [.int("axis", axis), .float("epsilon", op.epsilon)]
    let values = real(node.operands[0])
    let factors = node.operands.dropFirst()
    let fits = factors.allSatisfy { graph[$0].shape == normalised }
    if fits {
      let inputs = [values] + factors.map { real($0) }
      define(node.results[0], add("LayerNormalization", inputs, attributes))
      return
    }
    let ones = [Double](repeating: 1, count: normalised.count)
    let scale = initializer(Tensor.from(doubles: ones, type.element, normalised))
    var made = add("LayerNormalization", [values, scale], attributes)
    made = add("Mul", [made, real(node.operands[1])])
    if node.operands.count > 2 { made = add("Add", [made, real(node.operands[2])]) }
    define(node.results[0], made)
  }

  /// Operator set 23 has an `RMSNormalization`; in 21 it is what that is defined by.
  private mutating func emit(_ op: RMSNorm, _ node: Node) {
    let type = graph[node.operands[0]]
    let axis = op.axis < 0 ? op.axis + type.rank : op.axis
    let values = real(node.operands[0])
    let squares = add("Mul", [values, values])
    let mean = add(
      "ReduceMean", [squares, integers(Array(axis..<type.rank))], [.int("keepdims", 1)])
    let shifted = add("Add", [mean, scalar(op.epsilon, type.element)])
    let normal = add("Div", [values, add("Sqrt", [shifted])])
    define(node.results[0], add("Mul", [normal, real(node.operands[1])]))
  }

  /// ONNX's channels are axis 1.
  private mutating func emit(_ op: BatchNorm, _ node: Node) throws {
    let rank = graph[node.operands[0]].rank
    guard rank >= 2 else { throw OperationError("BatchNormalization needs at least two axes") }
    let planar = rank == 4
    var values = real(node.operands[0], planar: planar)
    if rank == 3 || rank > 4 {
      values = add("Transpose", [values], [.ints("perm", [0, rank - 1] + Array(1..<(rank - 1)))])
    }
    let inputs = [values] + node.operands.dropFirst().map { real($0) }
    var made = add("BatchNormalization", inputs, [.float("epsilon", op.epsilon)])
    if rank == 3 || rank > 4 {
      made = add("Transpose", [made], [.ints("perm", [0] + Array(2..<rank) + [1])])
    }
    define(node.results[0], planar: planar, made)
  }
}
