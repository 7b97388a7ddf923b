/// The same stored integers with a quantisation put on, changed or taken off: how an importer turns
/// plain integers that a model dequantises itself into quantised ones.
public struct StorageCast: Operation {
  public static let mnemonic = "storage_cast"
  public static let summary = "the same integers under other quantisation parameters, or none"
  public static let arity = Arity(1)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    guard operands[0].element.isInteger else {
      throw OperationError("'storage_cast' needs integers, not \(operands[0])")
    }
    return [operands[0].with(quantization: operands.asked())]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    [operands[0].reinterpreted(as: operands[0].type.with(quantization: context.quantization()))]
  }
}
