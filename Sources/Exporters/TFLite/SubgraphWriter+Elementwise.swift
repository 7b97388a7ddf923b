import IR

// Operations on each element.

extension SubgraphWriter {
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
      guard let name = SubgraphWriter.binaryOperator(mnemonic(node)) else { return false }
      try checkSteps(node, name)
      define(result, add(name, node.operands.map { tensor($0) }, type))
    }
    return true
  }

  private func mnemonic(_ node: Node) -> String { type(of: node.operation).mnemonic }

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
    let operands = node.operands.map { tensor($0) }
    guard op.truncated else { return add("FLOOR_MOD", operands, type) }
    guard type.element.isInteger else {
      throw OperationError(
        "TFLite's FLOOR_MOD has the divisor's sign, and here it is the dividend's")
    }
    // DIV of integers cuts towards zero.
    let whole = add("DIV", operands, type, options: options("DivOptions", activation: "NONE"))
    let product = add("MUL", [whole, operands[1]], type, options: mul)
    return add(
      "SUB", [operands[0], product], type, options: options("SubOptions", activation: "NONE"))
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
}
