import IR

// Operations on each element.

extension SubgraphWriter {
  /// Functions of one value that TFLite has under a name, and nothing more to say.
  private static func unaryOperator(_ mnemonic: String) -> String? {
    let known: [String: String] = [
      "negate": "NEG", "exp": "EXP", "log": "LOG", "sqrt": "SQRT", "rsqrt": "RSQRT", "abs": "ABS",
      "sign": "SIGN", "ceil": "CEIL", "floor": "FLOOR", "round": "ROUND", "sigmoid": "LOGISTIC",
      "tanh": "TANH", "hard_swish": "HARD_SWISH", "sin": "SIN", "cos": "COS",
    ]
    return known[mnemonic]
  }

  private static func binaryOperator(_ mnemonic: String) -> String? {
    let known: [String: String] = [
      "add": "ADD", "sub": "SUB", "mul": "MUL", "div": "DIV", "minimum": "MINIMUM",
      "maximum": "MAXIMUM", "pow": "POW", "prelu": "PRELU", "equal": "EQUAL", "less": "LESS",
      "less_equal": "LESS_EQUAL", "squared_difference": "SQUARED_DIFFERENCE", "atan2": "ATAN2",
      "select": "SELECT_V2",
    ]
    return known[mnemonic]
  }

  /// Writes an operation on each element; false where `node` is none.
  mutating func emitElementwise(_ node: Node) throws -> Bool {
    guard let result = node.results.first else { return false }
    let type = graph[result]
    if let made = try arithmetic(node, type) {
      define(result, made)
      return true
    }
    switch node.operation {
    case let op as Clamp: define(result, try clamped(op, tensor(node.operands[0]), type))
    case let op as Modulo: define(result, try remainder(op, node, type))
    case is BitwiseAnd, is BitwiseOr, is BitwiseXor, is BitwiseNot, is ShiftRight:
      define(result, try bits(node, type))
    case is IsNaN:
      let x = tensor(node.operands[0])
      define(result, add("NOT_EQUAL", [x, x], type))
    case is Table:
      let table = tensor(node.operands[1])
      define(result, looked(up: tensor(node.operands[0]), table, type))
    default:
      if node.operands.count == 1, isFunction(node.operation) {
        define(result, try applied(node.operation, to: tensor(node.operands[0]), type))
        return true
      }
      guard let name = SubgraphWriter.binaryOperator(type_(node)) else { return false }
      try checkSteps(node, name)
      define(result, add(name, node.operands.map { tensor($0) }, type))
    }
    return true
  }

  private func type_(_ node: Node) -> String { type(of: node.operation).mnemonic }

  /// The kernels of these compare or copy stored integers.
  private func checkSteps(_ node: Node, _ name: String) throws {
    guard ["MINIMUM", "MAXIMUM", "SELECT_V2"].contains(name) else { return }
    let values = (name == "SELECT_V2" ? Array(node.operands.dropFirst()) : node.operands)
    let steps = Set((values + node.results).map { graph[$0].quantization })
    guard steps.count > 1 else { return }
    throw OperationError("TFLite's \(name) needs one scale and zero point for operands and result")
  }

  // MARK: Sums and products

  private mutating func arithmetic(_ node: Node, _ type: TensorType) throws -> FlatTensor? {
    switch node.operation {
    case let op as Add: return fused("ADD", "AddOptions", node, type, op.minimum, op.maximum)
    case let op as Subtract: return fused("SUB", "SubOptions", node, type, op.minimum, op.maximum)
    case let op as Multiply: return fused("MUL", "MulOptions", node, type, op.minimum, op.maximum)
    case let op as Divide: return fused("DIV", "DivOptions", node, type, op.minimum, op.maximum)
    default: return nil
    }
  }

  private mutating func fused(
    _ name: String, _ table: String, _ node: Node, _ type: TensorType, _ low: Float, _ high: Float
  ) -> FlatTensor {
    let activation = fusedActivation(low, high, type)
    var options = options(table, activation: activation ?? "NONE")
    // Sums of 16 bits have a second form for scales that are powers of two, which is not this one.
    if type.element == .i16, ["ADD", "SUB"].contains(name) {
      options.set("pot_scale_int16", false)
    }
    let made = add(name, node.operands.map { tensor($0) }, type, options: options)
    return activation == nil ? bounded(made, low, high) : made
  }

