import IR

/// A graph that a test runs, and the inputs that it runs on.
struct RandomGraph {
  var function: Function
  var inputs: [Tensor]

  /// Whether integers may differ by one step after `convert-qdq`.
  var isFakeQuantized: Bool = false

  var module: Module { Module(name: "random", functions: [function]) }

  /// The graph of `seed`: a few inputs, then operations that are taken only where they infer and
  /// give harmless numbers, then some of the values as results; what is not used is dead.
  init(seed: UInt64) throws {
    var maker = GraphMaker(seed: seed)
    try maker.addInputs()
    for _ in 0..<maker.random.int(3...14) { try maker.addOperation() }
    self = try maker.finish()
  }

  init(function: Function, inputs: [Tensor], isFakeQuantized: Bool) {
    self.function = function
    self.inputs = inputs
    self.isFakeQuantized = isFakeQuantized
  }
}

/// Builds a random graph operation by operation, evaluating as it goes.
///
/// Evaluating shows whether an operation is harmless on this graph's inputs: no NaN, no overflow, and
/// no step function close to its step, where a rounding in the last bit would show as a whole step.
/// So results before and after a pass may be compared tightly, integers exactly.
struct GraphMaker: ~Copyable {
  var random: SeededRandom
  var rewriter = Rewriter()
  /// What each value is on the inputs.
  var samples: [Value: Tensor] = [:]
  /// Values in the order in which they were made; constants are among them.
  var pool: [Value] = []
  /// Floats computed from dequantised ones: quantising them is `convert-qdq`'s business, which
  /// moves results by a step, so that they are only in graphs of fake-quantised layers.
  var computedFromStored: Set<Value> = []
  /// Whether this graph has fake-quantised layers, one behind another nowhere: their results may
  /// move by one step.
  let isFakeQuantized: Bool
  /// Values that nothing more may be computed from.
  var final: Set<Value> = []
  /// The element type of this graph's floats.
  let float: ElementType
  private var inputs: [Tensor] = []
  private var emitted: [OperationID] = []

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    isFakeQuantized = seed % 10 == 9
    float = seed % 10 == 7 ? .f64 : .f32
  }

  /// Results of at most this many elements are kept.
  static let largest: Int = 400

  mutating func addInputs() throws {
    for index in 0..<random.int(1...3) {
      let shape = Shape(randomShape(rank: index == 0 ? 4 : random.pick([4, 4, 3, 2, 2, 1])))
      let kind = isFakeQuantized ? 6 : random.int(0...9)
      let sample: Tensor
      if kind <= 5 {
        sample = reals(shape)
      } else if kind <= 7 {
        sample = stored(shape, random.once(in: 4) ? .u8 : .i8)
      } else {
        sample = integers(shape, random.pick([.i32, .i64]), -6...6)
      }
      let value = rewriter.addArgument(sample.type, name: "x\(index)")
      inputs.append(sample)
      samples[value] = sample
      pool.append(value)
    }
  }

  mutating func finish() throws -> RandomGraph {
    let made = pool.filter { rewriter.graph.constant($0) == nil }
    var chosen = made.suffix(2)
    for value in made.dropLast(2) where random.once(in: 8) { chosen.append(value) }
    rewriter.setResults(chosen.enumerated().map { (name: "y\($0)", value: $1) })
    let graph = rewriter.graph
    return RandomGraph(
      function: Function(name: Module.mainName, graph: graph), inputs: inputs,
      isFakeQuantized: isFakeQuantized)
  }

  // MARK: Values

  func type(_ value: Value) -> TensorType { rewriter.graph[value] }

  /// A value that `isFit` takes, late ones more often; nil where there is none.
  mutating func choose(_ isFit: (TensorType) -> Bool) -> Value? {
    let fit = pool.filter { !final.contains($0) && isFit(rewriter.graph[$0]) }
    guard !fit.isEmpty else { return nil }
    let late = max(fit.count - 4, 0)
    return random.once(in: 3) ? random.pick(fit) : fit[random.int(late...(fit.count - 1))]
  }

  mutating func constant(_ tensor: Tensor) -> Value {
    let value = rewriter.constant(tensor)
    samples[value] = tensor
    return value
  }

  // MARK: Operations

  /// Inserts `operation` if it infers and is harmless here; its results join the pool.
  @discardableResult
  mutating func emit(
    _ operation: any Operation, _ operands: [Value], quantization: Quantization? = nil,
    isHarmless: ([Tensor]) -> Bool = { _ in true }
  ) throws -> [Value]? {
    let inputs = operands.compactMap { samples[$0] }
    let types = OperandTypes(
      inputs.map(\.type), constants: operands.map { rewriter.graph.constant($0) },
      resultQuantization: [quantization])
    guard inputs.count == operands.count, isHarmless(inputs),
      let inferred = try? operation.checkedInfer(types),
      inferred.allSatisfy({ (1...GraphMaker.largest).contains($0.shape.count) }),
      let results = try? operation.evaluate(inputs, EvaluationContext(resultTypes: inferred)),
      results.allSatisfy({ GraphMaker.isTame($0) })
    else { return nil }
    let name = "n\(emitted.count)"
    let values = try rewriter.insert(
      operation, operands, quantization: [quantization], at: Location(name: name))
    if let id = rewriter.graph.producer(of: values[0]) { emitted.append(id) }
    let isComputed =
      operation is Dequantize || operands.contains { computedFromStored.contains($0) }
    for (value, result) in zip(values, results) {
      samples[value] = result
      pool.append(value)
      if isComputed && result.element.isFloat { computedFromStored.insert(value) }
    }
    return values
  }

  /// Whether floats are finite and of a size at which errors stay small.
  private static func isTame(_ tensor: Tensor) -> Bool {
    guard tensor.element.isFloat else { return true }
    return tensor.doubles().allSatisfy { $0.isFinite && $0.magnitude < 200 }
  }

  /// An earlier operation again, on the same operands.
  mutating func repeatOperation() throws -> Bool {
    guard !emitted.isEmpty else { return false }
    let node = rewriter.graph[random.pick(emitted)]
    let quantization = rewriter.graph[node.results[0]].quantization
    return try emit(node.operation, node.operands, quantization: quantization) != nil
  }

  mutating func addOperation() throws {
    for _ in 0..<20 where try attempt() { return }
  }

  private mutating func attempt() throws -> Bool {
    if isFakeQuantized {
      return random.once(in: 3) ? try addMovement() : try addFakeQuantizedLayer()
    }
    switch random.int(0...31) {
    case 0...3: return try addProduct()
    case 4...5: return try addPool()
    case 6...9: return try addBinary()
    case 10...12: return try addUnary()
    case 13...19: return try addMovement()
    case 20...21: return try addReduction()
    case 22...23: return try addNormalization()
    case 24: return try addIntegerOperation()
    case 25...29: return try addStoredOperation()
    case 30: return try addConversion()
    default: return try repeatOperation()
    }
  }
}

extension TensorType {
  /// Whether values are 8-bit and quantised per tensor.
  var isStored: Bool {
    guard let quantization else { return false }
    return quantization.axis == nil && [.i8, .u8].contains(element)
  }
}
