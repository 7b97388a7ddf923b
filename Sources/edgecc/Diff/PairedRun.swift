import IR
import TextTests

/// Two models on inputs that mean the same to both.
struct PairedRun {
  private let before: Function
  private let after: Function
  private let inputs: SeededInputs

  init(_ before: Function, _ after: Function, seed: UInt64) {
    self.before = before
    self.after = after
    inputs = SeededInputs(seed: seed)
  }

  /// How well the results of the second agree with those of the first. An input that one of the two
  /// quantises gets numbers that this quantisation has, so that both see the same; images of one
  /// layout are given to a model of the other in its own.
  ///
  /// - Throws: a `Diagnostic` where the two do not take the same inputs.
  func compare(samples: Int) throws -> Fidelity {
    let (mine, theirs) = (before.inputs.map(\.type), after.inputs.map(\.type))
    guard mine.count == theirs.count, before.outputs.count == after.outputs.count else {
      throw Diagnostic.error("they have other numbers of inputs or outputs")
    }
    let permutations = try zip(mine, theirs).map { try PairedRun.permutation($0.shape, $1.shape) }
    var fidelity = Fidelity()
    for index in 0..<samples {
      let sources = zip(
        numbers(before, index), zip(numbers(after, index), permutations)
      ).map { first, second in
        // What is quantised decides; it has fewer numbers.
        guard !first.isQuantized, second.0.isQuantized else { return first.tensor }
        return PairedRun.permuted(second.0.tensor, second.1.map { PairedRun.inverse($0) })
      }
      let first = try zip(sources, mine).map { try PairedRun.fit($0, $1) }
      let second = try zip(zip(sources, permutations), theirs).map { pair, type in
        try PairedRun.fit(PairedRun.permuted(pair.0, pair.1), type)
      }
      let expected = try Interpreter(before).run(first)
      let actual = try Interpreter(after).run(second)
      for (place, pair) in zip(actual, expected).enumerated() {
        fidelity.add(pair.0, reference: pair.1, isFirst: place == 0)
      }
    }
    return fidelity
  }

  /// The numbers of a sample, as f32 where inputs are floats or quantised.
  private func numbers(
    _ function: Function, _ index: Int
  ) -> [(tensor: Tensor, isQuantized: Bool)] {
    zip(inputs.sample(index, of: function), function.graph.arguments).map { tensor, value in
      if tensor.type.isQuantized { return (tensor.dequantized(), true) }
      guard tensor.element.isFloat, let type = readType(value, function.graph) else {
        return (tensor, false)
      }
      let range = type.element.integerRange ?? -128...127
      let stored = tensor.doubles().indices.map { place in
        range.lowerBound + (place &* 7919 &+ index &* 104_729) % range.count
      }
      let quantised = Tensor.from(integers: stored, type.element, tensor.shape)
        .reinterpreted(as: type.with(shape: tensor.shape))
      return (quantised.dequantized(), true)
    }
  }

  /// The type that a float input is quantised to by all who read it.
  private func readType(_ value: Value, _ graph: Graph) -> TensorType? {
    let users = graph.users(of: value)
    guard let first = users.first, users.allSatisfy({ graph[$0].operation is Quantize }),
      let result = graph[first].results.first, graph[result].quantization?.axis == nil
    else { return nil }
    return graph[result]
  }

  /// How to turn a tensor of shape `from` into one of shape `to`; nil where they are the same.
  private static func permutation(_ from: Shape, _ to: Shape) throws -> [Int]? {
    if from == to { return nil }
    for permutation in [[0, 2, 3, 1], [0, 3, 1, 2]] where from.rank == 4 && to.rank == 4 {
      if permutation.map({ from[$0] }) == to.dimensions { return permutation }
    }
    throw Diagnostic.error("the inputs have other shapes: [\(from)] and [\(to)]")
  }

  private static func inverse(_ permutation: [Int]) -> [Int] {
    var result = permutation
    for (place, axis) in permutation.enumerated() { result[axis] = place }
    return result
  }

  private static func permuted(_ tensor: Tensor, _ permutation: [Int]?) -> Tensor {
    guard let permutation else { return tensor }
    var transpose = Transpose()
    transpose.permutation = permutation
    let shape = Shape(permutation.map { tensor.shape[$0] })
    let context = EvaluationContext(resultTypes: [tensor.type.with(shape: shape)])
    return (try? transpose.evaluate([tensor], context).first) ?? tensor
  }

  /// `tensor` as an input of `type` takes it: the same numbers, the nearest integers where those are
  /// stored.
  private static func fit(_ tensor: Tensor, _ type: TensorType) throws -> Tensor {
    if tensor.element == type.element && tensor.type.quantization == type.quantization {
      return tensor
    }
    guard tensor.element != .string, type.element != .string else {
      throw Diagnostic.error("the inputs have other elements")
    }
    let numbers = tensor.doubles()
    guard let quantization = type.quantization, !quantization.isPerAxis,
      let range = type.element.integerRange
    else { return Tensor.from(doubles: numbers, type.element, tensor.shape) }
    let stored = numbers.map { number -> Int in
      let steps = (number / Double(quantization.scale)).rounded(.toNearestOrEven)
      let value = steps + Double(quantization.zeroPoint)
      return Int(min(max(value, Double(range.lowerBound)), Double(range.upperBound)))
    }
    return Tensor.from(integers: stored, type.element, tensor.shape)
      .reinterpreted(as: type.with(shape: tensor.shape))
  }
}
