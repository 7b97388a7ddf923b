/// The same elements, row-major, under another shape.
///
/// `shape` may hold one −1, which takes what is left, and 0 is an extent of zero (ONNX's "copy" has
/// been resolved by the importer). Per-axis quantisation needs its axis to survive as it was.
public struct Reshape: ElementMoving {
  public static let mnemonic = "reshape"
  public static let summary = "the same elements under another shape"
  public static let arity = Arity(1)
  public static let fields: [Field<Reshape>] = [
    .init("shape", \.shape, "the extents; one may be −1")
  ]
  public var shape: [Int] = []

  public init() {}
  public init(to shape: [Int]) { self.shape = shape }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard shape.allSatisfy({ $0 >= -1 }), shape.filter({ $0 == -1 }).count <= 1 else {
      throw OperationError("'reshape' cannot take shape \(shape)")
    }
    return [x.with(shape: try resolve(x.shape))]
  }

  private func resolve(_ source: Shape) throws -> Shape {
    let known = shape.filter { $0 != -1 }.reduce(1, *)
    guard let total = source.checkedCount else { return Shape(shape) }
    guard let free = shape.firstIndex(of: -1) else {
      guard known == total else {
        throw OperationError("'reshape' cannot make \(shape) of \(total) elements")
      }
      return Shape(shape)
    }
    guard known > 0, total % known == 0 else {
      throw OperationError("'reshape' cannot make \(shape) of \(total) elements")
    }
    var result = shape
    result[free] = total / known
    return Shape(result)
  }

  public func move(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    [operands[0].reinterpreted(as: try infer(OperandTypes([operands[0].type]))[0])]
  }
}
