/// Runs its second region, the body, as long as its first, the condition, yields true. Both take the
/// carried values, which are the operands at first and what the body yielded afterwards.
///
/// A carried value has the type that the regions' arguments declare: an extent that changes from
/// turn to turn is unknown there. Both regions may use values around them.
public struct While: Operation {
  public static let mnemonic = "while"
  public static let summary = "while condition(x…) holds, x… = body(x…); gives x…"
  public static let arity = Arity(0...Int.max, results: 0...Int.max, regions: 2)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let carried = operands.regionArguments[1]
    guard operands.regionArguments[0] == carried else {
      throw OperationError("'while' has regions that take different values")
    }
    let condition = operands.regionResults[0]
    guard condition.count == 1, condition[0].element == .bool,
      condition[0].shape.checkedCount ?? 1 == 1
    else { throw OperationError("'while' needs one bool from its condition") }
    try check(operands.types, against: carried, "is given")
    try check(operands.regionResults[1], against: carried, "yields")
    return carried
  }

  private func check(
    _ types: [TensorType], against carried: [TensorType], _ verb: String
  ) throws {
    guard types.count == carried.count else {
      throw OperationError("'while' carries \(carried.count) values and \(verb) \(types.count)")
    }
    for (index, (type, wanted)) in zip(types, carried).enumerated() {
      // A declared extent must hold in every turn; an unknown one promises nothing.
      let holds = zip(type.shape.dimensions, wanted.shape.dimensions)
        .allSatisfy { $0 == $1 || $1 == Shape.unknown }
      guard wanted.isCompatible(with: type), holds else {
        throw OperationError("'while' carries \(wanted) as value \(index) and \(verb) \(type)")
      }
    }
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    var carried = operands
    while try holds(context.runRegion(0, carried)) {
      carried = try context.runRegion(1, carried)
    }
    return carried
  }

  private func holds(_ results: [Tensor]) throws -> Bool {
    guard let flag = results.first?.integers().first else {
      throw OperationError("'while' got no truth value from its condition")
    }
    return flag != 0
  }
}
