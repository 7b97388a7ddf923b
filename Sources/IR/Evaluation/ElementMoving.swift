/// An operation that puts elements elsewhere, repeats them or leaves them out, without looking at
/// what they are.
///
/// Such an operation says in `move` what happens to numbers; strings take the same way as their
/// positions.
public protocol ElementMoving: StringTaking {
  /// `evaluate` for operands without strings.
  func move(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor]
}

extension ElementMoving {
  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    guard operands.contains(where: { $0.element == .string }) else {
      return try move(operands, context)
    }
    let types = try infer(OperandTypes(operands.map(\.type), constants: operands))
    // Zero, which is what an operation fills gaps with, stands for the empty string.
    var pool: [String] = [""]
    let places = operands.map { operand -> Tensor in
      guard operand.element == .string else { return operand }
      let first = pool.count
      pool += operand.storage.strings
      return Tensor(operand.shape, (first..<pool.count).map { Int64($0) })
    }
    let inner = EvaluationContext(
      resultTypes: types.map { $0.element == .string ? $0.with(element: .i64) : $0 })
    return zip(types, try move(places, inner)).map { type, result in
      guard type.element == .string else { return result }
      return Tensor(result.shape, strings: result.array(of: Int64.self).map { pool[Int($0)] })
    }
  }
}

/// The strings of several tensors as `i64` numbers in the order of their UTF-8 bytes: equal bytes
/// have equal numbers.
///
/// Swift's own comparison takes canonically equivalent spellings as equal; models do not.
func byteRanks(_ tensors: [Tensor]) -> [Tensor] {
  var known: [[UInt8]: Int64] = [:]
  for tensor in tensors {
    for string in tensor.storage.strings { known[Array(string.utf8)] = 0 }
  }
  let ordered = known.keys.sorted { $0.lexicographicallyPrecedes($1) }
  for (rank, key) in ordered.enumerated() { known[key] = Int64(rank) }
  return tensors.map { tensor in
    Tensor(tensor.shape, tensor.storage.strings.map { known[Array($0.utf8)] ?? 0 })
  }
}

/// An operation that takes or gives tensors of strings. Every other one is refused them in one
/// place, `Operation.checkedInfer`.
public protocol StringTaking: Operation {}

extension Operation {
  /// `infer`, after strings have been refused to an operation that has no meaning for them.
  public func checkedInfer(_ operands: OperandTypes) throws -> [TensorType] {
    if let text = operands.types.first(where: { $0.element == .string }),
      Self.arity.regions == 0, !(self is any StringTaking)
    { throw OperationError("'\(Self.mnemonic)' does not take strings, here \(text)") }
    return try infer(operands)
  }
}
