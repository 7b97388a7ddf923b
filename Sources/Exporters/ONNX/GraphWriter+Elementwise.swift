import IR

// Operations on each element: in NCHW where an operand is there in that order alone.

extension GraphWriter {
  /// Functions of one value that ONNX has under a name, and nothing more to say.
  private static func unaryOperator(_ mnemonic: String) -> String? {
    let known: [String: String] = [
      "erf": "Erf", "negate": "Neg", "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "abs": "Abs",
      "reciprocal": "Reciprocal", "sign": "Sign", "ceil": "Ceil", "floor": "Floor",
      "round": "Round", "sigmoid": "Sigmoid", "softplus": "Softplus", "hard_swish": "HardSwish",
      "tanh": "Tanh", "tan": "Tan", "sin": "Sin", "cos": "Cos", "asin": "Asin", "acos": "Acos",
      "atan": "Atan", "sinh": "Sinh", "cosh": "Cosh", "asinh": "Asinh", "acosh": "Acosh",
      "atanh": "Atanh", "gelu": "Gelu", "is_nan": "IsNaN",
    ]
    return known[mnemonic]
  }

  private static func binaryOperator(_ mnemonic: String) -> String? {
    let known: [String: String] = [
      "add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div", "minimum": "Min", "maximum": "Max",
      "pow": "Pow", "prelu": "PRelu", "equal": "Equal", "less": "Less",
      "less_equal": "LessOrEqual", "select": "Where",
    ]
    return known[mnemonic]
  }

  /// The function `operation` of `x`, reals of type `element`; nil where it is none of one value.
  mutating func applied(
    _ operation: any Operation, to x: String, _ element: ElementType
  ) -> String? {
    switch operation {
    case let op as HardSigmoid:
      return add("HardSigmoid", [x], [.float("alpha", op.alpha), .float("beta", op.beta)])
    case let op as LeakyRelu: return add("LeakyRelu", [x], [.float("alpha", op.alpha)])
    case let op as Elu: return add("Elu", [x], [.float("alpha", op.alpha)])
    case is ApproximateGelu: return add("Gelu", [x], [.text("approximate", "tanh")])
    case is Silu: return add("Mul", [x, add("Sigmoid", [x])])
    case is ReciprocalSquareRoot: return add("Reciprocal", [add("Sqrt", [x])])
    default:
      return GraphWriter.unaryOperator(type(of: operation).mnemonic).map { add($0, [x]) }
    }
  }

  /// Writes an operation on each element; false where `node` is none.
  mutating func emitElementwise(_ node: Node) throws -> Bool {
    let planar = takesPlanar(node)
    guard let made = try elements(node, planar: planar) else { return false }
    define(node.results[0], planar: planar, made)
    return true
  }

  /// The real result, or the one of plain type; nil where `node` is no operation on each element.
  private mutating func elements(_ node: Node, planar: Bool) throws -> String? {
    let types = node.operands.map { graph[$0] }
    let result = node.results.first.map { graph[$0] }
    switch node.operation {
    case let op as Clamp:
      guard let result else { return nil }
      return bounded(
        spread(node.operands[0], planar), op.minimum, op.maximum, result)
    case is Quantize:
      let x = spread(node.operands[0], planar)
      return types[0].element == .f32 ? x : cast(x, .f32)
    case is Rescale: return spread(node.operands[0], planar)
    case let op as Cast:
      return cast(spread(node.operands[0], planar), op.element, saturate: op.saturate)
    case is SquaredDifference:
      let operands = node.operands.map { spread($0, planar) }
      let difference = add("Sub", operands)
      return add("Mul", [difference, difference])
    case let op as Modulo:
      guard op.truncated || types[0].element.isInteger else {
        throw OperationError("Mod of floats has the dividend's sign only")
      }
      let operands = node.operands.map { spread($0, planar) }
      return add("Mod", operands, op.truncated ? [.int("fmod", 1)] : [])
    case is BitwiseAnd, is BitwiseOr, is BitwiseXor, is BitwiseNot:
      return bits(node, types[0].element, planar)
    default: break
    }
    if node.operands.count == 1 {
      guard hasUnaryForm(node.operation) else { return nil }
      return applied(node.operation, to: spread(node.operands[0], planar), types[0].element)
    }
    guard let name = GraphWriter.binaryOperator(type(of: node.operation).mnemonic), let result
    else { return nil }
    let operands = node.operands.map { spread($0, planar) }
    let made = add(name, operands)
    switch node.operation {
    case let op as Add: return bounded(made, op.minimum, op.maximum, result)
    case let op as Subtract: return bounded(made, op.minimum, op.maximum, result)
    case let op as Multiply: return bounded(made, op.minimum, op.maximum, result)
    case let op as Divide: return bounded(made, op.minimum, op.maximum, result)
    default: return made
    }
  }

  private func hasUnaryForm(_ operation: any Operation) -> Bool {
    switch operation {
    case is HardSigmoid, is LeakyRelu, is Elu, is ApproximateGelu, is Silu,
      is ReciprocalSquareRoot:
      true
    default: GraphWriter.unaryOperator(type(of: operation).mnemonic) != nil
    }
  }

  private mutating func bits(_ node: Node, _ element: ElementType, _ planar: Bool) -> String {
    let operands = node.operands.map { spread($0, planar) }
    let name =
      switch node.operation {
      case is BitwiseAnd: "And"
      case is BitwiseOr: "Or"
      case is BitwiseXor: "Xor"
      default: "Not"
      }
    return add(element == .bool ? name : "Bitwise\(name)", operands)
  }

  mutating func cast(
    _ x: String, _ element: ElementType, saturate: Bool = true
  ) -> String {
    let target = NodeAttribute.int("to", element.onnxCode ?? 1)
    return add("Cast", [x], saturate ? [target] : [target, .int("saturate", 0)])
  }

  // MARK: Order of the axes

  /// Whether `node` is to be computed in NCHW: an operand is there in that order alone, and all can
  /// be brought into it.
  func takesPlanar(_ node: Node) -> Bool {
    guard let result = node.results.first, graph[result].rank == 4,
      node.operands.contains(where: isPlanarOnly)
    else { return false }
    return node.operands.allSatisfy { operand in
      let type = graph[operand]
      if type.rank == 4 || type.shape.checkedCount == 1 { return true }
      return graph.constant(operand) != nil && type.quantization?.axis == nil && type.rank < 4
    }
  }

  /// The reals of an operand, which may have fewer axes than the result that it is spread over.
  private mutating func spread(_ value: Value, _ planar: Bool) -> String {
    let type = graph[value]
    guard planar, type.rank < 4, type.shape.checkedCount != 1, let tensor = graph.constant(value)
    else { return real(value, planar: planar && type.rank == 4) }
    let shape = Shape([Int](repeating: 1, count: 4 - type.rank) + type.shape.dimensions)
    let wide = tensor.reinterpreted(as: type.with(shape: shape))
    let stored = initializer(ordered(wide, GraphWriter.toPlanar), preferred: base(value))
    guard let quantization = type.quantization else { return stored }
    return dequantize(stored, quantization, type.element)
  }
}
