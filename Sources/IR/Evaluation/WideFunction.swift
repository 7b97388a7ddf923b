/// How a function of one 16-bit value is computed in integers alone.
public enum WideFunction: Sendable {
  case interpolated(InterpolatedTable)
  case logistic(SigmoidTable)

  /// Whether `operation` has such a form, under parameters that fit it.
  public static func exists(for operation: any Operation) -> Bool {
    if operation is Sigmoid || operation is Tanh { return true }
    return (operation as? any UnaryElementwise).map { type(of: $0).isInterpolated } ?? false
  }

  /// The form that the interpreter evaluates `operation` by; nil where it computes in reals.
  public init?(_ operation: any Operation, input: TensorType, output: TensorType) {
    guard input.element == .i16, let from = input.quantization, let to = output.quantization,
      let function = operation as? any UnaryElementwise
    else { return nil }
    let isLogistic = operation is Sigmoid || operation is Tanh
    if isLogistic, from.zeroPoint == 0, to == Quantization(scale: 1.0 / 32768) {
      let kind: SigmoidTable.Function = operation is Sigmoid ? .sigmoid : .tanh
      self = .logistic(SigmoidTable(kind, inputScale: from.scale))
    } else if type(of: function).isInterpolated {
      self = .interpolated(InterpolatedTable(input: from, output: to) { function.apply($0) })
    } else {
      return nil
    }
  }
}
