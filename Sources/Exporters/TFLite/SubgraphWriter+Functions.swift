import IR

// Functions of one real value: TFLite's own, and those that it lacks from what it has.

extension SubgraphWriter {
  /// Functions that TFLite has under a name, and nothing more to say.
  private static func unaryOperator(_ mnemonic: String) -> String? {
    let known: [String: String] = [
      "negate": "NEG", "exp": "EXP", "log": "LOG", "sqrt": "SQRT", "rsqrt": "RSQRT", "abs": "ABS",
      "sign": "SIGN", "ceil": "CEIL", "floor": "FLOOR", "round": "ROUND", "sigmoid": "LOGISTIC",
      "tanh": "TANH", "hard_swish": "HARD_SWISH", "sin": "SIN", "cos": "COS",
    ]
    return known[mnemonic]
  }

  func isFunction(_ operation: any Operation) -> Bool {
    switch operation {
    case is HardSigmoid, is LeakyRelu, is Elu, is Gelu, is ApproximateGelu, is Silu, is Reciprocal,
      is Softplus, is Tangent, is ErrorFunction, is ArcSine, is ArcCosine, is ArcTangent,
      is HyperbolicSine, is HyperbolicCosine, is AreaSine, is AreaCosine, is AreaTangent:
      true
    default: SubgraphWriter.unaryOperator(type(of: operation).mnemonic) != nil
    }
  }

  /// The function `operation` of `x`.
  mutating func applied(
    _ operation: any Operation, to x: FlatTensor, _ type: TensorType
  ) throws -> FlatTensor {
    if x.type.isQuantized { return try quantisedFunction(operation, x, type) }
    if let name = SubgraphWriter.unaryOperator(Swift.type(of: operation).mnemonic) {
      return add(name, [x], type)
    }
    switch operation {
    case let op as LeakyRelu:
      var options = FlatTable("LeakyReluOptions")
      options.set("alpha", real: op.alpha)
      return add("LEAKY_RELU", [x], type, options: options)
    case is Gelu: return add("GELU", [x], type, options: FlatTable("GeluOptions"))
    case is ApproximateGelu:
      var options = FlatTable("GeluOptions")
      options.set("approximate", true)
      return add("GELU", [x], type, options: options)
    case let op as Elu: return elu(op, x)
    case is Silu: return times(x, add("LOGISTIC", [x], type))
    case is Reciprocal: return over(scalar(1, type.element), x)
    case is Tangent: return over(add("SIN", [x], type), add("COS", [x], type))
    case let op as HardSigmoid:
      let scaled = times(x, scalar(op.alpha, type.element))
      return bounded(plus(scaled, scalar(op.beta, type.element)), 0, 1)
    case is Softplus: return softplus(x)
    case is ErrorFunction: return errorFunction(x)
    case is HyperbolicSine, is HyperbolicCosine: return hyperbolic(operation, x)
    default: return try inverse(operation, x)
    }
  }

  // MARK: Steps

  private mutating func binary(
    _ name: String, _ table: String, _ a: FlatTensor, _ b: FlatTensor
  ) -> FlatTensor {
    let type = a.type.rank >= b.type.rank ? a.type : b.type
    return add(name, [a, b], type, options: options(table, activation: "NONE"))
  }

  private mutating func plus(_ a: FlatTensor, _ b: FlatTensor) -> FlatTensor {
    binary("ADD", "AddOptions", a, b)
  }

  private mutating func minus(_ a: FlatTensor, _ b: FlatTensor) -> FlatTensor {
    binary("SUB", "SubOptions", a, b)
  }

  private mutating func times(_ a: FlatTensor, _ b: FlatTensor) -> FlatTensor {
    binary("MUL", "MulOptions", a, b)
  }

  private mutating func over(_ a: FlatTensor, _ b: FlatTensor) -> FlatTensor {
    binary("DIV", "DivOptions", a, b)
  }

  private mutating func function(_ name: String, _ x: FlatTensor) -> FlatTensor {
    add(name, [x], x.type)
  }

  // MARK: By their formulas

  /// ELU has the slope 1: `max(x, 0) + α · elu(min(x, 0))`.
  private mutating func elu(_ op: Elu, _ x: FlatTensor) -> FlatTensor {
    if op.alpha == 1 { return function("ELU", x) }
    let below = add("MINIMUM", [x, scalar(0, x.type.element)], x.type)
    let scaled = times(function("ELU", below), scalar(op.alpha, x.type.element))
    return plus(function("RELU", x), scaled)
  }

  /// `log(1 + eˣ)` as `max(x, 0) + log(1 + e^−|x|)`, which does not overflow.
  private mutating func softplus(_ x: FlatTensor) -> FlatTensor {
    let small = function("EXP", function("NEG", function("ABS", x)))
    let logarithm = function("LOG", plus(small, scalar(1, x.type.element)))
    return plus(function("RELU", x), logarithm)
  }

  /// From `gelu(y) = y / 2 · (1 + erf(y / √2))` at `y = √2 · x`: `(2 · gelu(y) − y) / y`, with a
  /// divisor of 1 at 0, where the dividend is 0.
  private mutating func errorFunction(_ x: FlatTensor) -> FlatTensor {
    let element = x.type.element
    let y = times(x, scalar(1.414_213_6, element))
    let curve = add("GELU", [y], x.type, options: FlatTable("GeluOptions"))
    let dividend = minus(times(curve, scalar(2, element)), y)
    let isZero = add("EQUAL", [y, scalar(0, element)], TensorType(.bool, x.type.shape))
    return over(dividend, add("SELECT_V2", [isZero, scalar(1, element), y], x.type))
  }

  /// `(eˣ ∓ e⁻ˣ) / 2`.
  private mutating func hyperbolic(_ operation: any Operation, _ x: FlatTensor) -> FlatTensor {
    let (up, down) = (function("EXP", x), function("EXP", function("NEG", x)))
    let sum = operation is HyperbolicSine ? minus(up, down) : plus(up, down)
    return times(sum, scalar(0.5, x.type.element))
  }

  /// Inverses of the circular and the hyperbolic functions, by ATAN2 and LOG.
  /// Source: NIST Digital Library of Mathematical Functions, 4.23 and 4.37.
  private mutating func inverse(
    _ operation: any Operation, _ x: FlatTensor
  ) throws -> FlatTensor {
    let one = scalar(1, x.type.element)
    switch operation {
    case is ArcTangent: return add("ATAN2", [x, try spreadOnes(x)], x.type)
    case is ArcSine: return add("ATAN2", [x, function("SQRT", minus(one, times(x, x)))], x.type)
    case is ArcCosine: return add("ATAN2", [function("SQRT", minus(one, times(x, x))), x], x.type)
    case is AreaTangent:
      let quotient = over(plus(x, one), minus(one, x))
      return times(function("LOG", quotient), scalar(0.5, x.type.element))
    case is AreaCosine:
      let root = function("SQRT", minus(times(x, x), one))
      return function("LOG", plus(x, root))
    case is AreaSine:
      let size = function("ABS", x)
      let root = function("SQRT", plus(times(x, x), one))
      return times(function("SIGN", x), function("LOG", plus(size, root)))
    default: throw OperationError("TFLite has no operator for it")
    }
  }

  /// ATAN2 broadcasts nothing.
  private mutating func spreadOnes(_ x: FlatTensor) throws -> FlatTensor {
    guard let count = x.type.shape.checkedCount else {
      throw OperationError("ATAN2 wants two operands of one shape, and it is not known")
    }
    let ones = [Double](repeating: 1, count: count)
    return constant(Tensor.from(doubles: ones, x.type.element, x.type.shape))
  }
}