  /// Under other parameters than the operand's a rectifier requantises; other bounds do so before.
  private mutating func clamped(
    _ op: Clamp, _ x: FlatTensor, _ type: TensorType
  ) throws -> FlatTensor {
    guard type.isQuantized, x.type.quantization != type.quantization else {
      return bounded(x, op.minimum, op.maximum)
    }
    if let name = fusedActivation(op.minimum, op.maximum, type), name != "NONE" {
      return add(name, [x], type)
    }
    return bounded(add("QUANTIZE", [x], type), op.minimum, op.maximum)
  }

  private mutating func remainder(
    _ op: Modulo, _ node: Node, _ type: TensorType
  ) throws -> FlatTensor {
    guard !op.truncated else {
      throw OperationError("TFLite's FLOOR_MOD has the divisor's sign, and here it is the dividend's")
    }
    return add("FLOOR_MOD", node.operands.map { tensor($0) }, type)
  }

  private mutating func bits(_ node: Node, _ type: TensorType) throws -> FlatTensor {
    let operands = node.operands.map { tensor($0) }
    if type.element == .bool {
      let name =
        switch node.operation {
        case is BitwiseAnd: "LOGICAL_AND"
        case is BitwiseOr: "LOGICAL_OR"
        case is BitwiseXor: "NOT_EQUAL"
        default: "LOGICAL_NOT"
        }
      return add(name, operands, type)
    }
    switch node.operation {
    case is BitwiseXor: return add("BITWISE_XOR", operands, type)
    case is ShiftRight: return add("RIGHT_SHIFT", operands, type)
    case is BitwiseNot:
      let ones = constant(Tensor.from(integers: [-1], type.element, []))
      return add("BITWISE_XOR", operands + [ones], type)
    default: throw OperationError("TFLite has no operator for bits of integers")
    }
  }

  // MARK: Functions of one value

  private func isFunction(_ operation: any Operation) -> Bool {
    switch operation {
    case is HardSigmoid, is LeakyRelu, is Elu, is Gelu, is ApproximateGelu, is Silu, is Reciprocal,
      is Softplus, is Tangent, is ErrorFunction:
      true
    default: SubgraphWriter.unaryOperator(type(of: operation).mnemonic) != nil
    }
  }

  /// The function `operation` of `x`.
  mutating func applied(
    _ operation: any Operation, to x: FlatTensor, _ type: TensorType
  ) throws -> FlatTensor {
    if x.type.isQuantized { return try quantisedFunction(operation, x, type) }
    switch operation {
    case let op as LeakyRelu:
      var options = FlatTable("LeakyReluOptions")
      options.set("alpha", real: op.alpha)
      return add("LEAKY_RELU", [x], type, options: options)
    case is Gelu: return add("GELU", [x], type, options: FlatTable("GeluOptions"))
    case is ApproximateGelu:
      var options = FlatTable("GeluOptions")
      options.set("approximate", true)
      return add("GELU", [x], type, options: options)
    case let op as Elu where op.alpha == 1: return add("ELU", [x], type)
    case is Silu: return add("MUL", [x, add("LOGISTIC", [x], type)], type, options: mul)
    case is Reciprocal:
      return add(
        "DIV", [scalar(1), x], type, options: options("DivOptions", activation: "NONE"))
    case is Tangent:
      return add(
        "DIV", [add("SIN", [x], type), add("COS", [x], type)], type,
        options: options("DivOptions", activation: "NONE"))
    case let op as HardSigmoid: return hardSigmoid(op, x)
    case is Softplus: return softplus(x)
    default: break
    }
    guard let name = SubgraphWriter.unaryOperator(Swift.type(of: operation).mnemonic) else {
      throw OperationError("TFLite has no operator for it")
    }
    return add(name, [x], type)
  }

  private mutating func hardSigmoid(_ op: HardSigmoid, _ x: FlatTensor) -> FlatTensor {
    let scaled = add("MUL", [x, scalar(op.alpha)], x.type, options: mul)
    let shifted = add(
      "ADD", [scaled, scalar(op.beta)], x.type, options: options("AddOptions", activation: "NONE"))
    return bounded(shifted, 0, 1)
  }

  /// `log(1 + eˣ)` as `max(x, 0) + log(1 + e^−|x|)`, which does not overflow.
  private mutating func softplus(_ x: FlatTensor) -> FlatTensor {
    let none = options("AddOptions", activation: "NONE")
    let small = add("EXP", [add("NEG", [add("ABS", [x], x.type)], x.type)], x.type)
    let logarithm = add("LOG", [add("ADD", [small, scalar(1)], x.type, options: none)], x.type)
    return add("ADD", [add("RELU", [x], x.type), logarithm], x.type, options: none)
  }
}
