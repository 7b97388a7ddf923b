/// Axes in another order: axis `i` of the result is axis `permutation[i]` of the operand.
public struct Transpose: ElementMoving {
  public static let mnemonic = "transpose"
  public static let summary = "y[i₀, i₁, …] = x with axis permutation[k] at place k"
  public static let arity = Arity(1)
  public static let fields: [Field<Transpose>] = [
    .init("permutation", \.permutation, "the operand's axes in the result's order")
  ]
  public var permutation: [Int] = []

  public init() {}
  public init(_ permutation: [Int]) { self.permutation = permutation }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard permutation.sorted() == Array(0..<x.rank) else {
      throw OperationError("'transpose' cannot order \(x) by \(permutation)")
    }
    var quantization = x.quantization
    if let axis = quantization?.axis { quantization?.axis = permutation.firstIndex(of: axis) }
    return [TensorType(x.element, Shape(permutation.map { x.shape[$0] }), quantization)]
  }

  public func move(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes([x.type]))[0]
    let strides = x.shape.strides
    return [gatherStrided(x, start: 0, strides: permutation.map { strides[$0] }, into: type)]
  }

  /// The result for a constant, put in order when it is first read.
  public func deferred(_ x: Tensor) throws -> Tensor {
    let type = try infer(OperandTypes([x.type]))[0]
    let steps = permutation.map { x.shape.strides[$0] }
    let storage = Storage(byteCount: type.byteCount, whenRead: {
      gatherStrided(x, start: 0, strides: steps, into: type).storage
    })
    return Tensor(type, storage: storage)
  }

  /// Whether nothing moves.
  public var isIdentity: Bool { permutation == Array(0..<permutation.count) }

  /// The order that `self` and then `next` make together.
  public func followed(by next: Transpose) -> Transpose {
    Transpose(next.permutation.map { permutation[$0] })
  }

  /// The order that undoes this one.
  public var inverse: Transpose {
    var result = permutation
    for (place, axis) in permutation.enumerated() { result[axis] = place }
    return Transpose(result)
  }
}
