import IR

@testable import Backends

/// Builds random int8 graphs from a seed.
struct NPUGraphMaker: ~Copyable {
  private var random: NPURandom
  private var rewriter = Rewriter()

  init(seed: UInt64) { random = NPURandom(seed: seed) }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  mutating func pick<T>(_ choices: [T]) -> T { choices[number(0...(choices.count - 1))] }

  mutating func quantization() -> Quantization {
    let scale = Float.random(in: 0.01...0.06, using: &random)
    return Quantization(scale: scale, zeroPoint: Int32(number(-60...60)))
  }

  mutating func tensor(_ type: TensorType) -> Tensor {
    if type.element == .f32 {
      let values = (0..<type.shape.count).map { _ in Float.random(in: -2...2, using: &random) }
      return Tensor(type.shape, values)
    }
    let values = (0..<type.shape.count).map { _ in Int.random(in: -128...127, using: &random) }
    return Tensor.from(integers: values, type.element, type.shape).reinterpreted(as: type)
  }

  mutating func input(_ shape: Shape) -> Value {
    rewriter.addArgument(TensorType(.i8, shape, quantization()))
  }

  mutating func floatInput(_ shape: Shape) -> Value {
    rewriter.addArgument(TensorType(.f32, shape))
  }

  mutating func constant(_ shape: Shape) -> Value {
    rewriter.constant(tensor(TensorType(.i8, shape, quantization())))
  }

  /// Inserts an operation whose result gets parameters of its own.
  mutating func insert(_ operation: any Operation, _ operands: [Value]) throws -> Value {
    let location = Location(name: "node_\(rewriter.graph.operationCount)")
    return try rewriter.insert(operation, operands, quantization: [quantization()], at: location)[0]
  }

  /// Inserts an operation whose result keeps its operand's parameters.
  mutating func insertKeeping(_ operation: any Operation, _ operands: [Value]) throws -> Value {
    let location = Location(name: "node_\(rewriter.graph.operationCount)")
    return try rewriter.insert(operation, operands, at: location)[0]
  }

  private mutating func weights(_ shape: Shape, axis: Int) -> Value {
    let scales = (0..<shape[axis]).map { _ in Float.random(in: 0.002...0.01, using: &random) }
    let zeros = [Int32](repeating: 0, count: scales.count)
    let quantization = Quantization(scales: scales, zeroPoints: zeros, axis: axis)
    return rewriter.constant(tensor(TensorType(.i8, shape, quantization)))
  }

  private mutating func bias(_ count: Int) -> Value {
    let values = (0..<count).map { _ in Int32.random(in: -4000...4000, using: &random) }
    return rewriter.constant(Tensor([count], values))
  }

  mutating func convolution(
    _ x: Value, channels: Int, kernel: Int? = nil, stride: Int = 1, groups: Int = 1,
    rounding: Rounding
  ) throws -> Value {
    let shape = rewriter.graph[x].shape
    let (h, w) = (kernel ?? number(1...3), kernel ?? number(1...3))
    var op = Conv2D()
    op.pad = [h / 2, (h - 1) / 2, w / 2, (w - 1) / 2]
    op.stride = [stride, stride]
    op.groups = groups
    op.rounding = rounding
    op.minimum = pick([-Float.infinity, 0])
    let filter = weights([channels, h, w, shape[3] / groups], axis: 0)
    return try insert(op, [x, filter, bias(channels)])
  }

  mutating func depthwise(
    _ x: Value, multiplier: Int = 1, stride: Int = 1, rounding: Rounding
  ) throws -> Value {
    let channels: Int = rewriter.graph[x].shape[3] * multiplier
    var op = DepthwiseConv2D()
    op.pad = [1, 1, 1, 1]
    op.stride = [stride, stride]
    op.rounding = rounding
    return try insert(op, [x, weights([1, 3, 3, channels], axis: 3), bias(channels)])
  }

  mutating func fullyConnected(_ x: Value, outputs: Int) throws -> Value {
    let depth: Int = rewriter.graph[x].shape[1]
    var op = FullyConnected()
    op.rounding = .single
    return try insert(op, [x, weights([outputs, depth], axis: 0), bias(outputs)])
  }

  /// Convolution, residual block, pools, mean, classifier, softmax.
  mutating func network(side: Int, channels: Int) throws -> Graph {
    let x = input([1, side, side + number(0...3), number(1...4)])
    let stem = try convolution(x, channels: channels, kernel: 3, rounding: .double)
    let left = try convolution(stem, channels: channels, kernel: 3, rounding: .double)
    var add = Add()
    add.rounding = .double
    let joined = try insert(add, [left, stem])
    let narrow = try depthwise(joined, stride: 2, rounding: .double)
    var pool = MaxPool2D()
    pool.kernel = [3, 3]
    pool.stride = [2, 2]
    pool.pad = [1, 1, 1, 1]
    let pooled = try insertKeeping(pool, [narrow])
    var average = AveragePool2D()
    average.kernel = [2, 3]
    average.pad = [1, 0, 1, 1]
    let smooth = try insertKeeping(average, [pooled])
    var mean = ReduceMean()
    mean.axes = [1, 2]
    mean.rounding = .double
    let averaged = try insert(mean, [try convolution(smooth, channels: 40, kernel: 1, rounding: .single)])
    let flat = try insertKeeping(Reshape(to: [1, 40]), [averaged])
    let logits = try fullyConnected(flat, outputs: 10)
    let location = Location(name: "softmax")
    let result = try rewriter.insert(
      Softmax(), [logits], quantization: [Softmax.outputQuantization(.i8)], at: location)[0]
    return finish([result])
  }

  /// The graph with these results. The maker starts anew.
  mutating func finish(_ results: [Value]) -> Graph {
    rewriter.setResults(results.enumerated().map { (name: "result_\($0)", value: $1) })
    let graph = rewriter.graph
    rewriter = Rewriter()
    return graph
  }
}
