/// A function of one 8-bit value by its 256 results: TOSA's `TABLE`. The second operand holds the
/// results, of the operand's element type, from the lowest stored value to the highest.
public struct Table: Operation {
  public static let mnemonic = "table"
  public static let summary = "y = table[x − lowest]"
  public static let arity = Arity(2)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, table) = (operands[0], operands[1])
    guard [.i8, .u8].contains(x.element), table.element == x.element, table.shape == [256] else {
      throw OperationError("'table' needs 8-bit values and 256 results, not \(x), \(table)")
    }
    let quantization = x.isQuantized ? operands.asked() ?? x.quantization : nil
    return [x.with(quantization: quantization)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let offset = x.element == .i8 ? 128 : 0
    let table = operands[1].withElements { (bytes: UnsafeBufferPointer<UInt8>) in Array(bytes) }
    let type = x.type.with(quantization: context.quantization() ?? x.type.quantization)
    return [
      mapElements(x, type) { (value: UInt8) in
        let index = offset == 0 ? Int(value) : Int(Int8(bitPattern: value)) + offset
        return table[index]
      }
    ]
  }
}
