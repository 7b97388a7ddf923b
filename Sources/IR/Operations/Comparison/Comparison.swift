/// `y = a ? b` for every element, with ONNX's multidirectional broadcasting; the result is `bool`.
/// Comparisons with NaN are false.
protocol Comparison: Operation {
  static func compare<T: Comparable>(_ a: T, _ b: T) -> Bool
}

extension Comparison {
  public static var arity: Arity { Arity(2) }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (a, b) = (operands[0], operands[1])
    guard a.element == b.element, a.quantization == b.quantization else {
      throw OperationError("'\(Self.mnemonic)' needs operands of one type, not \(a) and \(b)")
    }
    guard let shape = Shape.broadcast([a.shape, b.shape]) else {
      throw OperationError("'\(Self.mnemonic)' cannot broadcast \(a) with \(b)")
    }
    return [TensorType(.bool, shape)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let (a, b) = (operands[0], operands[1])
    let type = try infer(OperandTypes([a.type, b.type]))[0]
    switch a.element {
    case .f32: return [mapElements(a, b, type) { (x: Float, y: Float) in Self.compare(x, y) }]
    case .f64: return [mapElements(a, b, type) { (x: Double, y: Double) in Self.compare(x, y) }]
    case .i64: return [mapElements(a, b, type) { (x: Int64, y: Int64) in Self.compare(x, y) }]
    case .u64: return [mapElements(a, b, type) { (x: UInt64, y: UInt64) in Self.compare(x, y) }]
    case .string: return [compareStrings(a, b, type)]
    default:
      let wide: ElementType = a.element.isFloat ? .f32 : .i64
      return try evaluate([a.converted(to: wide), b.converted(to: wide)], context)
    }
  }

  private func compareStrings(_ a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    let walk = BroadcastWalk([a.shape, b.shape], to: type.shape)
    let steps = walk.runStrides
    let length = type.rank == 0 ? 1 : type.shape[type.rank - 1]
    return Tensor.make(type) { (out: UnsafeMutableBufferPointer<Bool>) in
      walk.forEachRun { start, offsets in
        for k in 0..<length {
          let x = a.storage.strings[offsets[0] + k * steps[0]]
          out[start + k] = Self.compare(x, b.storage.strings[offsets[1] + k * steps[1]])
        }
      }
    }
  }
}
