import IR

extension SubgraphWriter {
  /// Writes a conversion; false where `node` is none.
  mutating func emitConversion(_ node: Node) throws -> Bool {
    guard let result = node.results.first, let x = node.operands.first else { return false }
    let type = graph[result]
    switch node.operation {
    case is Quantize: define(result, try quantized(tensor(x), type))
    case is Dequantize:
      // DEQUANTIZE takes no 32-bit integers, and biases are constants.
      if let content = graph.constant(x), content.element == .i32, type.element == .f32 {
        define(result, constant(content.dequantized(), named: graph.name(of: x)))
      } else {
        define(result, add("DEQUANTIZE", [tensor(x)], type))
      }
    case is Rescale: define(result, add("QUANTIZE", [tensor(x)], type))
    case let op as Cast: define(result, try converted(tensor(x), op))
    case is BitCast: define(result, add("BITCAST", [tensor(x)], type))
    default: return false
    }
    return true
  }

  private mutating func quantized(_ x: FlatTensor, _ type: TensorType) throws -> FlatTensor {
    guard x.type.element == .f32 else {
      throw OperationError("QUANTIZE takes f32, not \(x.type)")
    }
    return add("QUANTIZE", [x], type)
  }

  private mutating func converted(_ x: FlatTensor, _ op: Cast) throws -> FlatTensor {
    guard x.type.element != .string, op.element != .string else {
      throw OperationError("CAST takes no strings")
    }
    guard op.element != .i4 else {
      throw OperationError("CAST to i4 takes what is beyond its range for other numbers")
    }
    return cast(x, op.element)
  }
}
